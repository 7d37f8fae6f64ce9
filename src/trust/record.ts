/**
 * What the user trusts, kept in their own folder: a file for each project, with the hash and the owner of each trusted
 * file.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { hashOf, isOwn, seeFile, type SeenFile } from "./seen_file.ts";

/** Where the records are, and who asks. */
export interface TrustPlace {
  /** The user's own folder for this program. */
  readonly configFolder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The project's `.samocode`. */
  readonly projectFile: string;
}

/** The trusted files of a project, by path. */
export type TrustRecord = Readonly<Record<string, Pick<SeenFile, "sha256" | "owner">>>;

/** How a file stands to a record. */
export type Standing = "trusted" | "new" | "changed" | "foreign";

/** A line: the hash, the owner (`-` where the system has none), and the path as JSON has texts. */
const LINE = /^([0-9a-f]{64}) (\d+|-) (".+")$/;

/** The record of a project; empty if there is none, or if somebody else could have written it. */
export function readRecord(place: TrustPlace): TrustRecord {
  const seen = seeFile(recordPath(place));
  if (seen === undefined || !isOwn(seen.owner, place.env)) return {};
  const [project, ...lines] = seen.text.split("\n");
  if (project !== JSON.stringify(place.projectFile)) return {};
  return Object.fromEntries(lines.flatMap((line) => {
    const [, sha256, owner, path] = LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) return [];
    return [[String(JSON.parse(path)), { sha256, owner: owner === "-" ? undefined : Number(owner) }]];
  }));
}

/** The projects that the user trusts anything of, by their `.samocode`; some may be gone. */
export function trustedProjects({ configFolder, env }: Pick<TrustPlace, "configFolder" | "env">): readonly string[] {
  const folder = join(configFolder, FOLDER);
  if (lstatIfExists(folder)?.isDirectory !== true) return [];
  return [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const seen = unlessFailing(() => seeFile(join(folder, name)));
    if (seen === undefined || !isOwn(seen.owner, env)) return [];
    const [first = ""] = seen.text.split("\n");
    const projectFile: unknown = unlessFailing(() => JSON.parse(first));
    const isOurs = typeof projectFile === "string" && recordPath({ configFolder, projectFile }) === join(folder, name);
    return isOurs ? [projectFile] : [];
  });
}

/**
 * Trusts files as they were seen.
 *
 * @param options.keep Whether what was trusted before stays so.
 */
export function trustFiles(
  place: TrustPlace,
  files: readonly SeenFile[],
  { keep = false }: { readonly keep?: boolean } = {},
): void {
  const added = files.filter(({ sha256 }) => sha256 !== "").map((file) => [file.path, file] as const);
  const all: TrustRecord = { ...(keep ? readRecord(place) : {}), ...Object.fromEntries(added) };
  const lines = Object.entries(all).map(([path, { sha256, owner }]) =>
    `${sha256} ${owner ?? "-"} ${JSON.stringify(path)}\n`
  );
  const folder = join(place.configFolder, FOLDER);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeAtomic(recordPath(place), `${JSON.stringify(place.projectFile)}\n${lines.join("")}`, { newMode: 0o600 });
}

/** Trusts nothing of a project any more. */
export function revokeTrust(place: TrustPlace): void {
  removeIfExists(recordPath(place));
}

/**
 * How a file stands to a record.
 *
 * @param trustedAs The path it was trusted under; a worktree has the repository's files at its own paths.
 */
export function standingOf(
  file: SeenFile,
  { record, env, trustedAs = file.path }: Pick<TrustPlace, "env"> & {
    readonly record: TrustRecord;
    readonly trustedAs?: string;
  },
): Standing {
  const known = Object.hasOwn(record, trustedAs) ? record[trustedAs] : undefined;
  if (!isOwn(file.owner, env) && file.owner !== known?.owner) return "foreign";
  if (known === undefined) return "new";
  return file.sha256 === known.sha256 ? "trusted" : "changed";
}

const FOLDER = "trust";

function recordPath({ configFolder, projectFile }: Pick<TrustPlace, "configFolder" | "projectFile">): string {
  return join(configFolder, FOLDER, `${hashOf(projectFile).slice(0, 32)}`);
}
