/**
 * The files of the page: beside the shipped texts in a binary, bundled at the first start from source.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { statIfExists } from "../system/files/files.ts";
import { runCommand } from "../system/processes/run_command.ts";

/** What the browser loads, with its content types. Nothing else of the folder is served. */
export const PAGE_FILES = {
  "index.html": "text/html; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "icon-needs.svg": "image/svg+xml",
} as const satisfies Readonly<Record<string, string>>;

/** The folder in `page/`'s place that a binary carries. */
export const STAGED_PAGE = "page";

/** What the bundle is made of, from the root of the project. */
const SOURCES = ["page", "src/view/contract.ts", "src/text", "src/workflow", "deno.json", "deno.lock"] as const;

/** A fresh machine downloads the packages first. */
const BUNDLE_TIMEOUT_MS = 5 * 60_000;

/**
 * Finds the page's files.
 *
 * @param root The folder of the shipped texts: the project's own when run from source.
 * @returns The folder that has each of {@linkcode PAGE_FILES}.
 * @throws {SamocodeError} If they cannot be bundled.
 */
export async function findPageFiles(root: string): Promise<string> {
  if (statIfExists(join(root, STAGED_PAGE, "page.js"))) return join(root, STAGED_PAGE);
  const folder = join(root, "dist", `page-${hashOf(root)}`);
  if (statIfExists(folder)) return folder;
  const unfinished = `${folder}.${crypto.randomUUID()}`;
  try {
    await bundlePage({ root, folder: unfinished });
    // Whoever was first has the same bytes.
    await Deno.rename(unfinished, folder).catch((error) => {
      if (!statIfExists(folder)) throw error;
    });
  } finally {
    await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  }
  return folder;
}

/**
 * Bundles the page.
 *
 * @param options `folder` is made.
 * @throws {SamocodeError} If it does not bundle, with what Deno said.
 */
export async function bundlePage(
  { root, folder }: { readonly root: string; readonly folder: string },
): Promise<void> {
  const args = ["bundle", "--quiet", "--platform", "browser", "--minify", "--outdir", folder, join("page", "page.tsx")];
  const env = { DENO_TLS_CA_STORE: "system,mozilla", NO_COLOR: "1" };
  const { code, stderr } = await runCommand(Deno.execPath(), args, { cwd: root, env, timeoutMs: BUNDLE_TIMEOUT_MS });
  if (code !== 0) {
    throw new SamocodeError("system", `Cannot bundle the page:\n${stderr.trimEnd()}`, {
      hint: "Fix what Deno reports above; the first start from source needs the npm registry",
    });
  }
  for (const name of ["index.html", "icon.svg", "icon-needs.svg"]) {
    await Deno.copyFile(join(root, "page", name), join(folder, name));
  }
}

function hashOf(root: string): string {
  const texts = SOURCES.flatMap((path) => textsAt(join(root, path)));
  return createHash("sha256").update([Deno.version.deno, ...texts].join("\0")).digest("hex").slice(0, 16);
}

function textsAt(path: string): readonly string[] {
  if (statIfExists(path)?.isFile) return [path, Deno.readTextFileSync(path)];
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  return names.flatMap((name) => textsAt(join(path, name)));
}
