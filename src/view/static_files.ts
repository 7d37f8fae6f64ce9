/**
 * The page itself: a shell with nothing of any session, its program and its look.
 *
 * @module
 */
import { join } from "node:path";
import { HEADERS } from "./answers.ts";
import { PAGE_FILES } from "./page_files.ts";

/** By path, read once. */
export type StaticFiles = ReadonlyMap<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string }>;

/** Reads the page's files from their folder. */
export function readStaticFiles(folder: string): StaticFiles {
  const named = Object.entries(PAGE_FILES).map(([name, type]) =>
    [name === "index.html" ? "/" : `/${name}`, { bytes: Deno.readFileSync(join(folder, name)), type }] as const
  );
  return new Map(named);
}

/** Answers with a file of the page; `undefined` for any other path. */
export function staticFile(files: StaticFiles, path: string): Response | undefined {
  const found = files.get(path);
  return found && new Response(found.bytes, { headers: { ...HEADERS, "content-type": found.type } });
}
