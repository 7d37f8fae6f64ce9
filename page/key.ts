/**
 * The key by which this page may act. It comes once, behind the `#` of the address, and stays in this origin's own storage:
 * unlike a cookie, no other port of this machine gets to see it.
 *
 * @module
 */

const NAME = "samocode-key";

/** Takes the key out of the address, before anything else reads it. */
export function takeKey(): void {
  const [, given] = /^#key=([0-9a-f]+)$/.exec(location.hash) ?? [];
  if (given === undefined) return;
  localStorage.setItem(NAME, given);
  history.replaceState(null, "", location.pathname);
}

/** What every request carries. */
export function keyHeader(): Readonly<Record<string, string>> {
  return { "x-samocode-key": localStorage.getItem(NAME) ?? "" };
}
