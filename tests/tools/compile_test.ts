import assert from "node:assert/strict";
import { join } from "node:path";
import { compile } from "../../tools/compile.ts";
import { elfEnd, isDenortPlatform } from "../../tools/denort.ts";

const MAIN = `
const here = import.meta.dirname ?? "";
const list = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
console.log(JSON.stringify({
  args: Deno.args,
  isMain: import.meta.main,
  workflow: Deno.readTextFileSync(here + "/workflow.md"),
  agents: list(here + "/agents"),
  skill: Deno.readTextFileSync(here + "/skills/dive/SKILL.md"),
}));
`;

const mayDownload = Deno.env.get("SAMOCODE_TEST_COMPILE") === "1";

Deno.test({
  name: "compile() makes a program that reads and lists its shipped files" +
    (mayDownload ? "" : " (skipped: may download 200 MB; set SAMOCODE_TEST_COMPILE=1)"),
  ignore: !mayDownload,
  fn: async () => {
    const root = Deno.makeTempDirSync({ prefix: "samocode-test-" });
    try {
      for (const folder of ["agents", "skills/dive", "dist/stage/commands"]) {
        Deno.mkdirSync(join(root, folder), { recursive: true });
      }
      const files = {
        "deno.json": "{}",
        "main.ts": MAIN,
        "workflow.md": "# Flow",
        "agents/a.md": "",
        "agents/b.md": "",
      };
      for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(root, name), text);
      Deno.writeTextFileSync(join(root, "skills/dive/SKILL.md"), "dive");
      const output = join(root, "dist/program");
      const lines: string[] = [];
      await compile({ root, entry: join(root, "main.ts"), output, write: (line) => lines.push(line) });
      assert.match(lines.at(-1) ?? "", /program: \d+ MB$/);
      // Moved away from its sources, it must still find what it carries.
      const moved = join(root, "elsewhere");
      Deno.renameSync(output, moved);
      for (const source of ["dist", "agents", "skills", "main.ts", "workflow.md"]) {
        Deno.removeSync(join(root, source), { recursive: true });
      }
      const { code, stdout } = await new Deno.Command(moved, { args: ["a b"], cwd: root, clearEnv: true }).output();
      assert.deepEqual({ code, said: JSON.parse(new TextDecoder().decode(stdout)) }, {
        code: 0,
        said: { args: ["a b"], isMain: true, workflow: "# Flow", agents: ["a.md", "b.md"], skill: "dive" },
      });
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  },
});

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
