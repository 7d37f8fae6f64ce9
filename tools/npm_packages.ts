/**
 * Writes the npm packages: one with the program for each platform, and `samocode`, which starts the fitting one.
 *
 * @module
 */
import { basename, join } from "node:path";
import { SamocodeError } from "../src/system/errors.ts";
import { type Target, TARGETS } from "./targets.ts";

/** What the packages are made of. */
export interface NpmPackages {
  /** As in deno.json, such as `0.1.0`; all packages have the same. */
  readonly version: string;
  /** The compiled program of each target that was built, by the target's name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Where the packages go, each into a folder of its name. What an earlier run left there is replaced. */
  readonly folder: string;
  /** The project's folder, with `LICENSE` and `npm/`. */
  readonly root: string;
}

const HOME = "https://github.com/samocode/samocode";
const DESCRIPTION = "Runs a coding agent in a loop until a task is done, and asks you where only you can decide";

/** The same in every package. npm's provenance wants the address of the repository that publishes. */
const COMMON = {
  homepage: `${HOME}#readme`,
  bugs: `${HOME}/issues`,
  repository: { type: "git", url: `git+${HOME}.git` },
  license: "MIT",
} as const;

/**
 * Writes the packages, ready for `npm publish`: the platforms' first, as `samocode` names them.
 *
 * @returns Their folders, in the order in which they are to be published.
 * @throws {SamocodeError} For a version or a target that there is not, or when there is no program at all.
 */
export function writeNpmPackages({ version, programs, folder, root }: NpmPackages): readonly string[] {
  const built = builtTargets(programs);
  if (!/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version)) {
    throw new SamocodeError("usage", `Cannot write npm packages: ${JSON.stringify(version)} is no version`, {
      hint: "Take the one of deno.json, without a v before it",
    });
  }
  for (const name of ["samocode", ...TARGETS.map(packageName)]) removeIfExists(join(folder, name));
  return [
    ...built.map(({ target, program }) =>
      writePlatform(join(folder, packageName(target)), { version, target, program, root })
    ),
    writeLauncher(join(folder, "samocode"), { version, targets: built.map(({ target }) => target), root }),
  ];
}

interface Built {
  readonly target: Target;
  readonly program: string;
}

function builtTargets(programs: NpmPackages["programs"]): readonly Built[] {
  const unknown = Object.keys(programs).find((name) => TARGETS.every((target) => target.name !== name));
  if (unknown === undefined && Object.keys(programs).length > 0) {
    return TARGETS.flatMap((target) => {
      const program = programs[target.name];
      return program === undefined ? [] : [{ target, program }];
    });
  }
  const state = unknown === undefined ? "there is no program" : `${JSON.stringify(unknown)} is no target`;
  throw new SamocodeError("usage", `Cannot write npm packages: ${state}`, {
    hint: `Name the program of one or more of ${TARGETS.map(({ name }) => name).join(", ")}`,
  });
}

function packageName({ name }: Target): string {
  return `samocode-${name}`;
}

function writePlatform(
  folder: string,
  { version, target, program, root }: Built & Pick<NpmPackages, "version" | "root">,
): string {
  const file = join("bin", target.program);
  Deno.mkdirSync(join(folder, "bin"), { recursive: true });
  Deno.copyFileSync(program, join(folder, file));
  // npm packs the mode as it finds it.
  if (Deno.build.os !== "windows") Deno.chmodSync(join(folder, file), 0o755);
  writeManifest(folder, {
    name: packageName(target),
    version,
    description: `The program of samocode for ${target.name}`,
    ...COMMON,
    os: [target.os],
    cpu: [target.cpu],
    // npm 10.4 and later leave the package out on other C libraries; older ones do not know the field.
    ...(target.os === "linux" ? { libc: ["glibc"] } : {}),
    // Yarn's Plug'n'Play would leave it in a zip, where nothing can be started.
    preferUnplugged: true,
    files: [`bin/${target.program}`],
  });
  copyInto(folder, [join(root, "LICENSE")]);
  Deno.writeTextFileSync(
    join(folder, "README.md"),
    `The program of [samocode](${HOME}) for ${target.name}.\nInstall the package \`samocode\`, which brings this one along.\n`,
  );
  return folder;
}

function writeLauncher(
  folder: string,
  { version, targets, root }: Pick<NpmPackages, "version" | "root"> & { readonly targets: readonly Target[] },
): string {
  Deno.mkdirSync(folder, { recursive: true });
  writeManifest(folder, {
    name: "samocode",
    version,
    description: DESCRIPTION,
    keywords: ["agent", "claude-code", "cli", "codex", "mcp"],
    ...COMMON,
    type: "commonjs",
    bin: { samocode: "samocode.js" },
    files: ["samocode.js"],
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(targets.map((target) => [packageName(target), version])),
  });
  copyInto(folder, [join(root, "LICENSE"), join(root, "npm", "README.md"), join(root, "npm", "samocode.js")]);
  return folder;
}

function writeManifest(folder: string, manifest: Readonly<Record<string, unknown>>): void {
  Deno.writeTextFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function copyInto(folder: string, files: readonly string[]): void {
  for (const file of files) Deno.copyFileSync(file, join(folder, basename(file)));
}

function removeIfExists(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
