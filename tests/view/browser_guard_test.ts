/**
 * What the guard relies on, in a real Chromium: what a browser sends where, and what it lets other pages do.
 */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { browserTest } from "../helpers/browser.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { ViewServer } from "../helpers/view_page.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { writeOpener } from "../../src/view/view_record.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

browserTest(
  "another port of this machine gets the cookie, but no key, and its page can neither read nor act",
  async (chromium) => {
    using project = new TempProject(DEMO);
    await project.run(["run", "--session", "tally", "--task", "Count words"]);
    await using server = await ViewServer.start(project);
    const browser = await server.open((await project.run(["view"])).stdout.trim());
    const { key, run, asked } = await browser.session();
    await using profile = await chromium.profile();
    // The address comes by a file, as --open has it: from another site.
    const own = await profile.open(pathToFileURL(writeOpener(stateFolder(project.env), server.url)).href);
    await own.getByText("tally").first().waitFor();
    assert.equal(new URL(own.url()).origin, server.origin);
    assert.ok(!/token|key/.test(own.url()), own.url());
    const seat =
      `fetch("/api/seat", { headers: { "x-samocode-key": localStorage["samocode-key"] } }).then((a) => a.json())`;
    assert.deepEqual(await own.evaluate(seat), { mayAct: true, why: "" });

    let sent = "";
    const evil = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      sent += [...request.headers].map((pair) => `${pair.join(": ")}\n`).join("");
      return new Response("<!doctype html><title>dev server</title>", { headers: { "content-type": "text/html" } });
    });
    const page = await profile.open(`http://127.0.0.1:${evil.addr.port}/`);
    assert.match(sent, new RegExp(`samocode_${new URL(server.origin).port}=[0-9a-f]{64}`));
    const stored = await own.evaluate(`localStorage["samocode-key"]`);
    assert.ok(/^[0-9a-f]{64}$/.test(String(stored)) && !sent.includes(String(stored)));
    assert.equal(await page.evaluate(`localStorage.length`), 0);

    // With the stolen cookie, and by the browser itself.
    const [, cookie = ""] = /(samocode_\d+=[0-9a-f]{64})/.exec(sent) ?? [];
    const act = { verb: "answer", run, answers: { Q1: "A", Q2: "A" }, sha256: asked?.sha256 };
    const stolen = await browser.post(`/api/sessions/${key}/acts`, act, { cookie, "x-samocode-key": "" });
    assert.equal(stolen.status, 403);
    const target = `${server.origin}/api/sessions/${key}/acts`;
    const tries = [
      `fetch("${server.origin}/api/sessions", { credentials: "include" }).then((a) => a.text())`,
      `fetch("${target}", { method: "POST", mode: "no-cors", credentials: "include", body: ${
        JSON.stringify(JSON.stringify(act))
      } }).then((a) => a.type + a.status)`,
      `new Promise((done) => { const s = new EventSource("${server.origin}/api/stream", { withCredentials: true }); s.onmessage = () => done("heard"); s.onerror = () => done("closed"); })`,
      `new Promise((done) => { const f = document.createElement("iframe"); f.src = "${server.origin}/"; f.onload = () => done(f.contentDocument ? "read" : "closed"); document.body.append(f); })`,
    ];
    const answers = [];
    for (const tried of tries) answers.push(await page.evaluate(`${tried}.catch((error) => "refused")`));
    assert.deepEqual(answers, ["refused", answers[1], "closed", "closed"]);
    assert.ok(["refused", "opaque0"].includes(String(answers[1])), String(answers[1]));
    await page.setContent(
      `<form method="post" enctype="text/plain" action="${target}"><input name='{"verb":"guide","text":"' value='x"}'></form>`,
    );
    await page.evaluate(`document.forms[0].submit()`);
    await page.getByText("Not from this page").waitFor();
    assert.equal((await browser.session()).needs, "answers");
    assert.ok(!project.events().some(({ type }) => type === "answers.given" || type === "guidance.given"));
    await evil.shutdown();
  },
);
