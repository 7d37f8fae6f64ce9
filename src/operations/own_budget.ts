/**
 * A new session's own limit on its cost, in place of the settings'. More than the settings allow is for a person to name.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { formatCost } from "../text/format.ts";
import type { Samocode } from "./samocode.ts";

/** Whether a limit, in US dollars, is higher than that of the settings. */
export function exceedsSettings({ settings }: Pick<Samocode, "settings">, maxCostUsd: number | undefined): boolean {
  return (maxCostUsd ?? 0) > (settings.maxCostUsd ?? Infinity);
}

/**
 * Refuses a limit that is higher than that of the settings.
 *
 * @throws {SamocodeError} If it is.
 */
export function checkOwnBudget(samocode: Pick<Samocode, "settings">, maxCostUsd: number | undefined): void {
  const { settings: { maxCostUsd: most = Infinity } } = samocode;
  if (maxCostUsd === undefined || !exceedsSettings(samocode, maxCostUsd)) return;
  const what = `Cannot start a session that may cost ${formatCost(maxCostUsd)}: the settings allow ${formatCost(most)}`;
  throw new SamocodeError("usage", what, { hint: "Name no more than that; once it is used up, the user can raise it" });
}
