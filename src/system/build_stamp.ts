/**
 * What a built program knows about its making: a small file beside the shipped ones.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists } from "./files/files.ts";

/** The file's name. */
export const BUILD_STAMP = "build.json";

/** From what a program was made. */
export interface BuildStamp {
  /** The commit's first ten digits; absent where the source was no git checkout. */
  readonly commit?: string;
  /** The day of that commit, not of the build: the same source gives the same bytes on any day. */
  readonly date?: string;
  /** The source held changes that were not committed. */
  readonly isModified?: boolean;
}

/**
 * Says in a few words where the running program comes from.
 *
 * @param shippedRoot The folder of the shipped files; from source there is no stamp in it.
 */
export function describeBuild(shippedRoot: string, deno: string = Deno.version.deno): string {
  const text = readTextIfExists(join(shippedRoot, BUILD_STAMP));
  if (text === undefined) return `from source, Deno ${deno}`;
  const { commit = "unknown commit", date, isModified }: BuildStamp = JSON.parse(text);
  const parts = [isModified ? `${commit} with changes` : commit, date, `Deno ${deno}`];
  return parts.filter((part) => part !== undefined).join(", ");
}
