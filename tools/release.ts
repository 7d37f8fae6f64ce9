/**
 * `deno task release`: makes all that a release consists of. `dist/release` is for the page of the release, `dist/npm`
 * for npm, `dist/release-notes.md` is the release's text.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { COMPLETION_SCRIPTS } from "../src/cli/completion_scripts.ts";
import { SamocodeError } from "../src/system/errors.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { packFolder } from "./archive.ts";
import { provenanceOf } from "./build_stamp.ts";
import { changelogSection } from "./changelog_section.ts";
import { BaseOutOfReach, compileStaged, type Staged } from "./compile.ts";
import { writeNpmPackages } from "./npm_packages.ts";
import { runTool } from "./run_tool.ts";
import { stage } from "./stage.ts";
import { type Target, TARGETS } from "./targets.ts";

/** What is released. */
export interface ReleaseOptions {
  /** The folder of the project. */
  readonly root: string;
  /** Where the release is made; what an earlier run left there goes first, so that a failed one leaves nothing old. */
  readonly folder: string;
  /** As in deno.json. */
  readonly version: string;
  /** The names of the platforms, each of which must be built. Without them it is all that can be built here. */
  readonly targets?: readonly string[];
  readonly write?: (line: string) => void;
}

/** Where a shell looks for the script by itself, or what it wants in its name. */
const COMPLETION_FILES: Readonly<Record<string, string>> = {
  "samocode.bash": COMPLETION_SCRIPTS.bash,
  "_samocode": COMPLETION_SCRIPTS.zsh,
  "samocode.fish": COMPLETION_SCRIPTS.fish,
  "samocode.ps1": COMPLETION_SCRIPTS.powershell,
};

/**
 * Makes a release.
 *
 * @returns The names of the platforms it was made for.
 * @throws {SamocodeError} Where a step or a platform that was named fails, the changelog has nothing to say, or no platform is left.
 */
export async function release(
  { root, folder, version, targets, write = console.log }: ReleaseOptions,
): Promise<readonly string[]> {
  const chosen = targets?.map(targetOf) ?? TARGETS;
  const notes = notesOf(Deno.readTextFileSync(join(root, "CHANGELOG.md")), { version, write });
  const released = emptied(join(folder, "release"));
  const packages = emptied(join(folder, "npm"));
  const packed = emptied(join(folder, "packed"));
  const { stamp, time } = await provenanceOf(root);
  if (stamp.isModified) write("The source has changes that are not committed; the program will say so");

  const staging = join(folder, "stage");
  const staged = { folder: staging, included: await stage({ root, entry: join(root, "main.ts"), folder: staging }) };
  const programs: Record<string, string> = {};
  for (const target of chosen) {
    const content = emptied(join(packed, target.name));
    const output = join(content, target.program);
    if (!await isCompiled(staged, { target, output, isOptional: targets === undefined, write })) continue;
    addTexts(content, root);
    await packFolder(content, { archive: join(released, `samocode-${target.name}.tar.gz`), time });
    programs[target.name] = output;
    write(`samocode-${target.name}.tar.gz`);
  }
  if (Object.keys(programs).length === 0) {
    throw new SamocodeError("system", "Cannot make a release: it could be built for no platform", {
      hint: "Build on Linux x64, or where Deno's download host can be reached",
    });
  }
  Deno.copyFileSync(join(root, "install.sh"), join(released, "install.sh"));
  Deno.writeTextFileSync(join(released, "SHA256SUMS"), sumsOf(released));
  Deno.writeTextFileSync(join(folder, "release-notes.md"), `${notes}\n`);
  for (const made of writeNpmPackages({ version, programs, folder: packages, root })) write(made);
  Deno.removeSync(packed, { recursive: true });
  return Object.keys(programs);
}

function targetOf(name: string): Target {
  const target = TARGETS.find((known) => known.name === name);
  if (target !== undefined) return target;
  throw new SamocodeError("usage", `Cannot make a release for ${JSON.stringify(name)}: there is no such platform`, {
    hint: `Name one or more of ${TARGETS.map(({ name }) => name).join(", ")}`,
  });
}

/** Before a version is dated its changes stand under "Unreleased". */
function notesOf(
  changelog: string,
  { version, write }: { readonly version: string; readonly write: (line: string) => void },
): string {
  const dated = changelogSection(changelog, version);
  const notes = dated ?? changelogSection(changelog, "Unreleased");
  if (notes === undefined) {
    throw new SamocodeError("usage", `Cannot make a release: CHANGELOG.md says nothing about ${version}`, {
      hint: `Write what changed under ## [${version}] and its date`,
    });
  }
  if (dated === undefined) write(`CHANGELOG.md has no section for ${version} yet; taken what is under Unreleased`);
  return notes;
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

function addTexts(content: string, root: string): void {
  Deno.copyFileSync(join(root, "LICENSE"), join(content, "LICENSE"));
  const completions = emptied(join(content, "completions"));
  for (const [name, script] of Object.entries(COMPLETION_FILES)) {
    Deno.writeTextFileSync(join(completions, name), script);
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
