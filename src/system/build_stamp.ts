/**
 * Where the binary was built from: a small file beside the shipped ones.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists } from "./files/files.ts";

/** The name of the file. */
export const BUILD_STAMP = "build.json";

/** The source of a binary. */
export interface BuildStamp {
  /** Ten digits; absent if the source was not a git checkout. */
  readonly commit?: string;
  /** The day of the commit, not of the build, so that builds are reproducible. */
  readonly date?: string;
  /** Whether there were uncommitted changes. */
  readonly isModified?: boolean;
}

/** Describes the build for `--version`. Without a stamp the program runs from source. */
export function describeBuild(shippedRoot: string, deno: string = Deno.version.deno): string {
  const text = readTextIfExists(join(shippedRoot, BUILD_STAMP));
  if (text === undefined) return `from source, Deno ${deno}`;
  const { commit = "unknown commit", date, isModified }: BuildStamp = JSON.parse(text);
  const parts = [isModified ? `${commit} with changes` : commit, date, `Deno ${deno}`];
  return parts.filter((part) => part !== undefined).join(", ");
}
