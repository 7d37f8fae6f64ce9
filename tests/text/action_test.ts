import assert from "node:assert/strict";
import { COMMANDS } from "../helpers/all_commands.ts";
import { parseCommand } from "../../src/cli/parse_command.ts";
import { type Action, commandFor, PLAIN_VERBS, SESSION_VERBS } from "../../src/text/action.ts";

Deno.test("commandFor() names a command that exists, with its flags, for every action", () => {
  const actions: readonly Action[] = [
    ...SESSION_VERBS.map((verb) => ({ verb, session: "top" })),
    ...PLAIN_VERBS.map((verb) => ({ verb })),
    { verb: "approve", session: "top" },
    { verb: "raise_budget", session: "top" },
    { verb: "raise_budget", session: "top", limit: "cost 80" },
    { verb: "finish", session: "top" },
    { verb: "finish", session: "top", way: "ff-only", into: "main", head: "0123456789" },
    { verb: "trust", projectFile: "/p/.samocode" },
  ];
  for (const action of actions) {
    const [program, ...words] = commandFor(action, "/repo").match(/"[^"]*"|\S+/g) ?? [];
    assert.equal(program, "samocode");
    assert.equal(parseCommand(words, COMMANDS).kind, "run", words.join(" "));
  }
});

Deno.test("no hint outside of mcp/ names a tool of the server: at the command line nobody can call it", () => {
  const sources = [...walk(new URL("../../src/", import.meta.url))];
  const tools = [...walk(new URL("../../mcp/tools/", import.meta.url))].flatMap((path) =>
    [...Deno.readTextFileSync(path).matchAll(/^ {2}name: "(\w+)"/gm)].map(([, name]) => name)
  );
  assert.ok(tools.length >= 9);
  // A quoted one is the verb of an action.
  const names = new RegExp(`(?<!")\b(?:${tools.join("|")})\b(?!")`);
  const lines = sources.flatMap((path) => Deno.readTextFileSync(path).split("\n"))
    .filter((line) => /hint:|\bHINT|actions:/.test(line));
  assert.ok(lines.length > 100);
  assert.deepEqual(lines.filter((line) => names.test(line)), []);
});

function* walk(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* walk(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}
