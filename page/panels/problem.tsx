/**
 * What the server refused, where its answer would have been.
 *
 * @module
 */
import type { JSX } from "preact";
import type { Failure } from "../../src/view/contract.ts";

/** Says what failed, and what helps. */
export function Problem({ failure: { error, hint } }: { readonly failure: Failure }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>{error}</p>
      {hint !== "" && <p class="hint">{hint}</p>}
    </div>
  );
}
