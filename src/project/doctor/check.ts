/**
 * What a check of the doctor is, and what it may look at.
 *
 * @module
 */
import type { Finding } from "../../contract/finding.ts";
import type { Layout } from "../../session/layout.ts";
import type { Settings } from "../../settings/settings.ts";
import type { History } from "../../workflow/history.ts";
import type { Setup } from "../setup.ts";

/** A session as the checks see it. */
export interface SeenSession {
  readonly name: string;
  readonly layout: Layout;
  /** `undefined` if its journal or, before that, its notebook cannot be read. */
  readonly history: History | undefined;
  /** Whether it is locked by a living worker. */
  readonly isLocked: boolean;
  /** Why its journal cannot be trusted; `undefined` if it can. */
  readonly doubt: string | undefined;
}

/** What the checks examine. */
export interface DiagnosisContext extends Setup {
  /** `undefined` if they are invalid. */
  readonly settings: Settings | undefined;
  readonly settingsProblems: readonly Finding[];
  readonly sessions: readonly SeenSession[];
}

/** One area of what can be wrong. */
export interface Check {
  readonly area: string;
  examine(context: DiagnosisContext): Iterable<Finding> | AsyncIterable<Finding>;
}

/** Tells whether a version such as `2.31.1` is older than the given major and minor version. */
export function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split(".").map(Number);
  return itsMajor < major || (itsMajor === major && itsMinor < minor);
}
