/**
 * The plans that the person was shown. They are kept beside the journal's head, where no guarded agent can change them:
 * what has changed since is told by comparing with them.
 *
 * @module
 */
import { readTextIfExists, writeAtomic } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { planText } from "../workflow/plan.ts";
import { listOf, text } from "../workflow/shape.ts";
import { besideLock } from "./chain_head.ts";
import type { SessionFolder } from "./session_folder.ts";

/** The newest ones, oldest first. Two: the one shown now, and the one before it. */
const KEPT = 2;

const isTexts = listOf(text);

/** The newest plan that the person was shown and that differs from this one in more than its ticks. */
export function planShownBefore(folder: SessionFolder, now: string): string | undefined {
  return shownPlans(folder).findLast((shown) => shown !== planText(now));
}

/** Keeps a plan that the person is shown. Where it cannot be, they only miss the comparison. */
export function keepShownPlan(folder: SessionFolder, shown: string): void {
  const path = pathOf(folder);
  const plan = planText(shown);
  const before = shownPlans(folder);
  if (path === undefined || before.at(-1) === plan) return;
  const texts = [...before.filter((each) => each !== plan), plan].slice(-KEPT);
  unlessFailing(() => writeAtomic(path, JSON.stringify(texts), { newMode: 0o600 }));
}

function shownPlans(folder: SessionFolder): readonly string[] {
  const path = pathOf(folder);
  const found: unknown = unlessFailing(() => JSON.parse(path === undefined ? "" : readTextIfExists(path) ?? ""));
  return isTexts(found) ? found : [];
}

function pathOf({ journal: { lockPath } }: SessionFolder): string | undefined {
  return lockPath && besideLock(lockPath, "shown");
}
