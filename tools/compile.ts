/**
 * `deno task compile`: makes `dist/samocode`, one program that carries everything.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { SamocodeError } from "../src/text/errors.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { type CommandResult, runCommand } from "../src/system/processes/run_command.ts";
import { failed, STEP_TIMEOUT_MS, TRUST } from "./bundle.ts";
import { cacheFolder } from "./client_pins.ts";
import { DENORT_VERSION, isDenortPlatform, recoverDenort } from "./denort.ts";
import { runTool } from "./run_tool.ts";
import { stage, type Staged } from "./stage.ts";
import type { Target } from "./targets.ts";

/**
 * What the compiled program may do. It runs programs that a person chooses, in folders that a person chooses, hands
 * the environment on and may call Telegram at an address of the person's choosing; so these rights cannot be confined
 * to names. What it never does is taken from it: native libraries, code from elsewhere, and asking the machine for
 * anything but the free space of a disk. The names are those of Deno's permission "sys".
 *
 * `--allow-all` and not a list of rights: Deno shows `/proc`, where leftover processes are found, to nobody else.
 */
const PERMISSIONS = [
  "--allow-all",
  "--deny-ffi",
  "--deny-import",
  "--deny-sys=hostname,osRelease,osUptime,loadavg,networkInterfaces,systemMemoryInfo,gid,cpus,userInfo,homedir",
] as const;

/** A small nursery keeps the reader of a flood of small events below 100 MB resident, at no cost in time. */
export const SMALL_NURSERY = "--v8-flags=--max-semi-space-size=4";

/** The code cache would lie at a predictable path that other users of the machine can write. */
const COMPILE_FLAGS = ["--no-check", "--no-code-cache", "--no-config", "--no-lock", SMALL_NURSERY] as const;

/** What is compiled, and to what. */
export interface CompileOptions {
  /** The folder of the project: the shipped files are found there. */
  readonly root: string;
  /** The main module; it must be called main.ts. */
  readonly entry: string;
  /** The program to be written. */
  readonly output: string;
  readonly write?: (line: string) => void;
}

/** The base program of a platform, denort, that neither Deno's download host nor npm gives. */
export class BaseOutOfReach extends SamocodeError {
  constructor(message: string) {
    super("system", message, { hint: "Build where Deno's download host can be reached" });
  }
}

/**
 * Bundles the entry and compiles the bundle with the shipped files, for this machine.
 *
 * @throws {SamocodeError} Where a step fails, with what Deno said.
 */
export async function compile({ root, entry, output, write = console.log }: CompileOptions): Promise<void> {
  await compileStaged(await stage({ root, entry, folder: join(dirname(output), "stage") }), { output, write });
  write(`${output}: ${Math.round((statIfExists(output)?.size ?? 0) / 1e6)} MB`);
}

/**
 * Compiles what was staged.
 *
 * @throws {BaseOutOfReach} Where the base program of the platform cannot be had.
 * @throws {SamocodeError} Where it does not compile.
 */
export async function compileStaged(
  { folder, included }: Staged,
  { output, target, write }: {
    readonly output: string;
    /** This machine's own, where none is given. */
    readonly target?: Target;
    readonly write: (line: string) => void;
  },
): Promise<void> {
  const args = [
    "compile",
    ...PERMISSIONS,
    ...COMPILE_FLAGS,
    ...(target === undefined ? [] : ["--target", target.triple]),
    ...included.flatMap((name) => ["--include", name]),
    ...["--output", output, "main.js"],
  ];
  const env = TRUST;
  const own = await runCommand(Deno.execPath(), args, { cwd: folder, env, timeoutMs: STEP_TIMEOUT_MS });
  if (own.code === 0) return;
  if (!lacksBase(own)) throw failed("compile", own.stderr);
  const platform = target === undefined ? Deno.build : platformOf(target);
  if (!isDenortPlatform(platform)) {
    throw new BaseOutOfReach(`Cannot compile for ${platform.os} ${platform.arch}: its denort cannot be downloaded`);
  }
  write(`denort for Deno ${Deno.version.deno} cannot be downloaded: compiling with Deno ${DENORT_VERSION} from npm`);
  const recovered = await compileOnRecoveredBase(args, folder);
  if (recovered.code !== 0) throw failed("compile", recovered.stderr);
}

/** Deno names platforms otherwise than Node does. */
function platformOf({ triple, os }: Target): { readonly os: string; readonly arch: string } {
  return { os: os === "win32" ? "windows" : os, arch: triple.split("-")[0] ?? "" };
}

/** Tells a base that could not be downloaded from a program that could not be compiled. */
function lacksBase({ stderr }: CommandResult): boolean {
  return stderr.includes("Setting up base binary") || stderr.includes("denort");
}

async function compileOnRecoveredBase(args: readonly string[], cwd: string): Promise<CommandResult> {
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
  return await runCommand(binary, [...prefix, ...args], { cwd, env, timeoutMs: STEP_TIMEOUT_MS });
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  await runTool(() => compile({ root, entry: join(root, "main.ts"), output: join(root, "dist", "samocode") }));
}
