/**
 * The one server of the page that a user has: what it says of itself, and the tokens of the addresses that were printed.
 * Of a token only its hash is kept, so that whoever reads the state folder can open nothing with it.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isPageVisitor, type PageVisitor } from "../messages/who_decided.ts";
import { type LockHolder, lockHolder } from "../session/lock.ts";
import { readTextIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { unlessFailing } from "../text/errors.ts";
import { hashOf } from "../trust/seen_file.ts";
import { type Checked, flag, number, record, text } from "../workflow/shape.ts";

const viewRecord = record({
  pid: number,
  version: text,
  /** Scheme, host and port. */
  origin: text,
  /** Whether a person started it: it takes acts. */
  isPersons: flag,
});

/** What it says. */
export type ViewRecord = Checked<typeof viewRecord>;

/** More addresses than a person opens; the oldest unused one is forgotten. */
const MAX_TOKENS = 100;

/** The folder, readable by the user only. It is made if it is missing. */
export function viewFolder(stateFolder: string): string {
  const folder = join(stateFolder, "view");
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The server's lock. */
export function viewLock(stateFolder: string): string {
  return join(stateFolder, "view", "lock");
}

/** Says what it is, and that no address was printed yet. */
export function writeViewRecord(stateFolder: string, said: ViewRecord): void {
  removeIfExists(tokensIn(stateFolder));
  writeAtomic(recordIn(stateFolder), `${JSON.stringify(said)}\n`, { newMode: 0o600 });
}

/** Removes all that a server says. */
export function removeViewRecord(stateFolder: string): void {
  for (const path of [tokensIn, recordIn, opener].map((at) => at(stateFolder))) {
    unlessFailing(() => removeIfExists(path));
  }
}

/**
 * Writes a file that leads a browser on to an address, and returns its path. Everybody on the machine sees what a
 * program is started with, and so must not see a token there.
 */
export function writeOpener(stateFolder: string, url: string): string {
  const html = `<!doctype html><meta http-equiv="refresh" content="0;url=${url}"><title>samocode</title>\n`;
  writeAtomic(opener(stateFolder), html, { newMode: 0o600 });
  return opener(stateFolder);
}

/** The server that runs; `undefined` if none does. It says what it is a moment after it began. */
export function livingView(
  stateFolder: string,
): { readonly holder: LockHolder; readonly said: ViewRecord | undefined } | undefined {
  const holder = lockHolder(viewLock(stateFolder));
  if (holder === undefined) return undefined;
  const said: unknown = unlessFailing(() => JSON.parse(readTextIfExists(recordIn(stateFolder)) ?? ""));
  return { holder, said: viewRecord(said) && said.pid === holder.pid ? said : undefined };
}

/**
 * Makes a token that opens the page in one browser, once, while the server lives.
 *
 * @param visitor Whom it lets in.
 */
export async function issueToken(stateFolder: string, visitor: PageVisitor): Promise<string> {
  const token = randomBytes(32).toString("hex");
  await changeTokens(stateFolder, (lines) => [...lines, `${hashOf(token)} ${visitor}`].slice(-MAX_TOKENS));
  return token;
}

/** Uses a token up. Returns whom it lets in; `undefined` if it is none. */
export async function takeToken(stateFolder: string, token: string): Promise<PageVisitor | undefined> {
  const start = `${hashOf(token)} `;
  let visitor = "";
  await changeTokens(stateFolder, (lines) => {
    const line = lines.find((each) => each.startsWith(start));
    visitor = line?.slice(start.length) ?? "";
    return line === undefined ? lines : lines.filter((each) => each !== line);
  });
  return isPageVisitor(visitor) ? visitor : undefined;
}

async function changeTokens(
  stateFolder: string,
  change: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  using _turn = await lockFolder(viewFolder(stateFolder));
  const before = (readTextIfExists(tokensIn(stateFolder)) ?? "").split("\n").filter(Boolean);
  const after = change(before);
  if (after === before) return;
  writeAtomic(tokensIn(stateFolder), after.map((line) => `${line}\n`).join(""), { newMode: 0o600 });
}

function recordIn(stateFolder: string): string {
  return join(viewFolder(stateFolder), "view.json");
}

function opener(stateFolder: string): string {
  return join(viewFolder(stateFolder), "open.html");
}

function tokensIn(stateFolder: string): string {
  return join(viewFolder(stateFolder), "tokens");
}
