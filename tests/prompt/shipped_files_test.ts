import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { parseAgent, readAgent, readPlugin, readWorkflow, unpackPlugin } from "../../src/prompt/shipped_files.ts";
import { agentOf, PHASE_NAMES } from "../../src/workflow/phases.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { allAtOnce, startPrograms } from "../helpers/session_program.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

Deno.test("readAgent() finds the agent of every phase, and every shipped agent works in one", () => {
  const named = PHASE_NAMES.flatMap((phase) => agentOf(phase) ?? []);
  for (const name of named) {
    const agent = readAgent(ROOT, name);
    assert.equal(agent.name, name);
    assert.ok(agent.description.length > 20 && agent.prompt.length > 200 && agent.tools.length > 2, name);
    assert.doesNotMatch(agent.prompt, /^---/);
    for (const tool of agent.tools) assert.match(tool, /^[A-Z]\w*(?:\([^()]+\))?$/, name);
    assert.equal(new Set(agent.tools).size, agent.tools.length);
  }
  const files = [...Deno.readDirSync(join(ROOT, "agents"))].map((entry) => entry.name.replace(/\.md$/, ""));
  assert.deepEqual(files.sort(), [...named].sort());
});

Deno.test("parseAgent() splits front matter and prompt, with LF and CRLF", () => {
  const text =
    "---\nname: a\ndescription: Does: things # really\ntools: Read, Bash(git log:*) ,,Edit\n---\n\n# A\n---\nname: b\n";
  for (const written of [text, text.replaceAll("\n", "\r\n")]) {
    const { prompt, ...head } = parseAgent(written);
    assert.deepEqual(head, {
      name: "a",
      description: "Does: things # really",
      tools: ["Read", "Bash(git log:*)", "Edit"],
    });
    assert.equal(prompt.replaceAll("\r", ""), "# A\n---\nname: b");
  }
  assert.deepEqual(parseAgent("---\ntoolset: x\n---\n"), { name: "", description: "", tools: [], prompt: "" });
});

Deno.test("parseAgent() rejects a file without front matter", () => {
  for (const text of ["", "# A", "---\nname: a\n", "name: a\n---\n", " ---\nname: a\n---\n"]) {
    assert.throws(() => parseAgent(text), {
      name: "SamocodeError",
      message: "Cannot read an agent's file: it has no front matter",
    });
  }
});

Deno.test("readWorkflow() and readAgent() say which part of the program is missing", () => {
  assert.match(readWorkflow(ROOT), /"status": "continue"/);
  using temp = new TempFolder();
  assert.throws(() => readWorkflow(temp.path), {
    name: "SamocodeError",
    code: "system",
    message: /^Cannot read the shipped file workflow\.md: /,
    hint: "Reinstall samocode: a part of it is missing",
  });
  assert.throws(
    () => readAgent(temp.path, "x-agent"),
    /^SamocodeError: Cannot read the shipped file agents\/x-agent\.md: /,
  );
});

const SKILL = "---\nname: greet\n---\nSay hello 🎈\n";

Deno.test("readPlugin() returns nothing if no skill is shipped", () => {
  using temp = new TempFolder();
  assert.equal(readPlugin(temp.folder("root")), undefined);
  temp.folder("root", "skills", "empty");
  assert.equal(readPlugin(temp.at("root")), undefined);
  assert.deepEqual(temp.names(), ["root"]);
});

Deno.test("readPlugin() leaves out only the skills that are not for agents of the loop", () => {
  const root = join(import.meta.dirname ?? ".", "..", "..");
  const plugin = readPlugin(root)?.files.map(({ path }) => path.split("/"));
  const skills = [...Deno.readDirSync(join(root, "skills"))].map(({ name }) => name).filter((name) =>
    !Deno.readTextFileSync(join(root, "skills", name, "SKILL.md")).includes("do not use this skill")
  );
  const taken = new Set(plugin?.filter(([part]) => part === "skills").map(([, name]) => name));
  assert.deepEqual([...taken].sort(), skills.sort());
});

Deno.test("unpackPlugin() writes manifest and skills unchanged, readable by their owner only", () => {
  using place = new Place();
  const plugin = place.unpack();
  assert.equal(JSON.parse(Deno.readTextFileSync(`${plugin}/.claude-plugin/plugin.json`)).name, "samocode");
  assert.equal(Deno.readTextFileSync(`${plugin}/skills/greet/SKILL.md`), SKILL);
  assert.deepEqual(Deno.readFileSync(`${plugin}/skills/greet/data.bin`), Uint8Array.of(0, 255, 10, 13));
  assert.deepEqual(place.names("cache", "plugin", basename(plugin)), [".claude-plugin", "skills"]);
  assert.equal((Deno.statSync(plugin).mode ?? 0) & 0o777, 0o700);
  assert.equal((Deno.statSync(place.at("cache")).mode ?? 0) & 0o777, 0o700);
  assert.equal((Deno.statSync(`${plugin}/skills/greet/SKILL.md`).mode ?? 0) & 0o111, 0);
});

Deno.test("unpackPlugin() unpacks each content once", () => {
  using place = new Place();
  const first = place.unpack();
  const made = Deno.statSync(`${first}/skills/greet/SKILL.md`);
  assert.equal(place.unpack(), first);
  assert.deepEqual(Deno.statSync(`${first}/skills/greet/SKILL.md`).ino, made.ino);
  const changes: readonly (() => void)[] = [
    () => void place.file("root/skills/greet/SKILL.md", SKILL + " "),
    () => void place.file("root/skills/part/SKILL.md", ""),
    () => Deno.renameSync(place.at("root", "skills", "part"), place.at("root", "skills", "leave")),
  ];
  const folders = [first, ...changes.map((change) => (change(), place.unpack()))];
  assert.equal(new Set(folders).size, 4);
  assert.deepEqual(place.names("cache", "plugin"), folders.map((folder) => basename(folder)).sort());
  assert.equal(Deno.readTextFileSync(`${first}/skills/greet/SKILL.md`), SKILL);
});

Deno.test("unpackPlugin() unpacks anew what somebody changed, also without changing its size, or added to", () => {
  using place = new Place();
  const folder = place.unpack();
  const skill = join(folder, "skills", "greet", "SKILL.md");
  const acts: readonly (() => void)[] = [
    () => Deno.writeTextFileSync(skill, SKILL.replace(/[a-z]/, "X")),
    () => Deno.removeSync(skill),
    () => Deno.writeTextFileSync(join(folder, "skills", "greet", "more.md"), "more"),
    () => {
      Deno.mkdirSync(join(folder, "skills", "planted"));
      Deno.writeTextFileSync(join(folder, "skills", "planted", "SKILL.md"), "planted");
    },
  ];
  for (const act of acts) {
    act();
    assert.equal(place.unpack(), folder);
    assert.equal(Deno.readTextFileSync(skill), SKILL);
    assert.throws(() => Deno.statSync(join(folder, "skills", "planted")), Deno.errors.NotFound);
    assert.throws(() => Deno.statSync(join(folder, "skills", "greet", "more.md")), Deno.errors.NotFound);
  }
});

Deno.test("readPlugin() follows no links", () => {
  using place = new Place();
  const before = place.unpack();
  Deno.symlinkSync("/etc/passwd", place.at("root", "skills", "greet", "link"));
  assert.equal(place.unpack(), before);
});

Deno.test("unpackPlugin() restores a partly removed plugin", () => {
  using place = new Place();
  const plugin = place.unpack();
  Deno.removeSync(`${plugin}/skills/greet/SKILL.md`);
  Deno.writeTextFileSync(`${plugin}/left`, "");
  assert.equal(place.unpack(), plugin);
  assert.equal(Deno.readTextFileSync(`${plugin}/skills/greet/SKILL.md`), SKILL);
  Deno.removeSync(plugin, { recursive: true });
  Deno.writeTextFileSync(plugin, "a file");
  assert.equal(place.unpack(), plugin);
  assert.deepEqual(place.names("cache", "plugin"), [basename(plugin)]);
});

Deno.test("unpackPlugin() in four processes at once creates one folder and leaves nothing else", async () => {
  using place = new Place();
  for (let index = 0; index < 200; index++) place.file(`root/skills/greet/${index}.md`, "x".repeat(index));
  const task = { do: "unpack", root: place.at("root"), cache: place.at("cache") } as const;
  const programs = await startPrograms([task, task, task, task]);
  try {
    for (let round = 0; round < 4; round++) {
      const folders = await allAtOnce(programs);
      assert.equal(new Set(folders).size, 1);
      const [plugin = ""] = place.names("cache", "plugin");
      assert.deepEqual(folders, programs.map(() => place.at("cache", "plugin", plugin)));
      assert.deepEqual(place.names("cache", "plugin"), [plugin]);
      assert.equal(place.names("cache", "plugin", plugin, "skills", "greet").length, 202);
      Deno.removeSync(place.at("cache"), { recursive: true });
    }
  } finally {
    for (const program of programs) await program[Symbol.asyncDispose]();
  }
});

Deno.test("unpackPlugin() throws if the cache cannot be written", () => {
  using place = new Place();
  place.file("cache", "");
  assert.throws(() => place.unpack(), {
    name: "SamocodeError",
    code: "system",
    message: new RegExp(`^Cannot unpack the skills into ${place.at("cache", "plugin")}/`),
    hint: "Check the folder's permissions and the free disk space, or set XDG_CACHE_HOME to another folder",
  });
});

class Place extends TempFolder {
  constructor() {
    super();
    this.file("root/skills/greet/SKILL.md", SKILL);
    this.file("root/skills/greet/data.bin", Uint8Array.of(0, 255, 10, 13));
    this.file("root/agents/x-agent.md", "not a part of the plugin");
  }

  unpack(): string {
    const plugin = readPlugin(this.at("root"));
    assert.ok(plugin);
    return unpackPlugin(plugin, this.at("cache"));
  }
}
