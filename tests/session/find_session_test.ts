import assert from "node:assert/strict";
import { basename } from "node:path";
import { findSession, sessionNames, shortNames } from "../../src/session/find_session.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const NOW = new Date(2026, 10, 20, 5, 0);

Deno.test("findSession() takes the exact folder, else the newest dated one, else a new dated one", () => {
  using temp = new TempFolder();
  const found = (name: string) => {
    const { path, exists } = findSession(temp.path, name, NOW);
    return `${exists ? "old" : "new"} ${path.slice(temp.path.length + 1)}`;
  };
  assert.equal(found("foo"), "new 26-11-20-foo");
  temp.folder("26-01-21-foo");
  assert.equal(found("foo"), "old 26-01-21-foo");
  temp.folder("26-02-03-foo");
  temp.folder("25-12-31-foo");
  assert.equal(found("foo"), "old 26-02-03-foo");
  assert.equal(found("26-01-21-foo"), "old 26-01-21-foo");
  temp.folder("foo");
  assert.equal(found("foo"), "old foo");
});

Deno.test("findSession() never dates a name twice", () => {
  using temp = new TempFolder();
  assert.deepEqual(findSession(temp.path, "26-01-21-foo", NOW), { path: temp.at("26-01-21-foo"), exists: false });
});

Deno.test("findSession() does not take a near name for the name", () => {
  using temp = new TempFolder();
  for (
    const name of [
      "26-01-01-xfoo",
      "26-01-01-foo-bar",
      "26-01-01-foo.bak",
      "26-01-01-Foo",
      "26-1-1-foo",
      "126-01-01-foo",
      "26-01-01_foo",
      "x26-01-01-foo",
      "26-01-01-26-01-01-foo",
      ".26-01-01-foo",
      "foo-",
      "fo",
    ]
  ) temp.folder(name);
  // As patterns, these would find them.
  for (const name of ["foo", "f.o", "fo."]) {
    if (name.endsWith(".")) continue;
    assert.deepEqual(findSession(temp.path, name, NOW), { path: temp.at(`26-11-20-${name}`), exists: false });
  }
});

Deno.test("findSession() rejects a file or a link in the folder's place", () => {
  using temp = new TempFolder();
  using elsewhere = new TempFolder();
  temp.file("file", "");
  temp.file("26-11-20-dated", "");
  Deno.symlinkSync(elsewhere.path, temp.at("link"));
  Deno.symlinkSync(elsewhere.path, temp.at("26-11-20-linked"));
  Deno.symlinkSync(temp.at("nowhere"), temp.at("26-11-20-broken"));
  temp.pipe("26-11-20-pipe");
  for (
    const [name, folder] of [
      ["file", "file"],
      ["dated", "26-11-20-dated"],
      ["link", "link"],
      ["linked", "26-11-20-linked"],
      ["broken", "26-11-20-broken"],
      ["26-11-20-broken", "26-11-20-broken"],
      ["pipe", "26-11-20-pipe"],
    ] as const
  ) {
    assert.throws(() => findSession(temp.path, name, NOW), {
      name: "SamocodeError",
      code: "conflict",
      message: `Cannot use ${temp.at(folder)} as a session folder: it is not a folder`,
      hint: "Move it away or choose another session name",
    }, name);
  }
  // A link of another day is no session, and in nobody's way.
  Deno.symlinkSync(elsewhere.path, temp.at("26-01-01-older"));
  assert.deepEqual(findSession(temp.path, "older", NOW), { path: temp.at("26-11-20-older"), exists: false });
});

Deno.test("findSession() checks the name before it looks at the disk", () => {
  for (const name of ["../etc", "a/b", "", "*"]) {
    assert.throws(() => findSession("/nowhere", name, NOW), { name: "SamocodeError", code: "usage" });
  }
});

Deno.test("sessionNames() names folders only, and none that is hidden", () => {
  using temp = new TempFolder();
  temp.folder("26-01-21-foo");
  temp.folder(".trash");
  temp.file("notes.md", "");
  Deno.symlinkSync("/", temp.at("26-01-21-link"));
  assert.deepEqual(sessionNames(temp.path), ["26-01-21-foo"]);
});

Deno.test("shortNames() gives the bare name to the folder that it finds, and the full name to others", () => {
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

Deno.test("shortNames() keeps the name of a folder that does not exist", () => {
  using temp = new TempFolder();
  assert.equal(shortNames(temp.path)("26-01-01-gone"), "26-01-01-gone");
});
