/**
 * What the server refused, where its answer would have been.
 *
 * @module
 */
import type { JSX } from "preact";
import { Refused } from "../api.ts";

/** Says what failed, and what helps. */
export function Problem({ failure }: { readonly failure: unknown }): JSX.Element {
  const hint = failure instanceof Refused ? failure.hint : "";
  return (
    <div class="problem" role="alert">
      <p>{failure instanceof Error ? failure.message : String(failure)}</p>
      {hint !== "" && <p class="hint">{hint}</p>}
    </div>
  );
}
