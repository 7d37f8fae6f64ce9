/**
 * What a check of the doctor is, and what it is given.
 *
 * @module
 */
import type { Finding } from "../../contract/finding.ts";
import type { Layout } from "../../session/layout.ts";
import type { Settings } from "../../settings/settings.ts";
import type { History } from "../../workflow/history.ts";

/** A session as the checks see it. */
export interface SeenSession {
  readonly name: string;
  readonly layout: Layout;
  /** `undefined` where its journal cannot be read. */
  readonly history: History | undefined;
  /** Whether a living worker holds it. */
  readonly isHeld: boolean;
}

/** What is examined. */
export interface DiagnosisContext {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly version: string;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  /** `undefined` where they cannot be used. */
  readonly settings: Settings | undefined;
  /** Why not, a line for each problem. */
  readonly settingsProblems: readonly string[];
  readonly sessions: readonly SeenSession[];
  readonly cacheFolder: string;
  readonly fetch: typeof globalThis.fetch;
  readonly now: Date;
}

/** One area of what can be wrong. */
export interface Check {
  readonly area: string;
  examine(context: DiagnosisContext): Promise<readonly Finding[]> | readonly Finding[];
}
