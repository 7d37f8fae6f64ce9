import assert from "node:assert/strict";
import { join } from "node:path";
import { programPath } from "../../../src/system/processes/program_path.ts";
import { lstatIfExists } from "../../../src/system/files/files.ts";
import { unlessFailing } from "../../../src/text/errors.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const KEEPER = new URL("../../../src/system/processes/keeper.ts", import.meta.url).href;
const BUSYBOX = "/bin/busybox";
const linux = Deno.build.os === "linux";

const TOOLS = [
  { tools: "the system's tools", ignore: !linux, lacks: "no /proc here" },
  { tools: "busybox", ignore: !linux || lstatIfExists(BUSYBOX) === undefined, lacks: `no ${BUSYBOX} here` },
] as const;

for (const { tools, ignore, lacks } of TOOLS) {
  Deno.test({
    name: `a keeper with ${tools} ends what has the marker, and nothing that only mentions it${
      ignore ? ` (skipped: ${lacks})` : ""
    }`,
    ignore,
    fn: async () => {
      using folder = new TempFolder();
      for (const name of ["sh", "grep", "sleep", "touch"]) {
        const program = tools === "busybox" ? BUSYBOX : programPath(name, { env: Deno.env.toObject() }).program ?? "";
        Deno.symlinkSync(program, join(folder.path, name));
      }
      const marker = crypto.randomUUID();
      const ours = started({ SAMOCODE_MARKER: marker });
      const others = [{ SAMOCODE_MARKER: `${marker}-2` }, { NOTE: `SAMOCODE_MARKER=${marker}` }].map(started);
      const entry = join(folder.path, "entry");
      Deno.writeTextFileSync(entry, "");
      Deno.utimeSync(entry, 0, 0);
      const worker = new Deno.Command(Deno.execPath(), {
        args: [
          "eval",
          `import { startKeeper } from ${JSON.stringify(KEEPER)};
           const env = { PATH: ${JSON.stringify(folder.path)} };
           await startKeeper(${JSON.stringify(entry)}, { env }).cover("${marker}");
           Deno.kill(Deno.pid, "SIGKILL");`,
        ],
      });
      try {
        assert.equal((await worker.output()).signal, "SIGKILL");
        const deadline = performance.now() + 5_000;
        // The last thing that it does.
        while (Deno.statSync(entry).mtime?.getTime() === 0 && performance.now() < deadline) {
          await new Promise((wake) => setTimeout(wake, 10));
        }
        assert.deepEqual([ours, ...others].map(({ pid }) => isAlive(pid)), [false, true, true]);
      } finally {
        for (const each of [ours, ...others]) {
          kill(each);
          await each.status;
        }
      }
    },
  });
}

/** A process whose marker is not the first thing in its environment. */
function started(env: Readonly<Record<string, string>>): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["60"], env: { ...env, AAA: "1" } }).spawn();
}

function isAlive(pid: number): boolean {
  return /\) [^Z]/.test(unlessFailing(() => Deno.readTextFileSync(`/proc/${pid}/stat`)) ?? "");
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
