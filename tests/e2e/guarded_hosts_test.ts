import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { GUARDED, guardedProject, guardTest, NO_GUARD, USERS } from "../helpers/guarded_project.ts";
import { NpmRegistry } from "../helpers/npm_registry.ts";
import { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "x", "--task", "Anything"];
const BLOCKED = '{"status":"blocked","reason":"Done","needs":"clarification"}';

/** An agent in Deno, which must not find a way past the list. */
const AGENT = `"$(dirname "$0")/deno" run -A --no-config "$(dirname "$0")/try.ts" 2>&1
echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
printf '${BLOCKED}' > "$SAMOCODE_SIGNAL"; exit 7`;

/** Says `OPEN name` for each way that leads out. */
const TRY = `import { createSocket } from "node:dgram";
const { listed, hidden, udp, name } = JSON.parse(Deno.readTextFileSync(new URL("ports.json", import.meta.url)));
const tell = async (way, attempt) => {
  try { if (await attempt() !== false) console.log("OPEN " + way); } catch { /* closed */ }
};
const text = async (url) => { const answer = await fetch(url); return answer.ok && (await answer.text()) === "served"; };
async function say(options, said) {
  using connection = await Deno.connect(options);
  await connection.write(new TextEncoder().encode(said));
  const buffer = new Uint8Array(9999);
  let heard = "";
  for (let count; (count = await connection.read(buffer)) !== null;) heard += new TextDecoder().decode(buffer.subarray(0, count));
  return heard.includes("served");
}
const proxy = new URL(Deno.env.get("HTTP_PROXY"));
const over = { hostname: proxy.hostname, port: Number(proxy.port) };
const socket = { transport: "unix", path: "/run/samocode.sock" };
const GET = "GET / HTTP/1.0\\r\\n\\r\\n";
await tell("listed at its own place", () => text("http://localhost:" + listed));
await tell("listed through a tunnel", () => say(over, "CONNECT localhost:" + listed + " HTTP/1.1\\r\\n\\r\\n" + GET));
await tell("listed by a plain request", () => say(over, "GET http://localhost:" + listed + "/ HTTP/1.1\\r\\n\\r\\n"));
await tell("listed by the socket", () => say(socket, "CONNECT localhost:" + listed + " HTTP/1.1\\r\\n\\r\\n" + GET));
await tell("BAD unlisted port", () => text("http://localhost:" + hidden));
await tell("BAD unlisted name", () => text("http://unlisted.test/"));
await tell("BAD listed name of this machine", () => text("http://" + name + ":" + hidden));
await tell("BAD raw", () => Deno.connect({ hostname: "127.0.0.1", port: hidden }).then(() => true));
await tell("BAD raw 6", () => Deno.connect({ hostname: "::1", port: hidden }).then(() => true));
await tell("BAD address", () => Deno.connect({ hostname: "192.0.2.1", port: 80 }).then(() => true));
await tell("BAD DNS", () => Deno.resolveDns("example.org", "A").then(() => true));
for (const to of [over, socket]) {
  for (const line of [
    "CONNECT 127.0.0.1:HIDDEN HTTP/1.1\\r\\n\\r\\n", "CONNECT [::1]:HIDDEN HTTP/1.1\\r\\n\\r\\n", "CONNECT 0x7f.1:HIDDEN HTTP/1.1\\r\\n\\r\\n",
    "CONNECT localhost:HIDDEN HTTP/1.1\\r\\nHost: localhost:LISTED\\r\\n\\r\\n", "CONNECT localhost:LISTED@localhost:HIDDEN HTTP/1.1\\r\\n\\r\\n",
    "CONNECT localhost:HIDDEN\\tHTTP/1.1\\r\\n\\r\\n", "GET http://localhost:LISTED@localhost:HIDDEN/ HTTP/1.1\\r\\n\\r\\n",
  ]) {
    await tell("BAD " + line, () => say(to, line.replaceAll("HIDDEN", hidden).replaceAll("LISTED", listed) + GET));
  }
}
await tell("BAD flood", () => say(socket, "CONNECT localhost:" + hidden + " HTTP/1.1\\r\\n" + "X: y\\r\\n".repeat(20000) + "\\r\\n" + GET));
const datagram = createSocket("udp4");
await new Promise((resolve) => datagram.send("served", udp, "127.0.0.1", resolve));
datagram.close();
console.log("PROXIES", ["https_proxy", "NO_PROXY", "NODE_USE_ENV_PROXY"].map((each) => Deno.env.has(each)).join());
console.log("KEY", Deno.env.get("ANTHROPIC_API_KEY"));
`;

const WAYS = ["at its own place", "through a tunnel", "by a plain request", "by the socket"];

for (const user of USERS) {
  guardTest(`a guarded agent reaches listed hosts and no others, and these are named, as ${user}`, async () => {
    const serve = (hostname: string, port = 0) =>
      Deno.serve({ hostname, port, onListen: () => {} }, () => new Response("served"));
    await using listed = serve("127.0.0.1");
    await using hidden = serve("127.0.0.1");
    const udp = createSocket("udp4");
    let datagrams = 0;
    udp.on("message", () => datagrams++);
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    const name = Deno.hostname();
    const ports = { listed: listed.addr.port, hidden: hidden.addr.port, udp: udp.address().port, name };
    const list = `localhost:${ports.listed},*.example.org,${name}:${ports.hidden}`;
    const env = { SAMOCODE_GUARD_NETWORK: list, ANTHROPIC_API_KEY: "of the agent", SAMOCODE_GUARD: "require" };
    using project = await guardedProject({ agent: AGENT, user, withDeno: true, env });
    Deno.writeTextFileSync(join(project.root, "try.ts"), TRY);
    Deno.writeTextFileSync(join(project.root, "ports.json"), JSON.stringify(ports));

    const { code, stdout, stderr } = await project.run(RUN);
    udp.close();
    assert.equal(code, 20, stdout + stderr);
    const logs = join(project.sessionFolder(), "_logs");
    const log = [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
    assert.deepEqual(log.match(/^OPEN .*/gm), WAYS.map((way) => `OPEN listed ${way}`), log);
    assert.match(log, /^PROXIES true,true,true\nKEY \[secret\]\*+$/m);
    assert.equal(datagrams, 0);

    const shown =
      `guarded by bubblewrap, no network but localhost:${ports.listed}, *.example.org, ${name}:${ports.hidden} and its own model`;
    assert.ok(stdout.includes(shown), stdout);
    const status = await project.run(["status", "x"]);
    assert.ok(status.stdout.replaceAll(/\s+/g, " ").includes(shown), status.stdout);
    const refused = project.events().flatMap((event) => event.type === "hosts.refused" ? event.hosts : []);
    assert.deepEqual(
      [...refused].sort(),
      [
        "127.0.0.1",
        "[::1]",
        "localhost",
        name,
      ].map((host) => `${host}:${ports.hidden}`).concat("unlisted.test:80").sort(),
    );
    assert.match(
      stdout,
      /The guard refused the agent .*unlisted\.test:80.* · allow hosts with SAMOCODE_GUARD_NETWORK/s,
    );
  });
}

guardTest(
  "an agent behind a list of hosts hears Ctrl-C before its bridge ends, and its exit code is kept",
  async () => {
    const waits = `trap 'sleep 0.3; echo STOPPED; exit 0' INT
echo '{"type":"system","subtype":"init","model":"m"}'; while :; do sleep 0.05; done`;
    const env = { SAMOCODE_GUARD_NETWORK: "example.org" };
    using project = await guardedProject({ agent: waits, user: "root", env });
    const started = project.start(RUN);
    await project.until((events) => events.some(({ type }) => type === "agent.started"));
    started.kill("SIGINT");
    const { code } = await started.output();
    assert.equal(code, 130);
    const logs = join(project.sessionFolder(), "_logs");
    const log = () => [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
    assert.match(log(), /^STOPPED$/m);

    Deno.writeTextFileSync(join(project.root, "agent.sh"), "#!/bin/sh\nexit 7\n");
    await project.run(["run", "x"]);
    const ends = project.events().flatMap((event) => event.type === "iteration.ended" ? [event.end] : []);
    assert.deepEqual(ends.map((end) => "exitCode" in end ? end.exitCode : end.kind), ["aborted", 7]);
  },
);

guardTest("a list that would cut the agent off from its model is refused at the start", async () => {
  using project = await guardedProject({ agent: AGENT, user: "root" });
  const env = { SAMOCODE_GUARD_NETWORK: "example.org", ANTHROPIC_BASE_URL: "https://llm.example.net/v1" };
  for (const command of ["run", "start"]) {
    const { code, stderr } = await project.run([command, ...RUN.slice(1)], env);
    assert.notEqual(code, 0);
    assert.match(stderr, /Claude Code needs llm\.example\.net \(ANTHROPIC_BASE_URL\)\n +Add llm\.example\.net to/);
  }
  const doctor = await project.run(["doctor"], { SAMOCODE_GUARD_NETWORK: "https://example.org" });
  assert.match(doctor.stdout, /SAMOCODE_GUARD_NETWORK: "https:\/\/example\.org" is not a host/);
});

const BLOCK = { write: { path: "{{S}}/_signal.json", content: BLOCKED } };

/** A conversation in which the real client runs these commands, then leaves. The context is in the named part. */
function scenario(part: "system" | "prompt", commands: readonly string[]): object {
  return {
    strict: true,
    extract: { [part]: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
    rules: [{
      name: "work",
      when: { [part]: "^\\*\\*Phase:\\*\\* investigation$" },
      steps: [...commands.map((bash) => ({ tools: [{ bash }] })), { tools: [BLOCK] }, { text: "Done." }],
    }],
  };
}

if (NO_GUARD !== undefined) {
  Deno.test({ name: `the clients behind a list of hosts (skipped: ${NO_GUARD})`, ignore: true, fn: () => {} });
} else {
  clientTest("the real claude works through a list of hosts, and npm installs", "claude", async (found) => {
    await using registry = new NpmRegistry();
    const packed = join(registry.env["HOME"] ?? "", "dep-1.0.0.tar.gz");
    const make =
      `mkdir dep-1.0.0 && printf '{"name":"dep","version":"1.0.0"}' > dep-1.0.0/package.json && tar -czf ${packed} dep-1.0.0`;
    new Deno.Command("sh", { args: ["-c", make], cwd: registry.env["HOME"] ?? "" }).outputSync();
    registry.publish(packed);
    const { host } = new URL(registry.url);
    const install = (url: string) =>
      `cd "{{S}}" && npm install dep --no-audit --no-fund --fetch-retries=0 --registry=${url} >> npm.txt 2>&1`;
    await using model = await startFakeModel(
      found.fakeModel,
      scenario("system", [install(registry.url), install("http://unlisted.test")]),
    );
    const SAMOCODE_GUARD_NETWORK = `${new URL(model.url).host},${host}`;
    using project = new TempProject({ ...claudeEnvironment(found.path, model), ...GUARDED, SAMOCODE_GUARD_NETWORK });
    const { code, stdout, stderr } = await project.run(RUN);
    assert.equal(code, 20, stdout + stderr);
    const said = Deno.readTextFileSync(join(project.sessionFolder(), "npm.txt"));
    assert.match(said, /added 1 package/);
    assert.match(stdout, /The guard refused the agent unlisted\.test:80/);
  });

  clientTest("the real codex works through a list of hosts", "codex", async (found) => {
    await using model = await startFakeModel(
      found.fakeModel,
      scenario("prompt", ["git commit --allow-empty -qm Work"]),
    );
    const SAMOCODE_GUARD_NETWORK = new URL(model.url).host;
    using project = new CodexProject(found, model, { ...GUARDED, SAMOCODE_GUARD_NETWORK });
    const { code, stdout, stderr } = await project.run(RUN);
    assert.equal(code, 20, stdout + stderr);
    assert.equal(project.git("log", "-1", "--format=%s", "x"), "Work");
    const other = await project.run(["run", "x"], { SAMOCODE_GUARD_NETWORK: "example.org" });
    assert.match(other.stderr, /Codex needs 127\.0\.0\.1:\d+ \(\S+config\.toml\)/);
  });
}
