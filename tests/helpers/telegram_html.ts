/**
 * Telegram's HTML, read strictly: https://core.telegram.org/bots/api#html-style
 *
 * @module
 */

const TAGS = new Set(["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "a"]);

const ENTITIES: ReadonlyMap<string, string> = new Map([["lt", "<"], ["gt", ">"], ["amp", "&"], ["quot", '"']]);

/** What people see of it; `undefined` if a tag is unknown or not closed, or an entity unknown. */
export function visibleText(html: string): string | undefined {
  const open: string[] = [];
  let text = "";
  for (const [part] of html.matchAll(/<[^>]*>?|&[^;\s<&]*;?|[^<&]+/g)) {
    if (part.startsWith("<")) {
      const [, slash, name = ""] = /^<(\/?)([a-z]+)(?: [^<>]*)?>$/.exec(part) ?? [];
      if (!TAGS.has(name)) return undefined;
      if (slash === "") open.push(name);
      else if (open.pop() !== name) return undefined;
    } else if (part.startsWith("&")) {
      const character = entity(part);
      if (character === undefined) return undefined;
      text += character;
    } else text += part;
  }
  return open.length === 0 ? text : undefined;
}

function entity(part: string): string | undefined {
  const [, hex, digits] = /^&#(x?)([0-9a-f]+);$/i.exec(part) ?? [];
  if (digits !== undefined) return String.fromCodePoint(Number.parseInt(digits, hex === "" ? 10 : 16));
  return ENTITIES.get(part.slice(1, -1));
}
