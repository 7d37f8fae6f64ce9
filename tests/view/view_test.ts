import assert from "node:assert/strict";
import { TempProject } from "../helpers/temp_project.ts";
import { ViewServer } from "../helpers/view_page.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

Deno.test("view shows a session, its facts, story and journal, and what is appended", async () => {
  using project = new TempProject(DEMO);
  const run = await project.run(["run", "--session", "tally", "--task", "Count", "--dive", "How"]);
  assert.equal(run.code, 10, run.stderr);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  console.log(await browser.json("/api/sessions"));
  const facts = await browser.session();
  console.log(facts);
  console.log(await browser.json(`/api/sessions/${facts.key}/story`));
  console.log(await browser.json(`/api/sessions/${facts.key}/journal`));
  for await (const m of browser.hear(`${facts.key}:${facts.journalBytes}`)) {
    console.log(m.event, m.id);
    if (m.event === "facts") {
      const t = performance.now();
      await project.run(["guide", "tally", "hello"]);
      console.log("guided", performance.now() - t);
    }
    if (m.event === "lines") {
      console.log(m.data);
      break;
    }
  }
  console.log(await server.end());
});
