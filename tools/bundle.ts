/**
 * Makes few files of many modules: a program made of them starts in about two thirds of the time. What only one
 * command needs, the MCP server above all, stays in a file of its own, which the others never read.
 *
 * The same source gives the same bytes on any machine: what the bundler takes over from the machine is taken out.
 *
 * @module
 */
import { basename, join } from "node:path";
import { SamocodeError } from "../src/text/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";

/** Deno 2.4 downloads with its own list of certificates unless told to use the machine's as well. */
export const TRUST = { DENO_TLS_CA_STORE: "system,mozilla" } as const;

/** The longest that one step of a build may take: it may download a base program or packages. */
export const STEP_TIMEOUT_MS = 15 * 60_000;

/** What packages ask for and do without: `pg` tries its driver in C. Deno 2.4 bundles nothing where one is missing. */
const OPTIONAL = ["pg-native"] as const;

/** What is bundled, and into which folder, which is there and empty. */
export interface BundleOptions {
  /** The folder of the project. */
  readonly root: string;
  /** The main module; its file is called after it, with the ending `.js`. */
  readonly entry: string;
  readonly folder: string;
}

/**
 * Bundles a program.
 *
 * @throws {SamocodeError} Where a module does not load, with what Deno said.
 */
export async function bundle({ root, entry, folder }: BundleOptions): Promise<void> {
  const left = OPTIONAL.flatMap((name) => ["--external", name]);
  const args = ["bundle", "--code-splitting", ...left, "--outdir", folder, entry];
  const { code, stderr } = await runCommand(Deno.execPath(), args, {
    cwd: root,
    env: TRUST,
    timeoutMs: STEP_TIMEOUT_MS,
  });
  if (code !== 0) throw failed("bundle", stderr);
  const texts = new Map(
    [...Deno.readDirSync(folder)].map(({ name }) => [name, Deno.readTextFileSync(join(folder, name))]),
  );
  const names = plainNames(texts, basename(entry).replace(/\.ts$/, ".js"));
  for (const name of texts.keys()) Deno.removeSync(join(folder, name));
  // A part that no other one names is of no use.
  for (const [name, plain] of names) Deno.writeTextFileSync(join(folder, plain), cleaned(texts.get(name) ?? "", names));
  if (CAN_KEEP_NAMES) await Promise.all([...names.values()].map((name) => minifyPackages(folder, name)));
}

/** A stack trace without names says nothing, and Deno 2.4 cannot keep them. */
const CAN_KEEP_NAMES = !Deno.version.deno.startsWith("2.4.");

/**
 * Minifies a part that is mostly packages, with the names of its functions; the program's own code stays as it is, so
 * that a stack trace leads to it. A part with `require` in it would not find Node's modules afterwards.
 */
async function minifyPackages(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const text = Deno.readTextFileSync(path);
  if (packagesIn(text) < 0.75 || text.includes("__require(")) return;
  const others = [...text.matchAll(/"(\.\/[\w.-]+\.js)"/g)].flatMap(([, other = ""]) => ["--external", other]);
  const smaller = `${path}.min`;
  const args = ["bundle", "--minify", "--keep-names", ...others, "--output", smaller, path];
  const { code, stderr } = await runCommand(Deno.execPath(), args, { cwd: folder, timeoutMs: STEP_TIMEOUT_MS });
  if (code !== 0) throw failed("minify", stderr);
  Deno.renameSync(smaller, path);
}

/** How much of a part is packages, from 0 to 1. The bundler names each module in a comment before it. */
export function packagesIn(text: string): number {
  const modules = text.split(/^(?=\/\/ \S+\.[cm]?[jt]sx?$)/m).filter((module) => module.startsWith("// "));
  const sizeOf = (some: readonly string[]) => some.reduce((sum, { length }) => sum + length, 0);
  return sizeOf(modules.filter((module) => module.startsWith("// npm/"))) / (sizeOf(modules) || 1);
}

/** A step of the build that failed, with what the tool said. */
export function failed(step: string, stderr: string): SamocodeError {
  return new SamocodeError("system", `Cannot ${step} the program:\n${stderr.trimEnd()}`, {
    hint: "Mend what Deno reports above, then run the task again",
  });
}

/**
 * esbuild names parts `name-HASH.js`, and hashes the paths of this machine, too. A number in the order in which the
 * parts are named, from the main one on, tells them apart as well.
 */
function plainNames(texts: ReadonlyMap<string, string>, main: string): ReadonlyMap<string, string> {
  const names = new Map([[main, main]]);
  // A map is walked in the order of insertion, also of what is inserted on the way.
  for (const [name] of names) {
    for (const [, part = ""] of texts.get(name)?.matchAll(/"\.\/([\w.-]+\.js)"/g) ?? []) {
      if (texts.has(part) && !names.has(part)) {
        names.set(part, part.replace(/-[A-Z0-9]{8}\.js$/, `-${names.size}.js`));
      }
    }
  }
  return names;
}

function cleaned(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce(
    (said, [name, plain]) => said.replaceAll(`"./${name}"`, `"./${plain}"`),
    withoutPlaces(text),
  );
}

/**
 * Names each npm module after its package alone. The bundler names modules by their paths, in a comment before each or,
 * where it is CommonJS, in a property. Where the packages lay on this machine, and from which registry they came, is
 * nobody's business: Deno keeps them as `DENO_DIR/npm/REGISTRY/PACKAGE/VERSION/`, and both may have folders called npm.
 */
export function withoutPlaces(text: string): string {
  const path = /^(\s*(?:\/\/ |"))(?:[^"\n]*\/)?npm\/[^"\n@]*?\/((?:@[^/"\n]+\/)?[^/"\n]+\/\d+\.\d+\.\d+[^/"\n]*\/)/gm;
  return text.replaceAll(path, "$1npm/$2");
}
