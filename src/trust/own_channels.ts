/**
 * The channels that are the user's own: hashes of the settings with which one of the user's processes has opened them.
 * They are stored beside the heads of the journals, so that a record in another folder can open no gate.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomic } from "../system/files/files.ts";
import { hashOf, isOwn, seeFile } from "./seen_file.ts";

/** The place of the record and the environment of the process. */
export interface ChannelPlace {
  /** The user's own folder for the heads of journals. */
  readonly stateFolder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How many hashes to keep: more changes of settings than happen while sessions wait. */
const KEPT = 200;

const LINE = /^[0-9a-f]{64}$/;

/** The hash of everything that determines whom a channel reaches, independent of the order of names. */
export function printOfChannel(name: string, reach: Readonly<Record<string, unknown>>): string {
  return hashOf(JSON.stringify([name, Object.entries(reach).sort(([a], [b]) => a < b ? -1 : 1)]));
}

/** The hashes in the record, oldest first; none if someone else could have written it. */
export function ownPrints({ stateFolder, env }: ChannelPlace): readonly string[] {
  const seen = seeFile(recordIn(stateFolder));
  if (seen === undefined || !isOwn(seen.owner, env)) return [];
  return seen.text.split("\n").filter((line) => LINE.test(line));
}

/** Adds to the record. */
export function keepPrints(place: ChannelPlace, prints: readonly string[]): void {
  const lines = [...ownPrints(place).filter((print) => !prints.includes(print)), ...prints].slice(-KEPT);
  Deno.mkdirSync(place.stateFolder, { recursive: true, mode: 0o700 });
  writeAtomic(recordIn(place.stateFolder), lines.map((line) => `${line}\n`).join(""), { newMode: 0o600 });
}

function recordIn(stateFolder: string): string {
  return join(stateFolder, "own-channels");
}
