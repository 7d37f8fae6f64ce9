/**
 * The npm packages: one with the binary for each platform, which is also the archive that install.sh downloads, and
 * `samocode`, which depends on all of them and runs the one that npm installed.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";
import type { Target } from "./targets.ts";

/** What all packages of a release share. */
export interface PackageOptions {
  /** As in deno.json; all packages have the same version. */
  readonly version: string;
  /** The folder of the project, with `LICENSE` and `npm/`. */
  readonly root: string;
}

const HOME = "https://github.com/samocode/samocode";

/** npm's provenance requires the address of the repository that publishes. */
const COMMON = {
  homepage: `${HOME}#readme`,
  bugs: `${HOME}/issues`,
  repository: { type: "git", url: `git+${HOME}.git` },
  license: "MIT",
} as const;

/** Compressing a hundred megabytes takes some seconds. */
const PACK_TIMEOUT_MS = 5 * 60_000;

/**
 * See https://reproducible-builds.org/docs/archives/; only GNU tar has them all. `gzip -9` takes 2.5 times as long and
 * saves 0.5 %.
 */
const REPRODUCIBLE = [
  ...["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"],
  "--use-compress-program=gzip -n",
] as const;

/** The name of a platform's package. */
export function packageName({ name }: Target): string {
  return `samocode-${name}`;
}

/**
 * Writes a platform's package without its binary.
 *
 * @returns The path for the binary.
 */
export function writePlatformPackage(folder: string, target: Target, { version, root }: PackageOptions): string {
  const manifest = {
    name: packageName(target),
    version,
    description: `The samocode binary for ${target.name}`,
    ...COMMON,
    os: [target.os],
    cpu: [target.cpu],
    // npm 10.4 and later skip the package on musl; older versions ignore the field.
    ...(target.os === "linux" ? { libc: ["glibc"] } : {}),
    // Yarn's Plug'n'Play would leave it in a zip, from which nothing can be run.
    preferUnplugged: true,
  };
  writePackage(folder, manifest, [join(root, "LICENSE")]);
  const readme = `The [samocode](${HOME}) binary for ${target.name}. Install it with \`npm install -g samocode\`.\n`;
  Deno.writeTextFileSync(join(folder, "README.md"), readme);
  const binary = join(folder, "bin", target.program);
  Deno.mkdirSync(dirname(binary));
  return binary;
}

/** Writes the package `samocode` for the given platforms. */
export function writeLauncherPackage(
  folder: string,
  targets: readonly Target[],
  { version, root }: PackageOptions,
): void {
  const manifest = {
    name: "samocode",
    version,
    description: "Runs a coding agent in a loop until a task is done, and asks you where only you can decide",
    keywords: ["agent", "claude-code", "cli", "codex", "mcp"],
    ...COMMON,
    type: "commonjs",
    bin: { samocode: "samocode.js" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(targets.map((target) => [packageName(target), version])),
  };
  writePackage(folder, manifest, ["LICENSE", "npm/README.md", "npm/samocode.js"].map((name) => join(root, name)));
}

/**
 * Packs a package's folder as `archive`, a `.tar.gz` that npm publishes as it is. The same files give the same bytes.
 *
 * @throws {SamocodeError} Where tar or gzip is missing or fails.
 */
export async function packPackage(
  folder: string,
  { archive, time }: { readonly archive: string; readonly time: Date },
): Promise<void> {
  const mtime = `--mtime=@${Math.floor(time.getTime() / 1000)}`;
  const args = [...REPRODUCIBLE, mtime, "-C", dirname(folder), "-cf", archive, basename(folder)];
  const { code, stderr } = await runCommand("tar", args, { cwd: ".", timeoutMs: PACK_TIMEOUT_MS })
    .catch((error) => ({ code: undefined, stderr: messageOf(error) }));
  if (code === 0) return;
  throw new SamocodeError("system", `Cannot pack ${archive}: ${stderr.trim()}`, {
    hint: "Make releases on Linux: this requires GNU tar and gzip",
  });
}

function writePackage(folder: string, manifest: Readonly<Record<string, unknown>>, files: readonly string[]): void {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const file of files) Deno.copyFileSync(file, join(folder, basename(file)));
}
