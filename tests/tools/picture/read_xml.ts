/**
 * Reads XML as strictly as a browser does with an SVG: one slip and there is no picture.
 *
 * @module
 */

const NAME = "[A-Za-z_][\\w.:-]*";
const VALUE = '"(?:[^<&"]|&(?:amp|lt|gt|quot|apos);)*"';
const PART = new RegExp(
  [
    `<(?<open>${NAME})(?<attributes>(?:\\s+${NAME}=${VALUE})*)\\s*(?<empty>/?)>`,
    `</(?<close>${NAME})>`,
    "(?<text>(?:[^<>&]|&(?:amp|lt|gt|quot|apos);)+)",
  ].join("|"),
  "uy",
);

/** One element, with what is needed to judge a picture. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own, without that of the elements in it. */
  readonly text: string;
}

/**
 * All elements in the order of their ends.
 *
 * @throws {Error} Where the text is not well-formed.
 */
export function readXml(xml: string): readonly XmlElement[] {
  const open: { readonly name: string; readonly attributes: Readonly<Record<string, string>>; text: string }[] = [];
  const elements: XmlElement[] = [];
  const end = (name: string): void => {
    const element = open.pop();
    if (element?.name !== name) throw new Error(`</${name}> ends <${element?.name}>`);
    elements.push(element);
  };
  PART.lastIndex = 0;
  while (PART.lastIndex < xml.length) {
    const at = PART.lastIndex;
    const groups = PART.exec(xml)?.groups;
    if (groups === undefined) throw new Error(`Not well-formed: ${xml.slice(at, at + 80)}`);
    const { open: opened, attributes = "", empty, close, text = "" } = groups;
    const parent = open.at(-1);
    if (opened !== undefined) {
      if (parent === undefined && elements.length > 0) throw new Error(`A second root: ${opened}`);
      open.push({ name: opened, attributes: readAttributes(attributes), text: "" });
      if (empty === "/") end(opened);
    } else if (close !== undefined) end(close);
    else if (parent !== undefined) parent.text += unescape(text);
    else if (text.trim() !== "") throw new Error(`Text outside: ${text}`);
  }
  if (open.length > 0) throw new Error(`Without end: ${open.map(({ name }) => name)}`);
  return elements;
}

function readAttributes(text: string): Readonly<Record<string, string>> {
  const entries = [...text.matchAll(/([^\s=]+)="([^"]*)"/g)].map((
    [, name = "", value = ""],
  ) => [name, unescape(value)]);
  const attributes = Object.fromEntries(entries);
  if (Object.keys(attributes).length < entries.length) throw new Error(`Twice the same attribute: ${text}`);
  return attributes;
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
