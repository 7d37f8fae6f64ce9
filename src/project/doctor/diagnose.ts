/**
 * Examines everything at once. A check that fails is itself a finding, and holds up no other.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../../system/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type Finding, problem } from "../../contract/finding.ts";
import type { Check, DiagnosisContext } from "./check.ts";
import { CHECKS } from "./checks.ts";

/** A finding with the area that it belongs to. */
export interface AreaFinding extends Finding {
  readonly area: string;
}

/** Runs all checks; the findings come in the table's order, harmless for a terminal. */
export async function diagnose(
  context: DiagnosisContext,
  checks: readonly Check[] = CHECKS,
): Promise<readonly AreaFinding[]> {
  const all = await Promise.all(checks.map(async ({ area, examine }) => {
    const findings = await examineSafely(examine, context);
    return findings.map(({ level, text, remedy }): AreaFinding => ({
      area,
      level,
      text: plainText(text, MAX_COLUMNS),
      remedy: remedy === undefined ? undefined : plainText(remedy, MAX_COLUMNS),
    }));
  }));
  return all.flat();
}

const MAX_COLUMNS = 600;

async function examineSafely(examine: Check["examine"], context: DiagnosisContext): Promise<readonly Finding[]> {
  try {
    return await examine(context);
  } catch (error) {
    const hint = error instanceof SamocodeError ? error.hint : "Look at what it names";
    return [problem(`It could not be examined: ${messageOf(error)}`, hint)];
  }
}
