/**
 * A session's documents and pictures. Agents chose names, sizes and contents.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { extname, join } from "node:path";
import { escapeHtml } from "../html/escape_html.ts";
import { renderMarkdown } from "../html/markdown.ts";
import { layoutIn, listFiles, openArtifact } from "../operations/read_artifact.ts";
import type { Samocode } from "../operations/samocode.ts";
import { type Layout, recordOf } from "../session/layout.ts";
import { lstatIfExists, readUpTo } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatBytes } from "../text/format.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { HEADERS } from "./answers.ts";
import type { DocumentAnswer, DocumentRow } from "./contract.ts";

const KINDS: Readonly<Record<string, DocumentRow["kind"]>> = {
  ".md": "markdown",
  ...{ ".png": "image", ".jpg": "image", ".jpeg": "image", ".gif": "image", ".webp": "image" },
  ...{ ".txt": "text", ".json": "text", ".csv": "text", ".diff": "text", ".patch": "text" },
};

/** A page renders no longer text in a time that one waits for. */
const MAX_TEXT_BYTES = 1024 * 1024;
/** A screenshot of a long page has a few. */
const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** How pictures begin, in hexadecimal. Nothing else is served as one: an SVG can be a program. */
const MAGIC: readonly (readonly [type: string, start: RegExp])[] = [
  ["image/png", /^89504e470d0a1a0a/],
  ["image/jpeg", /^ffd8ff/],
  ["image/gif", /^474946383[79]61/],
  ["image/webp", /^52494646.{8}57454250/],
];

/** Lists them, the newest first; without what samocode itself records. */
export function listDocuments(samocode: Samocode, session: string): readonly DocumentRow[] {
  const layout = layoutIn(samocode, session);
  return documentsIn(layout).toSorted((a, b) => a.at < b.at ? 1 : -1);
}

function documentsIn(layout: Layout): readonly DocumentRow[] {
  const record = recordOf(layout);
  return listFiles(layout).flatMap(({ name, bytes }) => {
    const path = join(layout.folder, name);
    const kind = KINDS[extname(name).toLowerCase()];
    if (
      kind === undefined || path === layout.signal || record.some((own) => path === own || path.startsWith(`${own}/`))
    ) {
      return [];
    }
    return [{ name, bytes, kind, at: (lstatIfExists(path)?.mtime ?? new Date(0)).toISOString() }];
  });
}

/**
 * Reads a document.
 *
 * @throws {SamocodeError} If there is no document of that name.
 */
export async function readDocument(
  samocode: Samocode,
  { session, name }: { readonly session: string; readonly name: string },
): Promise<DocumentAnswer> {
  const layout = layoutIn(samocode, session);
  const row = documentsIn(layout).find((each) => each.name === name && each.kind !== "image");
  if (row === undefined) throw missing(name);
  using file = openArtifact(layout, name);
  const text = new TextDecoder().decode(readUpTo(file, Math.min(row.bytes, MAX_TEXT_BYTES)));
  const more = row.bytes > MAX_TEXT_BYTES ? `\n\n… of ${formatBytes(row.bytes)}` : "";
  const shown = hideSecrets(`${text}${more}`);
  const html = row.kind === "markdown"
    ? await renderMarkdown(shown, { heading: 3 })
    : `<pre>${escapeHtml(plainBlock(shown))}</pre>`;
  return { ...row, html };
}

/**
 * Answers with a picture.
 *
 * @throws {SamocodeError} If there is no image of that name.
 */
export function imageResponse(
  samocode: Samocode,
  { session, name }: { readonly session: string; readonly name: string },
): Response {
  using file = openArtifact(layoutIn(samocode, session), name);
  const { size } = file.statSync();
  if (size > MAX_IMAGE_BYTES) throw missing(name);
  const bytes = readUpTo(file, size);
  const start = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  const [type] = MAGIC.find(([, magic]) => magic.test(start)) ?? [];
  if (type === undefined) throw missing(name);
  return new Response(new Blob([new Uint8Array(bytes)]), { headers: { ...HEADERS, "content-type": type } });
}

function missing(name: string): SamocodeError {
  return new SamocodeError(
    "usage",
    `Cannot show ${JSON.stringify(name.slice(0, 200))}: the session has no such document`,
    {
      hint: "Choose one of the list",
    },
  );
}
