/**
 * How fast `samocode mcp` begins and answers, against the least that serves with the same SDK; and what its tools cost
 * a model to read.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { floorSource } from "./compiled_floor.ts";
import { figureLine, inTurns, ratioLine, Series, spreadOf } from "./figures.ts";
import { writePast } from "./past_session.ts";
import { environment, sourceProgram } from "./program.ts";
import { writeProject } from "./project.ts";
import { ServerProcess, type ServerProcessOptions } from "./server_process.ts";

/** Calls of one server: the first one also compiles its schemas. */
const CALLS = 20;

/** 13 events each, and 3 beside them: 1,004 and 99,999 in all. */
const PASTS = [77, 7_692] as const;
/** A server keeps what it has read of a journal that has been at rest for longer than file systems count time. */
const AT_REST_MS = 3_000;

/** Measures and says what came of it. */
export async function benchMcp({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const project = join(scratch, "mcp");
  writeProject(project);
  writePast(join(project, "26-01-01-small"), { iterations: 5, project });
  const started = (path: string, args: readonly string[]): ServerProcessOptions => {
    const { command, before } = sourceProgram(path);
    return { command, args: [...before, ...args], cwd: project, env: environment(project) };
  };
  const samocode = visits(started(join(root, "main.ts"), ["mcp"]), {
    name: "read_status",
    arguments: { session: "small" },
  });
  const minimal = visits(started(floorSource(root, "minimal_server"), []), {
    name: "greet",
    arguments: { name: "you" },
  });
  const rounds = quick ? 1 : 21;
  await inTurns([samocode, minimal], { rounds });

  const of = (series: Series<Visit>, name: keyof Visit) => series.figures.map((visit) => visit[name]);
  write(`MCP server from source, ${rounds} rounds; its tools/call is read_status, which reads a session from the disk`);
  for (const [name, label] of TIMES) {
    write(ratioLine(`${label} / a minimal server`, { of: of(samocode, name), to: of(minimal, name) }));
  }
  for (const [name, label] of TIMES) write(figureLine(label, { figures: of(samocode, name), unit: "ms" }));
  for (const [name, label] of TIMES) {
    write(figureLine(`a minimal server, ${label}`, { figures: of(minimal, name), unit: "ms" }));
  }
  await benchPasts({ project, serve: started(join(root, "main.ts"), ["mcp"]), quick, write });
  write(figureLine("tools/list as a model sees it", { figures: of(samocode, "seenBytes"), unit: "bytes" }));
  write(figureLine("tools/list on the wire", { figures: of(samocode, "wireBytes"), unit: "bytes" }));
}

/** What a call costs after a long past: the first reads the journal, the others what is new in it. */
async function benchPasts(
  { project, serve, quick, write }: Pick<BenchOptions, "quick" | "write"> & {
    readonly project: string;
    readonly serve: ServerProcessOptions;
  },
): Promise<void> {
  const pasts = PASTS.map((past) => quick ? Math.ceil(past / 12) : past).map((iterations) => {
    const session = `past-${iterations}`;
    return {
      session,
      events: writePast(join(project, `26-01-01-${session}`), { iterations, project, withLogs: false }),
    };
  });
  await new Promise((wake) => setTimeout(wake, AT_REST_MS));
  for (const { session, events } of pasts) {
    await using server = new ServerProcess(serve);
    await server.initialize();
    const call = async () => (await server.request("tools/call", { name: "read_status", arguments: { session } })).ms;
    const first = await call();
    const later = new Series(call);
    await inTurns([later], { rounds: CALLS });
    write(figureLine(`read_status after ${events} events, the first time`, { figures: [first], unit: "ms" }));
    write(figureLine(`read_status after ${events} events, again`, { figures: later.figures, unit: "ms" }));
  }
}

/** What happened between a client's coming and going. */
interface Visit {
  /** From the process's start to the answer. */
  readonly initializeMs: number;
  readonly listMs: number;
  readonly firstCallMs: number;
  /** The median of the calls after the first. */
  readonly callMs: number;
  readonly wireBytes: number;
  /** Names, descriptions and input schemas. */
  readonly seenBytes: number;
}

const TIMES = [
  ["initializeMs", "start to initialize"],
  ["listMs", "first tools/list"],
  ["firstCallMs", "first tools/call"],
  ["callMs", "tools/call"],
] as const satisfies readonly (readonly [keyof Visit, string])[];

function visits(options: ServerProcessOptions, call: Readonly<Record<string, unknown>>): Series<Visit> {
  return new Series(async () => {
    const begun = performance.now();
    await using server = new ServerProcess(options);
    await server.initialize();
    const initializeMs = performance.now() - begun;
    const { line, ms: listMs } = await server.request("tools/list", {});
    const { ms: firstCallMs } = await server.request("tools/call", call);
    const calls: number[] = [];
    for (let count = 0; count < CALLS; count++) calls.push((await server.request("tools/call", call)).ms);
    return {
      initializeMs,
      listMs,
      firstCallMs,
      callMs: spreadOf(calls).median,
      wireBytes: bytesOf(line),
      seenBytes: bytesOf(JSON.stringify(asSeen(line))),
    };
  });
}

/** What clients pass on to their model. */
function asSeen(line: string): readonly unknown[] {
  const { result } = JSON.parse(line);
  return result.tools.map(({ name, description, inputSchema }: Readonly<Record<string, unknown>>) => ({
    name,
    description,
    inputSchema,
  }));
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
