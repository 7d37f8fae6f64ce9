/**
 * How fast the compiled program answers, against a program compiled in the same way that only greets.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../src/system/files.ts";
import { compile } from "../tools/compile.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { writePast } from "./loop_session.ts";

/** Measures and says what came of it. */
export async function benchStartUp({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const program = join(root, "dist", "samocode");
  const built = statIfExists(program)?.mtime;
  if (!built) return write("Start-up: not measured, there is no dist/samocode; make it with deno task compile");
  const hello = join(root, "dist", "bench", "hello");
  const isFloorOld = (statIfExists(hello)?.mtime?.getTime() ?? 0) < built.getTime();
  if (isFloorOld && quick) return write("Start-up: not measured, its floor is not built yet; run without --quick once");
  if (isFloorOld) await compileHello({ folder: join(scratch, "hello"), output: hello });

  const project = join(scratch, "project");
  Deno.mkdirSync(project);
  Deno.writeTextFileSync(join(project, ".samocode"), "MAIN_REPO=.\nWORKTREES=.\nSESSIONS=.\n");
  writePast(join(project, "26-01-01-small"), { iterations: 5, project });
  const measure = (binary: string, args: readonly string[]) => new Series(() => answer(binary, { args, cwd: project }));
  const floor = measure(hello, []);
  const commands = [["--version"], ["--help"], ["status", "small"]].map((args) => ({
    name: args[0] ?? "",
    series: measure(program, args),
  }));
  const rounds = quick ? 1 : 21;
  await inTurns([floor, ...commands.map(({ series }) => series)], { rounds });

  write(`Start-up of dist/samocode, ${rounds} rounds; goal: --help and status below 100 ms`);
  for (const { name, series } of commands) {
    write(ratioLine(`samocode ${name} / a program that greets`, { of: series.figures, to: floor.figures }));
  }
  for (const { name, series } of commands) {
    write(figureLine(`samocode ${name}`, { figures: series.figures, unit: "ms" }));
  }
  write(figureLine("a program that greets", { figures: floor.figures, unit: "ms" }));
}

async function compileHello({ folder, output }: { readonly folder: string; readonly output: string }): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "deno.json"), "{}");
  Deno.writeTextFileSync(join(folder, "main.ts"), `console.log("hello");\n`);
  await compile({ root: folder, entry: join(folder, "main.ts"), output, write: () => {} });
}

/** Milliseconds from the start of a command to its end, its answer read. */
async function answer(
  binary: string,
  { args, cwd }: { readonly args: readonly string[]; readonly cwd: string },
): Promise<number> {
  const begun = performance.now();
  const { code, stderr } = await new Deno.Command(binary, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { HOME: cwd, PATH: "/usr/bin:/bin" },
    stdin: "null",
  }).output();
  const ms = performance.now() - begun;
  if (code === 0) return ms;
  throw new Error(`${binary} ${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
}
