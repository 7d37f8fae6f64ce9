/**
 * `samocode view` as a process: one for all projects, found again, replaced, on other addresses, ended.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { livingView } from "../../src/view/view_record.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import type { SessionRow, StreamEvents } from "../../src/view/contract.ts";
import { makeTempFolder } from "../helpers/temp_folder.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { ask, ViewServer } from "../helpers/view_page.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

Deno.test("a second view prints an address of the one that runs, and Ctrl-C leaves nothing behind", async () => {
  using project = new TempProject();
  const state = stateFolder(project.env);
  await using server = await ViewServer.start(project);
  const second = await project.run(["view"]);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, new RegExp(`^${server.origin}/\\?token=[0-9a-f]{64}\n$`));
  const [one, other] = [await server.open(), await server.open(second.stdout.trim())];
  assert.notEqual(one.cookie, other.cookie);
  for (const browser of [one, other]) assert.equal((await browser.get("/api/sessions")).status, 200);
  const chosen = await project.run(["view", "--port", "0"]);
  assert.match(chosen.stderr, /Cannot serve the page: process \d+ has been serving it at http.*\n.*kill \d+/);
  assert.equal(chosen.code, 2);
  const heard: string[] = [];
  const hearing = (async () => {
    for await (const { event } of one.hear()) heard.push(event);
  })();
  await until(() => heard.length > 0);
  const begun = performance.now();
  assert.equal((await server.end("SIGINT")).code, 0);
  assert.ok(performance.now() - begun < 5_000);
  await hearing;
  assert.equal(heard.at(-1), "bye");
  assert.equal(livingView(state), undefined);
  const left = [...Deno.readDirSync(join(state, "view"))].filter(({ name }) => !name.startsWith("lock"));
  assert.deepEqual(left, []);
});

Deno.test("a server that was killed is replaced, and lets nobody in with what the earlier one gave", async () => {
  using project = new TempProject();
  await using first = await ViewServer.start(project);
  const before = await first.open();
  const { stdout: unused } = await project.run(["view"]);
  await first.end("SIGKILL");
  const { port } = new URL(first.origin);
  await using next = await ViewServer.start(project, ["--port", port]);
  assert.equal(next.origin, first.origin);
  assert.equal((await before.get("/api/sessions")).status, 401);
  assert.equal((await ask(unused.trim(), { redirect: "manual" })).status, 401);
  const after = await next.open();
  const { status, answer } = await new (after.constructor as typeof import("../helpers/view_page.ts").Browser)(
    after.origin,
    after.cookie,
    before.key,
  ).act("0".repeat(16), { verb: "guide", text: "x" });
  assert.deepEqual([status, answer.error], [403, "This page may show, but not act"]);
});

Deno.test("a person's view takes the place of an agent's", async () => {
  using project = new TempProject({ TMPDIR: "/nowhere" });
  await using agents = await ViewServer.start(project, [], { CLAUDECODE: "1" });
  await using persons = await ViewServer.start(project);
  assert.notEqual((await persons.open()).key, "");
  assert.equal(livingView(stateFolder(project.env))?.holder.pid, persons.pid);
  assert.equal((await agents.end()).code, 0);
});

Deno.test("sessions of all projects are shown, also of one that is new, and one that is renamed or removed goes", async () => {
  using project = new TempProject(DEMO);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const rows = new Map<string, SessionRow>();
  const names = () => [...rows.values()].map(({ session, project }) => `${project}/${session}`).sort();
  const hearing = (async () => {
    for await (const { event, data } of browser.hear()) {
      if (event !== "sessions") continue;
      for (const row of data.rows) rows.set(row.key, row);
      for (const key of data.gone) rows.delete(key);
    }
  })();
  await project.run(["run", "--session", "one", "--task", "Count"]);
  await until(() => names().includes("repo/one"));
  // Another project of the same user, in another place.
  const other = join(project.root, "other");
  for (const name of ["", "app", "worktrees", "sessions"]) Deno.mkdirSync(join(other, name));
  Deno.writeTextFileSync(join(other, ".samocode"), "MAIN_REPO=app\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  await project.run(["trust", "--yes", "--config", join(other, ".samocode")]);
  await project.run(["start", "--session", "two", "--task", "Count", "--config", join(other, ".samocode")]);
  await until(() => names().includes("app/two"));
  await project.run(["rename", "one", "three"]);
  await until(() => names().includes("repo/three") && !names().includes("repo/one"));
  await project.run(["archive", "three"]);
  await until(() => !names().includes("repo/three"));
  assert.deepEqual(names(), ["app/two"]);
  const { rows: all } = await browser.json<StreamEvents["sessions"]>("/api/sessions");
  assert.deepEqual(all.map(({ session }) => session), ["two"]);
  await server.end();
  await hearing;
});

Deno.test("beyond this machine the page needs TLS or a proxy, and says so", async () => {
  using project = new TempProject();
  const refused: readonly (readonly [RegExp, ...string[]])[] = [
    [/Cannot listen on 0\.0\.0\.0: beyond this machine.*\n.*--tls-cert.*--origin/, "--host", "0.0.0.0"],
    [/beyond this machine/, "--host", "::"],
    [/beyond this machine/, "--host", "192.0.2.1", "--origin", "http://localhost"],
    [/needs its key/, "--tls-cert", "x"],
    [/there is no such file/, "--tls-cert", "x", "--tls-key", "y"],
    [/it is not PEM/, "--tls-cert", ".samocode", "--tls-key", ".samocode"],
    [/not an https address/, "--origin", "http://evil.example"],
    [/not an https address/, "--origin", "https://evil.example/path"],
    [/not an https address/, "--origin", "evil"],
    [/is not a port/, "--port", "70000"],
    [/address for it is unknown/, "--host", "0.0.0.0", ...tlsFlags(project.root)],
    [/Cannot listen on 192\.0\.2\.1/, "--host", "192.0.2.1", ...tlsFlags(project.root)],
  ];
  for (const [words, ...flags] of refused) {
    const { code, stderr } = await project.run(["view", ...flags]);
    assert.match(stderr, words);
    assert.equal(code, 2, stderr);
  }
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { stderr } = await project.run(["view", "--port", String((taken.addr as Deno.NetAddr).port)]);
  taken.close();
  assert.match(stderr, /another program does/);
});

Deno.test("with a certificate the page is served by TLS, with a cookie for TLS only", async () => {
  using project = new TempProject();
  const flags = tlsFlags(project.root);
  await using server = await ViewServer.start(project, flags);
  assert.match(server.origin, /^https:\/\/127\.0\.0\.1:\d+$/);
  const caCerts = [Deno.readTextFileSync(join(project.root, "cert.pem"))];
  using client = Deno.createHttpClient({ caCerts });
  const entered = await ask(server.url, { redirect: "manual", client });
  const cookie = entered.headers.get("set-cookie") ?? "";
  assert.match(cookie, /; Secure$/);
  const own = { cookie: cookie.split(";")[0] ?? "" };
  assert.equal((await ask(`${server.origin}/api/sessions`, { client, headers: own })).status, 200);
  await assert.rejects(() => ask(`http://127.0.0.1:${new URL(server.origin).port}/`));
});

Deno.test("behind a proxy the page is called by the proxy's name only", async () => {
  using project = new TempProject();
  const origin = "https://samocode.example";
  const port = freePort();
  await using server = await ViewServer.start(project, ["--port", String(port), "--origin", origin]);
  assert.equal(server.origin, origin);
  const { search } = new URL(server.url);
  const askAs = async (path: string, host: string, ...more: string[]) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const lines = [`GET ${path} HTTP/1.1`, `host: ${host}`, ...more, "connection: close", "", ""];
    await connection.write(new TextEncoder().encode(lines.join("\r\n")));
    return await new Response(connection.readable).text();
  };
  assert.match(await askAs(`/${search}`, `127.0.0.1:${port}`), /^HTTP\/1\.1 403 [\s\S]*https:\/\/samocode\.example/);
  const entered = await askAs(`/${search}`, "samocode.example");
  assert.match(entered, /^HTTP\/1\.1 303 [\s\S]*set-cookie: samocode_443=[0-9a-f]{64}; .*; Secure\r\n/i);
  const [, cookie = ""] = /set-cookie: ([^;]+)/i.exec(entered) ?? [];
  const asked = await askAs("/api/sessions", "samocode.example", `cookie: ${cookie}`, "sec-fetch-site: same-origin");
  assert.match(asked, /^HTTP\/1\.1 200 /);
  assert.match(
    await askAs("/api/sessions", "samocode.example", `cookie: ${cookie}`, `origin: http://127.0.0.1:${port}`),
    / 403 /,
  );
});

Deno.test("--open hands a browser a file that only the person can read, and no token", async () => {
  using project = new TempProject();
  const bin = makeTempFolder();
  const seen = join(bin, "seen");
  Deno.writeTextFileSync(
    join(bin, "xdg-open"),
    `#!/bin/sh\necho "$@" >${seen}; stat -c %a "$1" >>${seen}; cat "$1" >>${seen}\n`,
    {
      mode: 0o755,
    },
  );
  const env = { PATH: `${bin}:${project.env["PATH"]}`, DISPLAY: ":0" };
  await using server = await ViewServer.start(project, ["--open"], env);
  await until(() => /refresh/.test(tryRead(seen)));
  const [argument = "", mode, html = ""] = tryRead(seen).split("\n");
  assert.match(argument, /\/view\/open\.html$/);
  assert.deepEqual([mode, html.includes(`url=${server.url}"`)], ["600", true]);
  await server.end();
  assert.equal(tryRead(argument), "");
  Deno.removeSync(bin, { recursive: true });
});

function tryRead(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error("it did not come to that");
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Makes a certificate for this machine. */
function tlsFlags(folder: string): readonly string[] {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  if (tryRead(cert) === "") {
    const subject = [
      "-subj",
      "/CN=127.0.0.1",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
    ];
    const files = ["-keyout", key, "-out", cert, "-days", "2", "-nodes"];
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", ...files, ...subject];
    const { success, stderr } = new Deno.Command("openssl", { args }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }
  return ["--tls-cert", cert, "--tls-key", key];
}
