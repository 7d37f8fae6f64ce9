import assert from "node:assert/strict";
import { join } from "node:path";
import { setAside } from "../../src/session/set_aside.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const DOCUMENTS = ["11-20-0500-dive-it.md", "11-20-0501-plan-it.md", "_overview.md", "_qa.md", "notes.txt"];
const RECORD = ["_journal.jsonl", "_logs", "_signal.json", "_signal_history.jsonl", "session.log", "worker.log"];

/** A session with a first task, and all that it left. */
function workedOn(folder: TempFolder): SessionFolder {
  const stateFolder = folder.at("state");
  const session = SessionFolder.create(folder.at("26-11-20-top"), { stateFolder });
  session.journal.begin({ type: "session.created", name: "top", task: "Add it", dive: "" });
  for (const name of [...DOCUMENTS, ...RECORD.slice(2)]) {
    Deno.writeTextFileSync(join(session.layout.folder, name), name);
  }
  Deno.mkdirSync(join(session.layout.folder, "pictures"));
  return session;
}

function giveTask(session: SessionFolder, document = "11-21-0500-plan-given.md"): void {
  Deno.writeTextFileSync(join(session.layout.folder, document), document);
  session.journal.append({ type: "task.given", task: "x", dive: "", by: "ada", plan: { document, sha256: "1" } });
}

function namesIn(path: string): readonly string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

Deno.test("setAside() moves the earlier task's documents, and neither the record nor the plan for the new one", () => {
  using folder = new TempFolder();
  using session = workedOn(folder);
  const { layout } = session;
  const before = namesIn(layout.folder);
  setAside(session);
  assert.deepEqual(namesIn(layout.folder), before, "the first task has nothing to set aside");
  giveTask(session);
  setAside(session);
  assert.deepEqual(namesIn(layout.folder), ["11-21-0500-plan-given.md", ...RECORD, "earlier-1"].sort());
  assert.deepEqual(namesIn(join(layout.folder, "earlier-1")), [...DOCUMENTS, "pictures"].sort());
  setAside(session);
  assert.deepEqual(namesIn(join(layout.folder, "earlier-1")), [...DOCUMENTS, "pictures"].sort(), "done twice");
  giveTask(session, "11-22-0500-plan-given.md");
  setAside(session);
  assert.deepEqual(namesIn(join(layout.folder, "earlier-2")), ["11-21-0500-plan-given.md"]);
});

Deno.test("setAside() completes what a kill interrupted, and replaces nothing that is aside already", () => {
  using folder = new TempFolder();
  using session = workedOn(folder);
  const aside = join(session.layout.folder, "earlier-1");
  Deno.mkdirSync(aside);
  Deno.writeTextFileSync(join(aside, "_qa.md"), "what was there");
  giveTask(session);
  setAside(session);
  assert.equal(Deno.readTextFileSync(join(aside, "_qa.md")), "what was there");
  const [, other] = namesIn(aside).filter((name) => name.startsWith("_qa.md"));
  assert.match(other ?? "", /^_qa\.md\.bak-/);
});

Deno.test("setAside() follows no link that an agent put in the folder's place, and moves links as they are", {
  ignore: Deno.build.os === "windows",
}, () => {
  using folder = new TempFolder();
  using session = workedOn(folder);
  const { layout } = session;
  Deno.mkdirSync(folder.at("elsewhere"));
  Deno.symlinkSync(folder.at("elsewhere"), join(layout.folder, "earlier-1"));
  giveTask(session);
  assert.throws(() => setAside(session), /Cannot set the earlier documents aside: .*earlier-1 is not a folder/);
  assert.deepEqual(namesIn(folder.at("elsewhere")), []);
  Deno.removeSync(join(layout.folder, "earlier-1"));
  Deno.symlinkSync(folder.at("elsewhere"), join(layout.folder, "link"));
  setAside(session);
  assert.equal(Deno.lstatSync(join(layout.folder, "earlier-1", "link")).isSymlink, true);
});
