/**
 * `deno task compile`: makes `dist/samocode`, one program that carries everything.
 *
 * The modules are bundled first, because one file starts in about two thirds of the time of many; the shipped files
 * lie beside it, so that `import.meta.dirname` of main.js finds them as main.ts does from source.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { SamocodeError } from "../src/system/errors.ts";
import { statIfExists } from "../src/system/files.ts";
import { runCommand } from "../src/system/run_command.ts";
import { cacheFolder } from "./client_pins.ts";
import { DENORT_VERSION, isDenortPlatform, recoverDenort } from "./denort.ts";
import { runTool } from "./run_tool.ts";

/** What the program ships beside its code; what is not there yet is left out. */
const SHIPPED = ["workflow.md", "agents", "skills", "commands"] as const;

/** What the compiled program may do: everything, until somebody has measured the least it needs. */
const PERMISSIONS = ["-A"] as const;

/** A small nursery keeps the reader of a flood of small events below 100 MB resident, at no cost in time. */
export const SMALL_NURSERY = "--v8-flags=--max-semi-space-size=4";

/** The code cache would lie at a predictable path that other users of the machine can write. */
const COMPILE_FLAGS = ["--no-check", "--no-code-cache", "--no-config", "--no-lock", SMALL_NURSERY] as const;

const STEP_TIMEOUT_MS = 15 * 60_000;

/** What is compiled, and to what. */
export interface CompileOptions {
  /** The folder of the project: the shipped files are found there. */
  readonly root: string;
  /** The main module; its bundle is called main.js. */
  readonly entry: string;
  /** The program to be written. */
  readonly output: string;
  readonly write?: (line: string) => void;
}

/**
 * Bundles the entry and compiles the bundle with the shipped files.
 *
 * @throws {SamocodeError} Where a step fails, with what Deno said.
 */
export async function compile({ root, entry, output, write = console.log }: CompileOptions): Promise<void> {
  const staged = join(dirname(output), "stage");
  await stage({ root, entry, staged });
  const args = compileArguments(staged, output);
  const own = await runCommand(Deno.execPath(), args, { cwd: staged, env: TRUST, timeoutMs: STEP_TIMEOUT_MS });
  if (own.code !== 0) {
    if (!lacksBase(own.stderr) || !isDenortPlatform(Deno.build)) throw failed("compile", own.stderr);
    await compileOnRecoveredBase(args, { staged, write });
  }
  write(`${output}: ${Math.round((statIfExists(output)?.size ?? 0) / 1e6)} MB`);
}

/** The staging folder is made anew: what is no longer shipped must not linger. */
async function stage(
  { root, entry, staged }: Pick<CompileOptions, "root" | "entry"> & { staged: string },
): Promise<void> {
  await Deno.remove(staged, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(staged, { recursive: true });
  // Version, commit and build date are stamped here, on a copy of the entry, once main.ts has a place for them.
  const bundle = await runCommand(Deno.execPath(), ["bundle", "-o", join(staged, "main.js"), entry], {
    cwd: root,
    env: TRUST,
    timeoutMs: STEP_TIMEOUT_MS,
  });
  if (bundle.code !== 0) throw failed("bundle", bundle.stderr);
  for (const name of SHIPPED) copy(join(root, name), join(staged, name));
}

function copy(from: string, to: string): void {
  const stat = statIfExists(from);
  if (stat?.isFile) Deno.copyFileSync(from, to);
  if (!stat?.isDirectory) return;
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}

function compileArguments(staged: string, output: string): readonly string[] {
  const shipped = SHIPPED.filter((name) => statIfExists(join(staged, name)) !== undefined);
  const includes = shipped.flatMap((name) => ["--include", name]);
  return ["compile", ...PERMISSIONS, ...COMPILE_FLAGS, ...includes, "--output", output, "main.js"];
}

/** Deno 2.4 downloads with its own list of certificates unless told to use the machine's as well. */
const TRUST = { DENO_TLS_CA_STORE: "system,mozilla" } as const;

/** Tells a base that could not be downloaded from a program that could not be compiled. */
function lacksBase(stderr: string): boolean {
  return stderr.includes("Setting up base binary") || stderr.includes("denort");
}

async function compileOnRecoveredBase(
  args: readonly string[],
  { staged, write }: { readonly staged: string; readonly write: (line: string) => void },
): Promise<void> {
  write(`denort for Deno ${Deno.version.deno} cannot be downloaded: compiling with Deno ${DENORT_VERSION} from npm`);
  const cache = cacheFolder(Deno.env.toObject());
  if (cache === undefined) {
    throw new SamocodeError("usage", "Cannot keep denort: neither HOME nor XDG_CACHE_HOME is set", {
      hint: "Set one of them",
    });
  }
  const env = { ...TRUST, DENORT_BIN: await recoverDenort(cache) };
  const [binary, prefix] = Deno.version.deno === DENORT_VERSION
    ? [Deno.execPath(), []]
    : ["npx", ["-y", `deno@${DENORT_VERSION}`]];
  const result = await runCommand(binary, [...prefix, ...args], { cwd: staged, env, timeoutMs: STEP_TIMEOUT_MS });
  if (result.code !== 0) throw failed("compile", result.stderr);
}

function failed(step: string, stderr: string): SamocodeError {
  return new SamocodeError("system", `Cannot ${step} the program:\n${stderr.trimEnd()}`, {
    hint: "Mend what Deno reports above, then run the task again",
  });
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  await runTool(() => compile({ root, entry: join(root, "main.ts"), output: join(root, "dist", "samocode") }));
}
