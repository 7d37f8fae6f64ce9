import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { slowTest } from "../helpers/slow.ts";

const BLOCK = `echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;
const MIB = 1024 * 1024;

slowTest("a flood of output leaves raw logs of bounded size, with their beginning and their end", async () => {
  using project = hostileProject(`
for stream in 1 2; do { echo '{"first":1}'; head -c 90000000 /dev/zero | tr '\\0' '\\n'; echo '{"last":1}'; } >&$stream; done
${BLOCK}`);
  const { code, stdout } = await project.run(["run", "--session", "flood", "--task", "Flood"]);
  assert.equal(code, 20, stdout);
  const logs = join(project.sessionFolder(), "_logs");
  const names = [...Deno.readDirSync(logs)].map(({ name }) => name).sort();
  assert.equal(names.length, 2);
  for (const name of names) {
    const text = Deno.readTextFileSync(join(logs, name));
    assert.ok(text.length < 64 * MIB + 100, `${text.length} bytes`);
    assert.match(text.slice(0, 20), /^\{"first":1\}\n/);
    assert.match(text.slice(-400), /\{"last":1\}/);
    assert.match(text, /\n\{"type":"samocode\.left_out","bytes":2\d{7}\}\n/);
  }
});

Deno.test("a context that could not be removed ends no session and is removed by the next run", async () => {
  // Not removable for root where it may mount, for nobody else without the right to write.
  using project = hostileProject(`
while [ $# -gt 0 ]; do [ "$1" = --append-system-prompt-file ] && d=$(dirname "$2"); shift; done
if [ ! -e "$root/held" ]; then
  mkdir "$d/held"; mount -t tmpfs none "$d/held" 2>/dev/null || chmod 500 "$d"; echo "$d" > "$root/held"
fi
${BLOCK}`);
  const contexts = join(project.root, "home", ".cache", "samocode", "context");
  assert.equal((await project.run(["run", "--session", "held", "--task", "Hold"])).code, 20);
  const held = Deno.readTextFileSync(join(project.root, "held")).trim();
  new Deno.Command("umount", { args: [join(held, "held")], stderr: "null" }).outputSync();
  if (lastsStill(held)) Deno.chmodSync(held, 0o700);
  assert.equal((await project.run(["run", "held"])).code, 20);
  assert.deepEqual([...Deno.readDirSync(contexts)], []);
});

Deno.test("a folder in the place of the context is removed like the file", async () => {
  using project = hostileProject(`
while [ $# -gt 0 ]; do [ "$1" = --append-system-prompt-file ] && f=$2; shift; done
rm "$f"; mkdir -p "$f/x"
${BLOCK}`);
  const { code, stdout } = await project.run(["run", "--session", "held", "--task", "Hold"]);
  assert.equal(code, 20, stdout);
  assert.deepEqual([...Deno.readDirSync(join(project.root, "home", ".cache", "samocode", "context"))], []);
});

function lastsStill(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
