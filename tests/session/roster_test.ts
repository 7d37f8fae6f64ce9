import assert from "node:assert/strict";
import { join } from "node:path";
import { dismiss, enrol, readRoster, rosterFolder, takeTelling } from "../../src/session/roster.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ENTRY = { session: "/s/26-11-21-a\nb", lock: "/l", projectFile: "/p/.samocode", settings: { A: "1" } };

Deno.test("the roster holds each session once, and leaves out what is damaged", () => {
  using folder = new TempFolder();
  assert.deepEqual(readRoster(folder.path), []);
  enrol(folder.path, ENTRY);
  enrol(folder.path, ENTRY);
  for (const text of ["", "{", "[]", '{"session":1}', '{"session":"","lock":"","projectFile":"","settings":{"A":1}}']) {
    Deno.writeTextFileSync(join(rosterFolder(folder.path), "x.json"), text);
    assert.deepEqual(readRoster(folder.path), [ENTRY]);
  }
  dismiss(folder.path, ENTRY);
  assert.deepEqual(readRoster(folder.path), []);
});

Deno.test("takeTelling() lets one process tell of an end, and another one later if it could not", () => {
  using folder = new TempFolder();
  enrol(folder.path, ENTRY);
  const take = () => takeTelling(folder.path, ENTRY);
  const finish = take() ?? assert.fail("nobody was told yet");
  assert.equal(take(), undefined, "somebody is telling");
  finish(false);
  assert.equal(take(), undefined, "not at once again");
  const mark = [...Deno.readDirSync(rosterFolder(folder.path))].find(({ name }) => name.endsWith(".told"));
  Deno.utimeSync(join(rosterFolder(folder.path), mark?.name ?? ""), 1, 1);
  take()?.(true);
  assert.equal(take(), undefined, "they were told");
  enrol(folder.path, ENTRY);
  assert.notEqual(take(), undefined, "another run, another end");
});
