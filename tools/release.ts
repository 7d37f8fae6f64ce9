/**
 * `deno task release`: makes everything a release consists of. `dist/release` is for the release page and holds the npm
 * packages of the platforms as well; `dist/npm` holds the package `samocode`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { SamocodeError } from "../src/text/errors.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { BaseOutOfReach, compileStaged } from "./compile.ts";
import { packageName, packPackage, writeLauncherPackage, writePlatformPackage } from "./packages.ts";
import { runTool } from "./run_tool.ts";
import { stage, type Staged } from "./stage.ts";
import { type Target, TARGETS } from "./targets.ts";

/** What is released. */
export interface ReleaseOptions {
  /** The folder of the project. */
  readonly root: string;
  /** Where the release is written. An earlier one is removed first, so that a failure leaves nothing old. */
  readonly folder: string;
  /** As in deno.json. */
  readonly version: string;
  /** The names of the platforms, each of which must build. Without them, every platform that can be built here. */
  readonly targets?: readonly string[];
  readonly write?: (line: string) => void;
}

/**
 * Makes a release.
 *
 * @returns The names of the platforms it was made for.
 * @throws {SamocodeError} Where a step or a named platform fails, or no platform is left.
 */
export async function release(
  { root, folder, version, targets, write = console.log }: ReleaseOptions,
): Promise<readonly string[]> {
  const chosen = targets?.map(targetOf) ?? TARGETS;
  const released = emptied(join(folder, "release"));
  const npm = emptied(join(folder, "npm"));
  const packages = emptied(join(folder, "packages"));
  const staged = await stage({ root, entry: join(root, "main.ts"), folder: join(folder, "stage") });
  const { stamp, time } = staged;
  if (stamp.isModified) write("The source has uncommitted changes; samocode --version will say so");

  const built: Target[] = [];
  for (const target of chosen) {
    const content = join(packages, packageName(target));
    const output = writePlatformPackage(content, target, { version, root });
    if (!await isCompiled(staged, { target, output, isOptional: targets === undefined, write })) continue;
    await packPackage(content, { archive: join(released, `${packageName(target)}.tar.gz`), time });
    built.push(target);
    write(`${packageName(target)}.tar.gz`);
  }
  if (built.length === 0) {
    throw new SamocodeError("system", "Cannot make a release: no platform could be built", {
      hint: "Build on Linux x64, or where Deno's download host can be reached",
    });
  }
  const launcher = join(packages, "samocode");
  writeLauncherPackage(launcher, built, { version, root });
  await packPackage(launcher, { archive: join(npm, "samocode.tar.gz"), time });
  Deno.copyFileSync(join(root, "install.sh"), join(released, "install.sh"));
  Deno.writeTextFileSync(join(released, "SHA256SUMS"), sumsOf(released));
  Deno.removeSync(packages, { recursive: true });
  return built.map(({ name }) => name);
}

function targetOf(name: string): Target {
  const target = TARGETS.find((known) => known.name === name);
  if (target !== undefined) return target;
  throw new SamocodeError("usage", `Cannot make a release for ${JSON.stringify(name)}: unknown platform`, {
    hint: `Name one or more of ${TARGETS.map(({ name }) => name).join(", ")}`,
  });
}

/** Compiles, or says why this platform is left out. */
async function isCompiled(
  staged: Staged,
  { isOptional, ...options }: {
    readonly target: Target;
    readonly output: string;
    readonly isOptional: boolean;
    readonly write: (line: string) => void;
  },
): Promise<boolean> {
  try {
    await compileStaged(staged, options);
    return true;
  } catch (error) {
    if (!isOptional || !(error instanceof BaseOutOfReach)) throw error;
    options.write(`Left out: ${options.target.name}. ${error.message}`);
    return false;
  }
}

/** As `sha256sum` writes and checks it. */
function sumsOf(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return names.map((name) => {
    const hash = createHash("sha256").update(Deno.readFileSync(join(folder, name))).digest("hex");
    return `${hash}  ${name}\n`;
  }).join("");
}

function emptied(folder: string): string {
  if (statIfExists(folder) !== undefined) Deno.removeSync(folder, { recursive: true });
  Deno.mkdirSync(folder, { recursive: true });
  return folder;
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  await runTool(async () => {
    const targets = Deno.args.length === 0 ? {} : { targets: Deno.args };
    await release({ root, folder: join(root, "dist"), version: config.version, ...targets });
  });
}
