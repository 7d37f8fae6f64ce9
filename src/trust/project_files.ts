/**
 * The two files of a project that samocode obeys. They choose programs, hosts and folders, so they count only as the user
 * has trusted them.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { readRecord, type Standing, standingOf, type TrustPlace } from "./record.ts";
import { seeFile, type SeenFile } from "./seen_file.ts";
import { vouchedFile } from "./vouched.ts";

/** `.samocode`, and the `.env` beside it if there is one. Each is read once. */
export function seeProject(projectFile: string): readonly SeenFile[] {
  return [projectFile, join(dirname(projectFile), ".env")].flatMap((path) => seeFile(path) ?? []);
}

/**
 * Reads the files of a project that the user trusts.
 *
 * @returns What was read is what was compared.
 * @throws {SamocodeError} For a file that is not trusted as it stands.
 */
export function readTrustedProject(place: TrustPlace): readonly SeenFile[] {
  const files = seeProject(place.projectFile);
  const record = readRecord(place);
  const vouched = vouchedFile(place.projectFile);
  for (const file of files) {
    if (file.path === vouched?.path && file.sha256 === vouched.sha256) continue;
    const standing = standingOf(file, { record, env: place.env });
    if (standing !== "trusted") {
      throw untrusted(place, `Cannot use ${file.path}: ${describeStanding(standing, file)}`, HINTS[standing]);
    }
  }
  return files;
}

/** The refusal of what is not trusted; each door names the command that trusts it. */
export function untrusted(
  { projectFile }: Pick<TrustPlace, "projectFile">,
  message: string,
  hint: string,
): SamocodeError {
  return new SamocodeError("usage", message, { hint, actions: [{ verb: "trust", projectFile }] });
}

/** Why a file does not count. */
export function describeStanding(standing: Standing, { owner }: Pick<SeenFile, "owner">): string {
  switch (standing) {
    case "trusted":
      return "trusted";
    case "new":
      return "you have not trusted it";
    case "changed":
      return "it has changed since you trusted it";
    case "foreign":
      return `it belongs to user ${owner}, not to you`;
  }
}

const HINTS = {
  new: "It names folders, programs and hosts. If it is yours, trust it",
  changed: "If you changed it, trust it again",
  foreign: "If you know why (a container, WSL, a shared disk), trust it",
} as const;
