import assert from "node:assert/strict";
import { join } from "node:path";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { MAX_TEXT_BYTES } from "../../src/system/files/files.ts";
import { SmallDisk, TempFolder } from "../helpers/temp_folder.ts";

Deno.test("open() refuses a folder without a journal; create() makes what is missing and keeps what is there", () => {
  using temp = new TempFolder();
  const path = temp.folder("26-11-20-foo");
  assert.throws(() => SessionFolder.open(path, own(temp)), {
    name: "SamocodeError",
    code: "conflict",
    message: `Cannot open the session 26-11-20-foo: ${path} has no journal`,
  });
  assert.deepEqual(temp.names("26-11-20-foo"), []);
  {
    using folder = SessionFolder.create(path, own(temp));
    folder.journal.append({ type: "session.created", name: "foo", task: "t", dive: "" });
  }
  temp.file("26-11-20-foo/_logs/x", "kept");
  using again = SessionFolder.create(path, own(temp));
  using looked = SessionFolder.open(path, { ...own(temp), readOnly: true });
  assert.equal(again.layout.name, "foo");
  assert.deepEqual([again.history.task, looked.history.task], ["t", "t"]);
  assert.deepEqual(temp.names("26-11-20-foo"), ["_journal.jsonl", "_logs"]);
  assert.deepEqual(temp.names("26-11-20-foo", "_logs"), ["x"]);
});

Deno.test("open() refuses a journal that is no file", () => {
  using temp = new TempFolder();
  const journal = temp.folder("session", "_journal.jsonl");
  assert.throws(() => SessionFolder.open(temp.at("session"), { ...own(temp), readOnly: true }), {
    name: "SamocodeError",
    code: "conflict",
    message: `Cannot read the journal ${journal}: not a regular file`,
  });
});

Deno.test("create() says what stands in the way", () => {
  using temp = new TempFolder();
  temp.file("session/_logs", "");
  assert.throws(() => SessionFolder.create(temp.at("session"), own(temp)), {
    name: "SamocodeError",
    code: "system",
    message: new RegExp(`^Cannot create the folder ${temp.at("session", "_logs")}: `),
  });
});

Deno.test("updateNotebook() changes the Status lines and leaves every other byte, UTF-8 or not", () => {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("session"), own(temp));
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const before =
    "\xef\xbb\xbf# S\xe9ance \xc3\xa9 \xf0\x9f\x8e \xed\xa0\x80\xff\r\n## Status\r\nPhase: testing\r\nNext: caf\xe9\r\n\r\ntail\x00";
  Deno.writeFileSync(folder.layout.notebook, bytes(before));
  // Shared with a group, whatever the umask takes from new files.
  Deno.chmodSync(folder.layout.notebook, 0o660);
  folder.updateNotebook({ Phase: "quality" });
  assert.deepEqual(
    Deno.readFileSync(folder.layout.notebook),
    bytes(before.replace("Phase: testing", "Phase: quality")),
  );
  assert.equal((Deno.statSync(folder.layout.notebook).mode ?? 0) & 0o777, 0o660);
  assert.deepEqual(temp.names("session"), ["_journal.jsonl", "_logs", "_overview.md"]);
});

Deno.test("updateNotebook() writes nothing where nothing changes", () => {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("session"), own(temp));
  Deno.writeTextFileSync(folder.layout.notebook, "## Status\nPhase: testing\n");
  const { ino } = Deno.statSync(folder.layout.notebook);
  folder.updateNotebook({ Phase: "testing" });
  assert.equal(Deno.statSync(folder.layout.notebook).ino, ino);
  folder.updateNotebook({ Phase: "quality" });
  // Replaced as a whole: who reads at this moment has the old text or the new one.
  assert.notEqual(Deno.statSync(folder.layout.notebook).ino, ino);
});

Deno.test("updateNotebook() begins a deleted notebook again from the record", () => {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("26-11-20-foo"), own(temp));
  folder.journal.append({ type: "session.created", name: "foo", task: "Add a greeting", dive: "main.ts" });
  const workplace = { path: "/w/foo", branch: "me/foo", base: "main", note: "Look out" };
  folder.journal.append({ type: "session.prepared", workplace });
  folder.journal.append({ type: "phase.entered", phase: "planning", from: "requirements", by: "worker" });
  assert.equal(folder.notebookPhase(), undefined);
  folder.updateNotebook({ Iteration: 3, "Total Iterations": 7 });
  assert.equal(
    Deno.readTextFileSync(folder.layout.notebook).replace(/\[\d{3} @ [\d:\s-]+\]/, "[STAMP]"),
    [
      "# Session: foo",
      "",
      "Working Dir: /w/foo",
      "Branch: me/foo",
      "Note: Look out",
      "",
      "## Task",
      "> Add a greeting",
      "",
      "## Dive topic",
      "> main.ts",
      "",
      "## Status",
      "Phase: planning",
      "Iteration: 3",
      "Total Iterations: 7",
      "Blocked: no",
      "Quality Iteration: 0",
      "Last Action: Session prepared",
      "Next: Start the planning phase",
      "",
      "## Flow Log",
      "- [STAMP] Session prepared",
      "",
      "## Files",
      "(none yet)",
      "",
    ].join("\n"),
  );
  assert.equal(folder.notebookPhase(), "planning");
});

Deno.test("updateNotebook() replaces a link, and neither writes through it nor copies what it leads to", () => {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("session"), own(temp));
  const elsewhere = temp.file("elsewhere", "TOKEN=hidden\n## Status\nPhase: testing\n");
  for (const target of [elsewhere, temp.at("nowhere"), temp.path, "/dev/zero"]) {
    Deno.symlinkSync(target, folder.layout.notebook);
    assert.throws(() => folder.notebookPhase(), { name: "SamocodeError" });
    assert.throws(() => folder.notebookNext(), { name: "SamocodeError" });
    folder.updateNotebook({ Phase: "quality" });
    assert.equal(Deno.lstatSync(folder.layout.notebook).isFile, true);
    assert.doesNotMatch(Deno.readTextFileSync(folder.layout.notebook), /hidden/);
    assert.equal(folder.notebookPhase(), "quality");
    Deno.removeSync(folder.layout.notebook);
  }
  assert.equal(Deno.readTextFileSync(elsewhere), "TOKEN=hidden\n## Status\nPhase: testing\n");
});

Deno.test("notebookPhase() and updateNotebook() refuse what is no text file, and do not hang", () => {
  using temp = new TempFolder();
  const places: readonly ((path: string) => void)[] = [
    (path) => Deno.mkdirSync(path),
    () => void temp.pipe("session/_overview.md"),
    (path) => Deno.writeFileSync(path, new Uint8Array(MAX_TEXT_BYTES + 1)),
    (path) => Deno.symlinkSync(path, path),
  ];
  for (const place of places) {
    using folder = SessionFolder.create(temp.at("session"), own(temp));
    place(folder.layout.notebook);
    assert.throws(() => folder.notebookPhase(), { name: "SamocodeError" });
    assert.throws(() => folder.updateNotebook({ Phase: "quality" }), { name: "SamocodeError" });
    assert.deepEqual(temp.names("session"), ["_journal.jsonl", "_logs", "_overview.md"]);
    Deno.removeSync(folder.layout.notebook, { recursive: true });
  }
});

Deno.test("updateNotebook() fails if the folder is gone or is not a folder", () => {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("session"), own(temp));
  Deno.removeSync(temp.at("session"), { recursive: true });
  assert.throws(() => folder.updateNotebook({ Phase: "quality" }), { name: "SamocodeError", code: "system" });
  temp.file("session", "");
  assert.throws(() => folder.updateNotebook({ Phase: "quality" }), { name: "SamocodeError", code: "system" });
});

Deno.test({
  name: "updateNotebook() on a full disk keeps the old text and leaves no rest",
  ignore: !SmallDisk.isPossible(),
  fn: () => {
    using disk = new SmallDisk(64);
    using folder = SessionFolder.create(join(disk.path, "session"), { stateFolder: join(disk.path, "state") });
    const text = "## Status\nPhase: testing\n".padEnd(10_000);
    Deno.writeTextFileSync(folder.layout.notebook, text);
    assert.throws(() => Deno.writeFileSync(join(disk.path, "ballast"), new Uint8Array(128 * 1024)));
    assert.throws(() => folder.updateNotebook({ Phase: "quality" }), {
      name: "SamocodeError",
      hint: "Check the disk's free space and the folder's permissions; the old content is untouched",
    });
    assert.equal(Deno.readTextFileSync(folder.layout.notebook), text);
    assert.deepEqual([...Deno.readDirSync(folder.layout.folder)].map(({ name }) => name).sort(), [
      "_journal.jsonl",
      "_logs",
      "_overview.md",
    ]);
  },
});

function own(temp: TempFolder): { readonly stateFolder: string } {
  return { stateFolder: temp.at("state") };
}
