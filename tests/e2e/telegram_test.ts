import assert from "node:assert/strict";
import { join } from "node:path";
import { readListenerRecord } from "../../src/session/listener_record.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "tally", "--provider", "demo", "--task", "Count <b>words</b> & more"];
const TOKEN = "12345:not-a-real-token";

Deno.test("a failing Telegram delays no session; status and doctor report it, and its token appears nowhere", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("no", { status: 401 }),
  );
  using project = new TempProject({
    SAMOCODE_DEMO_PACE: "0",
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_CHAT_ID: "7",
    TELEGRAM_API_BASE: `http://127.0.0.1:${server.addr.port}`,
  });
  const { code, stdout, stderr } = await project.run(RUN);
  assert.equal(code, 10, stdout + stderr);
  const state = stateFolder(project.env);
  while (!readListenerRecord(state)?.undelivered.some(({ title }) => title.includes("asks"))) {
    await new Promise((wake) => setTimeout(wake, 50));
  }
  const status = await project.run(["status", "tally"]);
  assert.match(status.stdout.replaceAll(/\s+/g, " "), /not delivered on Telegram since .*: tally asks/);
  const doctor = await project.run(["doctor"]);
  assert.match(doctor.stdout.replaceAll(/\s+/g, " "), /Process \d+ has been listening since .*: Telegram/);
  assert.match(doctor.stdout.replaceAll(/\s+/g, " "), /Not delivered on Telegram since .*: tally/);
  const folders = [join(state, "listener"), project.sessionFolder()];
  const files = folders.flatMap(filesIn);
  assert.ok(files.length > 8, `${files}`);
  const all = [stdout, stderr, status.stdout, doctor.stdout, ...files.map((path) => Deno.readTextFileSync(path))];
  for (const text of all) assert.ok(!text.includes(TOKEN), text.slice(0, 200));
});

function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
    isDirectory ? filesIn(join(folder, name)) : isFile ? [join(folder, name)] : []
  );
}
