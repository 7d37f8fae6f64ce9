import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../../src/system/pause.ts";
import { McpClient } from "../mcp/mcp_client.ts";
import { hostileProject } from "../helpers/hostile_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";

/** A key of the agent's, a service's key with characters that JSON and URLs escape, and a channel's token in a file. */
const SECRETS = {
  ANTHROPIC_API_KEY: "sk-ant-api03-FbQ2vWc8Xz1Lk9Jh7Gf5Ds3Aa_Pp0Oo-Ii6Uu",
  AWS_SECRET_ACCESS_KEY: 'wJalrXUt"nFEMI/K7MD\\ENG+bPxRfiCYz',
  TELEGRAM_BOT_TOKEN: "123456789:AAHkq-Zc0d1e2f3g4h5i6j7k8l9m0",
} as const;
/** What they look like in base64, wherever they begin. */
const ENCODED = Object.values(SECRETS).flatMap((secret) =>
  [0, 1, 2].map((shift) => btoa("x".repeat(shift) + secret).slice(2, -4))
);

/** Says each secret in each way, on both streams, in events and in the signal. */
const CHATTER = `
key=$ANTHROPIC_API_KEY; aws=$AWS_SECRET_ACCESS_KEY; bot=$(sed -n 's/^TELEGRAM_BOT_TOKEN=//p' "$root/.env")
escaped=$(printf %s "$aws" | sed 's/[\\\\"]/\\\\&/g')
for secret in "$key" "$escaped" "$bot"; do
  printf '{"type":"assistant","message":{"content":[{"type":"text","text":"It is %s."}]}}\\n' "$secret"
  printf '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"curl -H x:%s"}}]}}\\n' "$secret"
done
printf '{"type":"assistant","message":{"content":[{"type":"text","text":"Basic %s"}]}}\\n' "$(printf 'u:%s' "$key" | base64 -w0)"
printf 'no JSON: %s %s\\n' "$key" "$aws" "$(printf %s "$bot" | base64)"
printf 'stderr: %s\\n' "$key" "$aws" "$bot" >&2
printf %s "$key" > "$folder/seen"
`;

const BLOCKED = `printf '{"status":"blocked","reason":"Needs %s","needs":"clarification"}' "$key" > "$SAMOCODE_SIGNAL"`;

const NEVER = new AbortController().signal;

for (const how of ["run", "start"]) {
  Deno.test(`samocode ${how} writes no secret: logs, journal, terminal, messages, status and MCP replies`, async () => {
    const messages: string[] = [];
    await using telegram = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      messages.push(await request.text());
      return Response.json({ ok: true });
    });
    using project = chattering(BLOCKED, telegram.addr.port);
    const printed = [await project.run([how, "--session", "own", "--task", `Use ${SECRETS.ANTHROPIC_API_KEY}`])];
    await project.until((events) => events.some(({ type }) => type === "session.stopped"));
    for (const args of [["status", "own", "--json"], ["status", "own"], ["logs", "own"], ["list", "--json"]]) {
      printed.push(await project.run(args));
    }
    const told = await overMcp(project);
    for (const { stdout } of printed.slice(1)) assert.ok(stdout.length > 0);
    assert.match(`${printed[1]?.stdout}`, /Needs \[secret\]\*+/);
    assert.match(told, /Needs \[secret\]\*+/);
    // The listener tells in its own time.
    for (let waits = 0; waits < 300 && !messages.join().includes("Needs"); waits++) await pause(100, NEVER);
    assert.match(messages.join(), /Needs \[secret\]\*+/);
    checkNoSecret("what was printed", JSON.stringify(printed) + printed.map(({ stdout }) => stdout).join());
    checkNoSecret("an MCP reply", told);
    checkNoSecret("a message", messages.join());
    checkFiles(project);
    const raw = rawLog(project);
    const lines = raw.split("\n").filter((line) => line.startsWith("{"));
    assert.ok(lines.length >= 8);
    for (const line of lines) JSON.parse(line);
  });
}

Deno.test("what a killed worker left in a raw log is masked by the next run", async () => {
  using project = chattering(`if [ -e "$root/killed" ]; then ${BLOCKED}; else touch "$root/killed"; sleep 300; fi`, 9);
  const worker = project.start(["run", "--session", "own", "--task", "Work"]);
  await project.untilFile("seen");
  await project.until((events) => events.filter(({ type }) => type === "agent.said").length === 4);
  worker.kill("SIGKILL");
  await worker.output();
  assert.equal((await project.run(["run", "--session", "own"])).code, 20);
  checkFiles(project);
});

function chattering(end: string, port: number): TempProject {
  const { TELEGRAM_BOT_TOKEN: token, ...env } = SECRETS;
  const project = hostileProject(CHATTER + end, {
    ...env,
    TELEGRAM_CHAT_ID: "7",
    TELEGRAM_API_BASE: `http://127.0.0.1:${port}`,
  });
  Deno.writeTextFileSync(join(project.root, ".env"), `TELEGRAM_BOT_TOKEN=${token}\n`, { append: true });
  project.trust();
  return project;
}

async function overMcp(project: TempProject): Promise<string> {
  await using client = await McpClient.connect(project, { env: project.env });
  await client.call("read_status", { session: "own" });
  return client.lines.join("\n");
}

/** Checks all that is in the session's folder, the state and the cache; what the agent itself wrote shows that it knew. */
function checkFiles(project: TempProject): void {
  assert.equal(Deno.readTextFileSync(join(project.sessionFolder(), "seen")), SECRETS.ANTHROPIC_API_KEY);
  const folders = ["sessions", "home/.local", "home/.cache"].map((name) => join(project.root, name));
  const files = folders.flatMap(filesBelow).filter((path) => !/\/(?:seen|_signal\.json)$/.test(path));
  assert.ok(files.some((path) => path.endsWith(".stderr")) && files.some((path) => path.endsWith("session.log")));
  for (const path of files) checkNoSecret(path, new TextDecoder().decode(Deno.readFileSync(path)));
}

function checkNoSecret(where: string, text: string): void {
  for (const secret of Object.values(SECRETS)) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), secret.slice(0, 20)]) {
      assert.ok(!text.includes(form), `${where} has ${form}`);
    }
  }
  for (const form of ENCODED) assert.ok(!text.includes(form), `${where} has ${form}`);
}

function rawLog(project: TempProject): string {
  const [log = ""] = filesBelow(join(project.sessionFolder(), "_logs")).filter((path) => path.endsWith(".jsonl"));
  return Deno.readTextFileSync(log);
}

function filesBelow(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
      isDirectory ? filesBelow(join(folder, name)) : isFile ? [join(folder, name)] : []
    );
  } catch {
    return [];
  }
}
