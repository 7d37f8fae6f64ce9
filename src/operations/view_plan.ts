/**
 * The plan as a person is to see it, and what they were shown before.
 *
 * @module
 */
import { readPlan, type SessionDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { keepShownPlan, planShownBefore } from "../session/shown_plans.ts";
import { SamocodeError } from "../text/errors.ts";
import { writeAtomic } from "../system/files/files.ts";
import { join } from "node:path";
import { planProgress, planText } from "../workflow/plan.ts";

/** A plan. */
export interface PlanView extends SessionDocument, ReturnType<typeof planProgress> {
  readonly path: string;
  /** The newest text that the person was shown and that differs in more than its ticks; boxes are cleared in it. */
  readonly before: string | undefined;
  /** This one, to compare: its boxes are cleared, too. */
  readonly cleared: string;
  /** Records that the person was shown it. */
  readonly keepShown: () => void;
}

/**
 * Reads the session's plan.
 *
 * @throws {SamocodeError} If it cannot be read.
 */
export function viewPlan(folder: SessionFolder): PlanView | undefined {
  const plan = readPlan(folder.layout);
  return plan && {
    ...plan,
    ...planProgress(plan.text),
    path: join(folder.layout.folder, plan.name),
    before: planShownBefore(folder, plan.text),
    cleared: planText(plan.text),
    keepShown: () => keepShownPlan(folder, plan.text),
  };
}

/**
 * Replaces the plan by what the person made of it.
 *
 * @throws {SamocodeError} If it is no longer what they began with.
 */
export function revisePlan(
  folder: SessionFolder,
  { before, text }: { readonly before: PlanView; readonly text: string },
): void {
  if (readPlan(folder.layout)?.text !== before.text) {
    throw new SamocodeError("conflict", `Cannot change ${before.name}: it changed while you edited it`, {
      hint: "Read it again",
    });
  }
  writeAtomic(before.path, text);
}
