/**
 * How fast the compiled program answers, against programs compiled in the same way: one that only greets, and the least
 * of an MCP server.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { compiledFloor } from "./compiled_floor.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { writePast } from "./past_session.ts";
import { answer, binaryPath, compiledProgram, environment, type Program } from "./program.ts";
import { writeProject } from "./project.ts";
import { ServerProcess } from "./server_process.ts";

/** Measures and says what came of it. */
export async function benchStartUp(options: BenchOptions): Promise<void> {
  const { root, scratch, quick, write } = options;
  const hello = await compiledFloor("hello", options);
  if ("missing" in hello) return write(`Start-up: not measured, ${hello.missing}`);
  const minimal = await compiledFloor("minimal_server", options);
  if ("missing" in minimal) return write(`Start-up: not measured, ${minimal.missing}`);

  const project = join(scratch, "start-up");
  writeProject(project);
  writePast(join(project, "26-01-01-small"), { iterations: 5, project });
  const program = compiledProgram(binaryPath(root));
  const answers = (of: Program, args: readonly string[]) => new Series(() => answer(of, { args, cwd: project }));
  const greeted = (of: Program, args: readonly string[]) => new Series(() => greeting(of, { args, cwd: project }));
  const floor = answers(compiledProgram(hello.path), []);
  const server = greeted(compiledProgram(minimal.path), []);
  const commands = [["--version"], ["--help"], ["status", "small"]].map((args) => ({
    name: args[0] ?? "",
    series: answers(program, args),
  }));
  const mcp = greeted(program, ["mcp"]);
  const rounds = quick ? 1 : 21;
  await inTurns([floor, ...commands.map(({ series }) => series), server, mcp], { rounds });

  write(`Start-up of dist/samocode, ${rounds} rounds; goal: --help and status below 100 ms`);
  for (const { name, series } of commands) {
    write(ratioLine(`samocode ${name} / a program that greets`, { of: series.figures, to: floor.figures }));
  }
  write(ratioLine("samocode mcp to initialize / a minimal server", { of: mcp.figures, to: server.figures }));
  for (const { name, series } of commands) {
    write(figureLine(`samocode ${name}`, { figures: series.figures, unit: "ms" }));
  }
  write(figureLine("a program that greets", { figures: floor.figures, unit: "ms" }));
  write(figureLine("samocode mcp to initialize", { figures: mcp.figures, unit: "ms" }));
  write(figureLine("a minimal server to initialize", { figures: server.figures, unit: "ms" }));
}

/** Milliseconds from the start of a server to its answer to `initialize`. */
async function greeting(
  { command, before }: Program,
  { args, cwd }: { readonly args: readonly string[]; readonly cwd: string },
): Promise<number> {
  const begun = performance.now();
  await using server = new ServerProcess({ command, args: [...before, ...args], cwd, env: environment(cwd) });
  await server.initialize();
  return performance.now() - begun;
}
