import assert from "node:assert/strict";
import { basename } from "node:path";
import { findSession } from "../../src/session/find_session.ts";
import { shortNames } from "../../src/session/short_names.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("shortNames() has the bare name for the folder that it leads to, and the whole one for the others", () => {
  using temp = new TempFolder();
  const folders = {
    "26-01-01-one": "one",
    "26-01-01-two": "26-01-01-two",
    "26-01-02-two": "two",
    "26-01-01-three": "26-01-01-three",
    "26-01-02-three": "26-01-02-three",
    "three": "three",
    "26-01-01-26-01-02-four": "26-01-02-four",
    "26-01-01-26-01-01-five": "26-01-01-26-01-01-five",
    "26-01-01-five": "five",
    "26-01-01-blocked": "26-01-01-blocked",
  };
  for (const name of Object.keys(folders)) temp.folder(name);
  temp.file("blocked", "");
  const nameOf = shortNames(temp.path);
  assert.deepEqual(Object.fromEntries(Object.keys(folders).map((folder) => [folder, nameOf(folder)])), folders);
  for (const [folder, name] of Object.entries(folders)) {
    assert.equal(basename(findSession(temp.path, name).path), folder, `${name} can be typed`);
  }
});

Deno.test("shortNames() takes a folder that is not there for what it is called", () => {
  using temp = new TempFolder();
  assert.equal(shortNames(temp.path)("26-01-01-gone"), "26-01-01-gone");
});
