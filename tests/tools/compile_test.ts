import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { compile } from "../../tools/compile.ts";
import { elfEnd, isDenortPlatform } from "../../tools/denort.ts";
import { stage } from "../../tools/stage.ts";

/** Says what it carries, and what it may do. */
const MAIN = `
import { farewell } from "./more.ts";
const here = import.meta.dirname ?? "";
const list = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const attempt = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "allowed";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "refused";
    return String(error).replaceAll(/\\d+/g, "N");
  }
};
const port = Deno.args[1];
console.log(JSON.stringify({
  args: Deno.args.slice(0, 1),
  isMain: import.meta.main,
  parts: [farewell, (await import("./late.ts")).late, (await import("./later.ts")).later],
  workflow: Deno.readTextFileSync(here + "/workflow.md"),
  agents: list(here + "/agents"),
  skill: Deno.readTextFileSync(here + "/skills/dive/SKILL.md"),
  build: JSON.parse(Deno.readTextFileSync(here + "/build.json")),
  allowed: {
    "file outside": await attempt(() => Deno.writeTextFileSync("made", "x")),
    "program": await attempt(() => new Deno.Command("true", { env: { LD_LIBRARY_PATH: "" } }).outputSync()),
    "environment": await attempt(() => Deno.env.toObject()),
    "network": await attempt(() => fetch("http://127.0.0.1:" + port + "/module.js").then((it) => it.text())),
    "user": await attempt(() => Deno.uid()),
    "signals": await attempt(() => Deno.addSignalListener("SIGINT", () => {})),
  },
  elsewhere: await attempt(() => import(\`http://127.0.0.1:\${port}/module.js\`)),
  refused: {
    "native library": await attempt(() => Deno.dlopen("libc.so.6", {})),
    "name of the machine": await attempt(() => Deno.hostname()),
    "system": await attempt(() => Deno.osRelease()),
    "network interfaces": await attempt(() => Deno.networkInterfaces()),
    "load": await attempt(() => Deno.loadavg()),
    "memory": await attempt(() => Deno.systemMemoryInfo()),
  },
}));
Deno.exit(0);
`;

const mayDownload = Deno.env.get("SAMOCODE_TEST_COMPILE") === "1";

function compileTest(name: string, fn: () => Promise<void>): void {
  const reason = mayDownload ? "" : " (skipped: may download 200 MB; set SAMOCODE_TEST_COMPILE=1)";
  Deno.test({ name: name + reason, ignore: !mayDownload, fn });
}

/** A project that can be compiled, and is removed when it is disposed. */
class CompileProject implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  readonly root: string;
  readonly output: string;

  constructor(...place: readonly string[]) {
    this.root = join(this.folder, ...place);
    this.output = join(this.root, "dist", "program");
    for (const folder of ["agents", "skills/dive", "dist/stage/commands"]) {
      Deno.mkdirSync(join(this.root, folder), { recursive: true });
    }
    const files = {
      "deno.json": `{ "imports": { "leven": "npm:leven@4.1.0" } }`,
      ".gitignore": "dist\n",
      "main.ts": MAIN,
      "more.ts": `import leven from "leven";\nexport const farewell = leven("bye", "die");`,
      "late.ts": `export { farewell as late } from "./more.ts";\nexport { shared } from "./shared.ts";`,
      "later.ts": `import { shared } from "./shared.ts";\nexport const later = shared + 1;`,
      "shared.ts": `export const shared = 2;`,
      "workflow.md": "# Flow",
      "agents/a.md": "",
      "agents/b.md": "",
      "skills/dive/SKILL.md": "dive",
    };
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(this.root, name), text);
  }

  git(...args: readonly string[]): string {
    const who = ["-c", "user.name=me", "-c", "user.email=me@localhost"];
    const env = { GIT_AUTHOR_DATE: "2026-11-19T12:00:00Z", GIT_COMMITTER_DATE: "2026-11-19T12:00:00Z" };
    const command = new Deno.Command("git", { args: [...who, ...args], cwd: this.root, env });
    return new TextDecoder().decode(command.outputSync().stdout).trim();
  }

  /** Commits everything; the same each time. */
  commit(): string {
    this.git("init", "--quiet");
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=Begin");
    return this.git("rev-parse", "HEAD");
  }

  /** Compiles; returns what was said. */
  async compile(): Promise<readonly string[]> {
    const lines: string[] = [];
    const { root, output } = this;
    await compile({ root, entry: join(root, "main.ts"), output, write: (line) => lines.push(line) });
    return lines;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

compileTest("compile() makes a program that carries everything, and may do what it must and nothing else", async () => {
  using project = new CompileProject("project");
  const commit = project.commit();
  const lines = await project.compile();
  assert.match(lines.at(-1) ?? "", /program: \d+ MB$/);
  // Moved away from its sources, it must still find what it carries.
  const moved = join(project.folder, "elsewhere");
  Deno.renameSync(project.output, moved);
  Deno.removeSync(project.root, { recursive: true });

  let requests = 0;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    requests++;
    return new Response("export default 1;", { headers: { "content-type": "text/javascript" } });
  });
  const args = ["a b", String(server.addr.port)];
  const env = { PATH: Deno.env.get("PATH") ?? "" };
  const command = new Deno.Command(moved, { args, cwd: project.folder, clearEnv: true, env });
  const { code, stdout, stderr } = await command.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const { allowed, refused, ...said } = JSON.parse(new TextDecoder().decode(stdout));
  // A compiled program has no loader for it at all: nothing may even ask.
  assert.equal(requests, 1);
  assert.deepEqual(said, {
    elsewhere: "TypeError: Module not found: http://N.N.N.N:N/module.js",
    args: ["a b"],
    isMain: true,
    parts: [2, 2, 3],
    workflow: "# Flow",
    agents: ["a.md", "b.md"],
    skill: "dive",
    build: { commit: commit.slice(0, 10), date: "2026-11-19" },
  });
  assert.deepEqual(new Set(Object.values(allowed)), new Set(["allowed"]), JSON.stringify(allowed));
  assert.deepEqual(new Set(Object.values(refused)), new Set(["refused"]), JSON.stringify(refused));
});

compileTest(
  "compile() gives the same bytes for the same commit, wherever it is built, and tells nothing of where",
  async () => {
    using first = new CompileProject("project");
    using second = new CompileProject("another", "place");
    assert.equal(first.commit(), second.commit());
    for (const project of [first, second]) await project.compile();
    const [one, two] = [first, second].map(({ output }) => Deno.readFileSync(output));
    assert.ok(one !== undefined && two !== undefined && one.length > 10_000_000);
    assert.ok(Buffer.compare(one, two) === 0);
    const own = Buffer.from(one).subarray(-2_000_000);
    for (const path of [first.folder, Deno.env.get("DENO_DIR") ?? "/deno/npm"]) assert.equal(own.indexOf(path), -1);
  },
);

compileTest(
  "stage() stamps a program with its commit, and says where the source was changed or is no checkout",
  async () => {
    using project = new CompileProject("project");
    const { root } = project;
    const stamp = async (): Promise<unknown> =>
      (await stage({ root, entry: join(root, "main.ts"), folder: join(root, "dist", "stage") })).stamp;
    assert.deepEqual(await stamp(), {});
    const commit = project.commit().slice(0, 10);
    Deno.writeTextFileSync(join(root, "workflow.md"), "# Another");
    assert.deepEqual(await stamp(), { commit, date: "2026-11-19", isModified: true });
  },
);

Deno.test("compile() tells what is wrong with the program when it cannot be bundled", async () => {
  const root = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  try {
    Deno.writeTextFileSync(join(root, "deno.json"), "{}");
    Deno.writeTextFileSync(join(root, "main.ts"), `import "./missing.ts";`);
    await assert.rejects(
      compile({ root, entry: join(root, "main.ts"), output: join(root, "dist/program"), write: () => {} }),
      /^SamocodeError: Cannot bundle the program:[^]*missing\.ts/,
    );
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

/** An ELF64 header with its section headers at 100, three of 64 bytes each, padded to `length`. */
function program(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  const header = new DataView(bytes.buffer);
  header.setBigUint64(40, 100n, true);
  header.setUint16(58, 64, true);
  header.setUint16(60, 3, true);
  return bytes;
}

Deno.test("elfEnd() finds the end of a program before what is appended", () => {
  assert.equal(elfEnd(program(1000)), 100 + 3 * 64);
  assert.equal(elfEnd(program(292)), 292);
});

Deno.test("elfEnd() refuses what is no whole ELF64 program", () => {
  const bits32 = program(1000);
  bits32[4] = 1;
  const refused = [program(291), bits32, new Uint8Array(1000), program(1000).subarray(0, 63), new Uint8Array()];
  assert.deepEqual(refused.map(elfEnd), Array(5).fill(undefined));
});

Deno.test("elfEnd() measures from the view's beginning, not its buffer's", () => {
  const shifted = new Uint8Array(1010);
  shifted.set(program(1000), 10);
  assert.equal(elfEnd(shifted.subarray(10)), 292);
});

Deno.test("isDenortPlatform() knows the one platform of the recovered denort", () => {
  const platforms = [["linux", "x86_64"], ["linux", "aarch64"], ["darwin", "x86_64"]] as const;
  assert.deepEqual(platforms.map(([os, arch]) => isDenortPlatform({ os, arch })), [true, false, false]);
});
