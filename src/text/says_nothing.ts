/**
 * Tells answers from placeholders.
 *
 * @module
 */

/** Tells whether a value is empty, a comment or the placeholder `waiting`. */
export function saysNothing(value: string): boolean {
  const said = withoutComments(value).trim();
  return said === "" || /^[*_(]*waiting[*_).\u2026]*$/i.test(said) || /^[*_(]+waiting[*_)]+(?!\p{L})/iu.test(said);
}

function withoutComments(value: string): string {
  let said = "";
  let index = 0;
  for (;;) {
    const start = value.indexOf("<!--", index);
    const end = start === -1 ? -1 : value.indexOf("-->", start);
    if (end === -1) return said + value.slice(index);
    said += value.slice(index, start);
    index = end + 3;
  }
}
