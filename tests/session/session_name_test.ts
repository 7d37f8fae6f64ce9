import assert from "node:assert/strict";
import { bareName, checkSessionName, isDated, suggestName } from "../../src/session/session_name.ts";

Deno.test("checkSessionName() lets pass what is one harmless path segment and branch name", () => {
  for (
    const name of [
      "a",
      "add-jwt",
      "v1.2_x",
      "26-01-21-foo",
      "UPPER",
      "lock",
      "a.locker",
      "_x",
      "x".repeat(100),
      // A day is put before a name of any length.
      `26-01-21-${"x".repeat(100)}`,
      "0",
      "console",
      "com10",
      "null",
    ]
  ) {
    assert.equal(checkSessionName(name), name);
  }
});

Deno.test("checkSessionName() refuses everything else, and says why", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["", "it is empty"],
    ["x".repeat(101), "it is over 100 characters long"],
    [`26-01-21-${"x".repeat(101)}`, "it is over 100 characters long"],
    ["..", '".." is not allowed'],
    ["a..b", '".." is not allowed'],
    [".hidden", "it begins with a dot or a hyphen"],
    [".", "it begins with a dot or a hyphen"],
    ["-f", "it begins with a dot or a hyphen"],
    ["--force", "it begins with a dot or a hyphen"],
    ["26-01-21--force", "it begins with a dot or a hyphen"],
    ["26-01-21-.git", "it begins with a dot or a hyphen"],
    ...["con", "NUL", "Aux", "prn", "com1", "LPT9", "nul.txt", "con.tar.gz", "26-01-21-con"].map((name) =>
      [name, "Windows reserves it for a device"] as const
    ),
    ["foo.", 'it ends with "." or ".lock"'],
    ["foo.lock", 'it ends with "." or ".lock"'],
    ["foo.LOCK", 'it ends with "." or ".lock"'],
    ...[..."/\\*?[]~^:{}@ $`'\"|;&<>()!#%=+,\n\r\t\0\u001b\u202eüé日🎈\u0430"].map((character) =>
      [`a${character}b`, `${JSON.stringify([...character][0]?.[0])} is not allowed`] as const
    ),
  ];
  for (const [name, problem] of refused) {
    assert.throws(() => checkSessionName(name), {
      name: "SamocodeError",
      code: "usage",
      message: `Cannot use ${JSON.stringify(name.slice(0, 100))} as a session name: ${problem}`,
      hint: "Use letters, digits, dots, hyphens and underscores, for example add-jwt",
    }, JSON.stringify(name));
  }
});

Deno.test("bareName() drops one day, and only a whole one", () => {
  for (
    const [folder, name] of [
      ["26-01-21-foo", "foo"],
      ["foo", "foo"],
      ["26-01-21-26-01-21-foo", "26-01-21-foo"],
      ["26-01-21-", "26-01-21-"],
      ["26-01-21", "26-01-21"],
      ["2026-01-21-foo", "2026-01-21-foo"],
      ["x26-01-21-foo", "x26-01-21-foo"],
    ] as const
  ) {
    assert.equal(bareName(folder), name);
    assert.equal(isDated(folder), folder !== name);
  }
});

for (
  const [task, name] of [
    ["Add JWT login", "add-jwt-login"],
    ["  Fix: don't crash — when `x` is …\n\nSecond paragraph", "fix-dont-crash-when-x"],
    ["Füge ÄÖÜ hinzu", "fuge-aou-hinzu"],
    ["один два", "session"],
    ["", "session"],
    ["../../etc/passwd --force .lock", "etc-passwd-force-lock"],
    ["internationalization accessibility documentation", "internationalization-accessibility"],
    ["x".repeat(200), "x".repeat(40)],
    [`a ${"x".repeat(200)}`, "a"],
    ["\x1b[31m\u202eadd\u0000 it", "31m-add-it"],
  ] as const
) {
  Deno.test(`suggestName() makes ${name} of ${JSON.stringify(task.slice(0, 50))}`, () => {
    assert.equal(suggestName(task), name);
    checkSessionName(name);
  });
}

Deno.test("suggestName() takes a short look at a task without end", () => {
  assert.equal(suggestName("- ".repeat(50_000_000)), "session");
});
