/**
 * Slack's text format: `&`, `<` and `>` are escaped, and links are in angle brackets.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Escapes a text so that it contains no link or mention. */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/**
 * The most characters in the text of a block:
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 */
const MAX_BLOCK_TEXT = 3000;

/** Escapes a text in pieces that fit one block each, split at line ends where possible. */
export function escapedPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  // An escaped character takes up to five.
  for (const [part] of text.matchAll(/[^\n]{1,500}\n?|\n/gu)) {
    const escaped = escapeSlack(part);
    if (piece.length + escaped.length > MAX_BLOCK_TEXT) {
      pieces.push(piece);
      piece = "";
    }
    piece += escaped;
  }
  return [...pieces, piece].filter((each) => each.trim() !== "");
}

/** Restores what a person typed from Slack's form: `<https://a.org|a.org>` was `a.org`. */
export function typedText(text: string): string {
  return text.replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_, link: string, label?: string) => label ?? link)
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
