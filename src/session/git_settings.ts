/**
 * What git does not obey of a repository's own configuration when the worker runs it: whatever starts a program, and
 * whatever lets another host answer for the right one. The user's own configuration counts.
 *
 * @module
 */
import { isAbsolute } from "node:path";

/** What git is told instead of what a repository's configuration says. */
export interface GitOverrides {
  /** Keys and values, in order. They take precedence over all files. */
  readonly pairs: readonly Pair[];
  /** The repository's own keys that do not count. */
  readonly ignored: readonly string[];
  /** Whether git may reach a remote. */
  readonly isOpen: boolean;
  /** Where the user keeps hooks for all repositories; `undefined` if nowhere. */
  readonly hooksPath: string | undefined;
}

type Pair = readonly [key: string, value: string];

interface Entry {
  readonly scope: string;
  readonly key: string;
  readonly value: string;
}

/** Prints the whole configuration in the form that {@linkcode overridesIn} reads; `--show-scope` came with git 2.26. */
export const LIST_SETTINGS = ["config", "--list", "--show-scope", "-z"] as const;

/** Forbids every way to a remote, whatever the configuration says. */
export const CLOSED = { GIT_ALLOW_PROTOCOL: "" } as const;

/** What starts a program, and what to set instead; an empty value resets a list. */
const INSTEAD: readonly (readonly [key: RegExp, value: string])[] = [
  [/^core\.sshcommand$/, "ssh"],
  [/^core\.askpass$/, ""],
  [/^core\.alternaterefscommand$/, "true"],
  [/^credential\.(?:.+\.)?helper$/, ""],
  // A file that needs this driver is a conflict.
  [/^merge\..+\.driver$/, "false"],
  // No signature is good then.
  [/^gpg\.(?:.+\.)?(?:program|defaultkeycommand)$/, "false"],
  // The user's own git-lfs obeys these.
  [/^lfs\.(?:.+\.)?standalonetransferagent$/, ""],
  [/^lfs\.customtransfer\..+\.path$/, "false"],
  [/^lfs\.extension\..+\.(?:clean|smudge)$/, "false"],
];

/**
 * What closes the network to git: nothing can be set instead, since the first value counts or any program's name would
 * do, or another host could answer, and be sent the user's password.
 */
const CLOSING: readonly RegExp[] = [
  /^alias\.remote-.+$/,
  /^core\.gitproxy$/,
  /^http\.(?:.+\.)?(?:sslverify|sslcainfo|sslcapath|savecookies)$/,
  /^remote\..+\.(?:uploadpack|receivepack|vcs)$/,
];

/** Any setting of the repository's for a hook could make it another one. */
const HOOK = /^hook\.(.+)\.\w+$/;

const FILTER = /^filter\.(.+)\.(clean|smudge|process|required)$/;

/** What `git lfs install --local` and `git-crypt init` write; the programs are the user's own. `cat` changes nothing. */
const HARMLESS_FILTER =
  /^(?:git-lfs (?:clean|smudge)(?: --skip)? -- %f|git-lfs filter-process(?: --skip)?|"git-crypt" (?:clean|smudge)(?: --key-name=\w+)?|cat)$/;

/** Every key that counts above has one of these words in it; an include may lead to any key. */
const TELLING =
  /include|filter|hook|sshcommand|askpass|alternaterefs|credential|lfs|alias|gitproxy|ssl|savecookies|uploadpack|vcs/i;

/**
 * Tells whether none of the settings in a configuration file needs an override. Names of keys and sections cannot be
 * escaped in such a file, so looking for the words in them is enough; values count where a line is not a plain one.
 */
export function isHarmless(configuration: string): boolean {
  return !TELLING.test(configuration.replace(/^[ \t]*([\w-]+)[ \t]*=.*$/gm, "$1"));
}

/** Reads the output of {@linkcode LIST_SETTINGS}. */
export function overridesIn(listing: string): GitOverrides {
  const entries = entriesIn(listing);
  const foreign = entries.filter(isForeign);
  const own = entries.filter((entry) => !isForeign(entry));
  const pairs: Pair[] = [];
  const ignored: string[] = [];
  for (const [pattern, value] of INSTEAD) {
    const found = foreign.flatMap(({ key }) => pattern.test(key) ? [key] : []);
    if (found.length === 0) continue;
    ignored.push(...found);
    pairs.push(...found.map((key): Pair => [key, value]), ...own.filter(({ key }) => pattern.test(key)).map(pairOf));
  }
  for (const driver of new Set(foreign.flatMap(({ key }) => FILTER.exec(key)?.[1] ?? []))) {
    const isOf = ({ key }: Entry) => FILTER.exec(key)?.[1] === driver;
    const replaced = withoutFilter(driver, { foreign: foreign.filter(isOf), own: own.filter(isOf) });
    pairs.push(...replaced);
    if (replaced.length > 0) ignored.push(...foreign.filter(isOf).map(({ key }) => key));
  }
  const hooks = foreign.flatMap(({ key }) => HOOK.exec(key)?.[1] ?? []);
  pairs.push(...hooks.map((name): Pair => [`hook.${name}.enabled`, "false"]));
  const given = own.filter(({ scope }) => scope === "command").map(pairOf);
  const closing = foreign.flatMap(({ key }) => CLOSING.some((pattern) => pattern.test(key)) ? [key] : []);
  return {
    pairs: pairs.length === 0 ? [] : [...given, ...pairs],
    ignored: [...ignored, ...foreign.flatMap(({ key }) => HOOK.test(key) ? [key] : []), ...closing],
    isOpen: closing.length === 0,
    // A repository may do without hooks, as the demo's does.
    hooksPath: hooksPathIn(foreign) === "/dev/null" ? undefined : hooksPathIn(own),
  };
}

/** The variables that tell git. Not arguments: there, a `=` in a key would end it. */
export function variablesFor({ pairs, isOpen }: GitOverrides): Readonly<Record<string, string>> {
  const open = isOpen ? {} : CLOSED;
  if (pairs.length === 0) return open;
  const numbered = pairs.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { ...open, ...Object.fromEntries(numbered), GIT_CONFIG_COUNT: String(pairs.length) };
}

/** A file that needs such a filter cannot be checked out, and git says so; one that is only cleaned needs none. */
function withoutFilter(
  driver: string,
  { foreign, own }: { readonly foreign: readonly Entry[]; readonly own: readonly Entry[] },
): readonly Pair[] {
  const commands = foreign.filter(({ key }) => !key.endsWith(".required"));
  const harmful = commands.filter(({ value }) => !HARMLESS_FILTER.test(value));
  if (harmful.length === 0) return [];
  const isNeeded = harmful.some(({ key }) => !key.endsWith(".clean"));
  const required: Pair = [`filter.${driver}.required`, String(isNeeded)];
  return [...commands.map(({ key }): Pair => [key, ""]), required, ...own.map(pairOf)];
}

/** A relative folder would be the repository's. */
function hooksPathIn(entries: readonly Entry[]): string | undefined {
  const path = entries.findLast(({ key }) => key === "core.hookspath")?.value ?? "";
  return isAbsolute(path) || path.startsWith("~") ? path : undefined;
}

function isForeign({ scope }: Entry): boolean {
  return !["system", "global", "command"].includes(scope);
}

function pairOf({ key, value }: Entry): Pair {
  return [key, value];
}

function entriesIn(listing: string): readonly Entry[] {
  const parts = listing.split("\0");
  const entries: Entry[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [scope = "", text = ""] = [parts[at], parts[at + 1]];
    const end = text.indexOf("\n");
    // A key alone means "true".
    entries.push(
      end < 0 ? { scope, key: text, value: "true" } : {
        scope,
        key: text.slice(0, end),
        value: text.slice(end + 1),
      },
    );
  }
  return entries;
}
