import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";

const RUN = ["run", "--session", "own", "--task", "Work"];

/** The journal or the folder is looked at first. */
const MOVED =
  /Cannot (?:go on in \S+-own: it was moved or replaced|write the journal \S+: another process deleted or replaced it)/;

/** What the first agent puts in the place of the session's folders. `$root/elsewhere` is not the session's. */
const WAYS: Readonly<Record<string, { readonly act: string; readonly says: RegExp }>> = {
  "its raw logs": {
    act: `mv "$folder/_logs" "$root/logs"; ln -s "$root/elsewhere" "$folder/_logs"`,
    says: /Cannot go on in \S+\/_logs: it is a link or a file\. /,
  },
  "its raw logs, by a file": {
    act: `mv "$folder/_logs" "$root/logs"; : > "$folder/_logs"`,
    says: /Cannot go on in \S+\/_logs: it is a link or a file\. /,
  },
  "the session's folder, by a copy": {
    act: `cp -R "$folder" "$root/copy"; mv "$folder" "$root/moved"; mv "$root/copy" "$folder"`,
    says: MOVED,
  },
  "the session's folder, by a link": {
    act: `mv "$folder" "$root/elsewhere/moved"; ln -s "$root/elsewhere/moved" "$folder"`,
    says: MOVED,
  },
};

for (const [what, { act, says }] of Object.entries(WAYS)) {
  Deno.test(`an agent that replaces ${what} is noticed before the next iteration`, async () => {
    using project = hostileProject(
      `mkdir "$root/elsewhere"\necho '{"status":"continue"}' > "$SAMOCODE_SIGNAL"\n${act}`,
    );
    const { code, stdout, stderr } = await project.run(RUN);
    assert.equal(code, 1, stdout);
    assert.match(stdout + stderr, says);
    assert.equal(stdout.match(/Iteration \d+ · /g)?.length, 1);
    const left = [...Deno.readDirSync(join(project.root, "elsewhere"))].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name !== "moved"), []);
  });
}

Deno.test("a notebook with a second name is replaced, and the other file left alone", async () => {
  using project = hostileProject(`[ -e "$root/notebook" ] || { echo mine > "$root/notebook"
  ln -f "$root/notebook" "$folder/_overview.md"; }
if [ -e "$root/again" ]; then printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
else : > "$root/again"; echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"; fi`);
  const { stdout } = await project.run(RUN);
  assert.equal(Deno.readTextFileSync(join(project.root, "notebook")), "mine\n", stdout);
});
