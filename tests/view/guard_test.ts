/**
 * Who may talk to the page: what browsers, other pages, other programs and agents try, by real connections.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { HEADERS } from "../../src/view/answers.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { ask, Browser, ViewServer } from "../helpers/view_page.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };
const BEGIN = ["run", "--session", "tally", "--task", "Count words"];

/** Sends bytes as they are: fetch chooses some headers itself. */
async function raw(origin: string, head: readonly string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(origin);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [...head, "connection: close", ...(body === "" ? [] : [`content-length: ${body.length}`]), "", body];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text();
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

Deno.test("the page lets in who has its address, once, and leaves nothing of it in the browser's address", async () => {
  using project = new TempProject();
  await using server = await ViewServer.start(project);
  const entered = await ask(server.url, { redirect: "manual" });
  assert.equal(entered.status, 303);
  const port = new URL(server.origin).port;
  assert.match(
    entered.headers.get("set-cookie") ?? "",
    new RegExp(`^samocode_${port}=[0-9a-f]{64}; HttpOnly; SameSite=Strict; Path=/$`),
  );
  assert.match(entered.headers.get("location") ?? "", /^\/#code=[0-9a-f]{64}$/);
  const again = await ask(server.url, { redirect: "manual" });
  assert.equal(again.status, 401);
  assert.match(await again.text(), /was used, .*Type samocode view/);
  // Whoever is in already may load it again.
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  // What a browser's history keeps is worth nothing.
  const [, code = ""] = (entered.headers.get("location") ?? "").split("=");
  assert.equal(await new Browser(server.origin, "", "").keyFor(code), "");
  const browser = new Browser(server.origin, cookie, "");
  assert.equal(await browser.keyFor(code, "a key that can be guessed"), "");
  const key = await browser.keyFor(code);
  assert.notEqual(key, "");
  assert.deepEqual([await browser.keyFor(code), await browser.keyFor(key)], ["", ""]);
  assert.equal(await browser.keyFor(code, key), key, "asked again by a page that was reloaded meanwhile");
  const reloaded = await ask(server.url, { redirect: "manual", headers: { cookie } });
  assert.deepEqual([reloaded.status, reloaded.headers.get("location")], [303, "/"]);
  assert.equal((await ask(`${server.origin}/?token=${"0".repeat(64)}`)).status, 401);
});

Deno.test("a browser that looks ahead uses no address up", async () => {
  using project = new TempProject();
  await using server = await ViewServer.start(project);
  for (const header of ["sec-purpose", "purpose"]) {
    assert.equal((await ask(server.url, { redirect: "manual", headers: { [header]: "prefetch" } })).status, 403);
  }
  assert.equal((await ask(server.url, { redirect: "manual" })).status, 303);
});

Deno.test("every answer has the headers, the shell has nothing of a session, and nothing else is served without the cookie", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key } = await browser.session();
  const paths = ["/", "/page.js", "/page.css", "/nothing", "/api/sessions", `/api/sessions/${key}/journal`];
  for (const path of paths) {
    const { headers } = await browser.get(path);
    for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers.get(name), value, `${path} ${name}`);
  }
  const shell = await (await ask(`${server.origin}/`)).text();
  assert.ok(!shell.includes("tally") && !/<script(?![^>]*\bsrc=)|<style|\son\w+=|style=/.test(shell), shell);
  const shut = ["/api/sessions", "/api/stream", "/api/seat", `/api/sessions/${key}`, `/api/sessions/${key}/journal`];
  for (const path of [...shut, "/nothing", "/.samocode", "/page/page.js", "//page.js"]) {
    const response = await ask(`${server.origin}${path}`);
    assert.deepEqual([path, response.status], [path, 401]);
    assert.ok(!(await response.text()).includes("tally"));
  }
});

Deno.test("foreign names, pages, sites, cookies, methods and forms are refused", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key, run, asked } = await browser.session();
  const { host, port } = new URL(server.origin);
  const own = [`cookie: ${browser.cookie}`, `x-samocode-key: ${browser.key}`];
  const get = (...lines: string[]) => ["GET /api/sessions HTTP/1.1", ...lines];
  const refused: Readonly<Record<string, readonly [number, readonly string[]]>> = {
    "rebinding": [403, get(`host: evil.example:${port}`, ...own)],
    "another name of this machine": [403, get(`host: localhost:${port}`, ...own)],
    "another port": [403, get("host: 127.0.0.1:1", ...own)],
    "a name that begins alike": [403, get(`host: ${host}.evil.example`, ...own)],
    "a foreign origin": [403, get(`host: ${host}`, "origin: https://evil.example", ...own)],
    "no origin": [403, get(`host: ${host}`, "origin: null", ...own)],
    "another port's page": [403, get(`host: ${host}`, "sec-fetch-site: same-site", ...own)],
    "a foreign site": [403, get(`host: ${host}`, "sec-fetch-site: cross-site", ...own)],
    "no cookie": [401, get(`host: ${host}`)],
    "a wrong cookie": [401, get(`host: ${host}`, `cookie: samocode_${port}=${"0".repeat(64)}`)],
    "the cookie of another server": [401, get(`host: ${host}`, `cookie: ${browser.cookie.replace(port, "1")}`)],
    "a key instead of a cookie": [401, get(`host: ${host}`, `cookie: samocode_${port}=${browser.key}`)],
    "another method": [405, ["PUT /api/sessions HTTP/1.1", `host: ${host}`, ...own]],
    "CORS": [405, ["OPTIONS /api/sessions HTTP/1.1", `host: ${host}`, "origin: https://evil.example", ...own]],
  };
  for (const [what, [status, head]] of Object.entries(refused)) {
    const answer = await raw(server.origin, head);
    assert.deepEqual([what, statusOf(answer)], [what, status]);
    assert.ok(!answer.includes("tally") && !/access-control/i.test(answer), answer);
  }
  assert.equal(statusOf(await raw(server.origin, get(`host: ${host}`, ...own))), 200);
  const act = JSON.stringify({ verb: "answer", run, answers: { Q1: "A", Q2: "A" }, sha256: asked?.sha256 });
  const post = (...lines: string[]) => [`POST /api/sessions/${key}/acts HTTP/1.1`, ...lines];
  const origin = `origin: ${server.origin}`;
  const json = "content-type: application/json";
  const acts: Readonly<Record<string, readonly [number, readonly string[]]>> = {
    "a form": [403, post(`host: ${host}`, origin, "content-type: application/x-www-form-urlencoded", ...own)],
    "a form with plain text": [403, post(`host: ${host}`, origin, "content-type: text/plain", ...own)],
    "no type": [403, post(`host: ${host}`, origin, ...own)],
    "a type that only begins so": [403, post(`host: ${host}`, origin, "content-type: application/jsonp", ...own)],
    "no origin": [403, post(`host: ${host}`, json, ...own)],
    "a foreign origin": [403, post(`host: ${host}`, json, "origin: https://evil.example", ...own)],
    "a page on another port": [403, post(`host: ${host}`, json, "origin: http://127.0.0.1:1", ...own)],
    "a foreign site": [403, post(`host: ${host}`, json, origin, "sec-fetch-site: cross-site", ...own)],
    "no cookie": [401, post(`host: ${host}`, json, origin, `x-samocode-key: ${browser.key}`)],
    // A browser sends a cookie to every port of a machine: it alone does nothing.
    "the cookie alone": [403, post(`host: ${host}`, json, origin, `cookie: ${browser.cookie}`)],
    "a wrong key": [403, post(`host: ${host}`, json, origin, own[0] ?? "", `x-samocode-key: ${"0".repeat(64)}`)],
    "the cookie as key": [
      403,
      post(`host: ${host}`, json, origin, own[0] ?? "", `x-samocode-key: ${browser.cookie.split("=")[1]}`),
    ],
  };
  for (const [what, [status, head]] of Object.entries(acts)) {
    assert.deepEqual([what, statusOf(await raw(server.origin, head, act))], [what, status]);
  }
  assert.equal((await browser.session()).needs, "answers");
  assert.ok(!project.events().some(({ type }) => type === "answers.given"));
});

Deno.test("bodies are bounded in size, and what is no JSON is refused", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key } = await browser.session();
  const path = `/api/sessions/${key}/acts`;
  for (const body of ["", "{", "null", "[]", '"x"', "\xff", '{"verb":"guide","text":"a","__proto__":{}}x']) {
    assert.deepEqual([body, (await browser.post(path, body)).status], [body, 400]);
  }
  const acts = [`/api/sessions/${key}`, "/api/sessions/../acts", "/", "/api/stream", "/api/seat", `${path}/more`];
  for (const path of acts) assert.deepEqual([path, (await browser.post(path, {})).status], [path, 404]);
  const huge = JSON.stringify({ verb: "guide", text: "x".repeat(2 * 1024 * 1024) });
  // The server may close the connection before all of it was sent.
  assert.equal(await browser.post(path, huge).then(({ status }) => status, () => 413), 413);
  assert.ok(!project.events().some(({ type }) => type === "guidance.given"));
});

Deno.test("a page that an agent started shows, and takes no acts; it gets no address of a person's", async () => {
  // What an agent does wholly in its own temporary folder is its own affair.
  using project = new TempProject({ ...DEMO, TMPDIR: "/nowhere" });
  await project.run(BEGIN);
  const agent = { CLAUDECODE: "1", CLAUDE_CODE_CHILD_SESSION: "1" };
  await using own = await ViewServer.start(project, [], agent);
  const browser = await own.open();
  assert.equal(browser.key, "");
  const { key, run, asked } = await browser.session();
  const seat = await browser.json<{ mayAct: boolean; why: string }>("/api/seat");
  assert.deepEqual([seat.mayAct, /an agent started it/.test(seat.why)], [false, true]);
  const act = { verb: "answer", run, answers: { Q1: "A", Q2: "A" }, sha256: asked?.sha256 };
  for (const tried of [browser.key, browser.cookie.split("=")[1] ?? "", own.url.split("=")[1] ?? ""]) {
    const { status, answer } = await browser.act(key, act);
    assert.deepEqual([status, /an agent started it/.test(answer.error)], [403, true]);
    const other = await browser.post(`/api/sessions/${key}/acts`, act, { "x-samocode-key": tried });
    assert.equal(other.status, 403);
  }
  assert.match((await own.end()).said, /An agent started this: the page shows, and takes no decisions/);

  await using persons = await ViewServer.start(project);
  const { stdout, stderr, code } = await project.run(["view"], agent);
  assert.deepEqual([code, stdout], [0, `${persons.origin}/\n`]);
  assert.match(stderr, /takes no decisions/);
  const state = join(project.root, "home", ".local", "state", "samocode", "view");
  const kept = ["tokens", "view.json"].map((name) => Deno.readTextFileSync(join(state, name))).join("");
  // What is on the disk lets nobody in.
  for (const [word = ""] of kept.matchAll(/[0-9a-f]{64}/g)) {
    assert.equal((await ask(`${persons.origin}/?token=${word}`)).status, 401);
  }
  assert.ok(!kept.includes(persons.url.split("=")[1] ?? "?"));
  assert.equal((Deno.statSync(join(state, "tokens")).mode ?? 0) & 0o777, 0o600);
  assert.ok(!project.events().some(({ type }) => type === "answers.given"));
});
