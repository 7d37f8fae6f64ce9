import assert from "node:assert/strict";
import { join } from "node:path";
import { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "tally", "--provider", "demo", "--task", "Count <b>words</b> & more"];
const TOKEN = "12345:not-a-real-token";

Deno.test("Telegram is told when it is the person's turn, and its token stands nowhere", async () => {
  const messages: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    assert.equal(new URL(request.url).pathname, `/bot${TOKEN}/sendMessage`);
    const { chat_id: chat, text } = await request.json();
    assert.equal(chat, "7");
    messages.push(text);
    return Response.json({ ok: true });
  });
  using project = new TempProject(environment(server.addr.port));
  assert.equal((await project.run(RUN)).code, 10);
  assert.equal(messages.length, 1, messages.join("\n"));
  assert.match(messages[0] ?? "", /waiting for you/);
  assert.equal((await project.run(["answer", "tally", "--accept-suggestions"])).code, 0);
  assert.equal((await project.run(["run", "tally", "--provider", "demo"])).code, 10);
  assert.equal((await project.approve("tally")).code, 0);
  assert.equal((await project.run(["run", "tally", "--provider", "demo"])).code, 0);
  assert.equal(messages.length, 3, messages.join("\n"));
  assert.match(messages[2] ?? "", /done/);
  for (const name of ["_journal.jsonl", "session.log", "_overview.md"]) {
    assert.ok(!Deno.readTextFileSync(join(project.sessionFolder(), name)).includes(TOKEN), `${name} holds no token`);
  }
});

Deno.test("a Telegram that refuses is told once in the record, and the session goes on", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("no", { status: 401 }),
  );
  using project = new TempProject(environment(server.addr.port));
  const { code, stdout, stderr } = await project.run(RUN);
  assert.equal(code, 10, stdout + stderr);
  const failures = project.events().flatMap((event) => event.type === "listener.failed" ? [event] : []);
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.listener, "telegram");
  assert.match(failures[0]?.detail ?? "", /401/);
  assert.ok(!(stdout + stderr).includes(TOKEN));
});

function environment(port: number): Readonly<Record<string, string>> {
  return {
    SAMOCODE_DEMO_PACE: "0",
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_CHAT_ID: "7",
    TELEGRAM_API_BASE: `http://127.0.0.1:${port}`,
  };
}
