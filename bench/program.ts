/**
 * A program that is started again and again, compiled or from source.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../src/system/files/files.ts";

/** How a program is called. */
export interface Program {
  /** What it is, for a heading. */
  readonly name: string;
  readonly command: string;
  /** What stands before its own arguments. */
  readonly before: readonly string[];
}

/** The compiled program in `path`. */
export function compiledProgram(path: string): Program {
  return { name: "dist/samocode", command: path, before: [] };
}

/** A module that Deno runs. */
export function sourceProgram(path: string): Program {
  return { name: "samocode from source", command: Deno.execPath(), before: ["run", "--allow-all", "--quiet", path] };
}

/** Where `deno task compile` puts the program. */
export function binaryPath(root: string): string {
  return join(root, "dist", "samocode");
}

/** The compiled program, else the source. */
export function samocodeProgram(root: string): Program {
  const binary = binaryPath(root);
  return statIfExists(binary) === undefined ? sourceProgram(join(root, "main.ts")) : compiledProgram(binary);
}

/** Milliseconds from the start of a program to its end, its answer read. */
export async function answer(
  { command, before }: Program,
  { args, cwd, env = {} }: {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const begun = performance.now();
  const { code, stderr } = await new Deno.Command(command, {
    args: [...before, ...args],
    cwd,
    clearEnv: true,
    env: { ...environment(cwd), ...env },
    stdin: "null",
  }).output();
  const ms = performance.now() - begun;
  if (code === 0) return ms;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
}

/** Nothing of the person's own settings; the modules stay where Deno keeps them. */
export function environment(home: string): Readonly<Record<string, string>> {
  const { PATH = "", HOME = "", DENO_DIR = join(HOME, ".cache", "deno") } = Deno.env.toObject();
  return { PATH, HOME: home, DENO_DIR, DENO_NO_UPDATE_CHECK: "1" };
}
