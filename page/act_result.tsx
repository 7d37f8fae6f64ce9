/**
 * How an act went, beside what started it.
 *
 * @module
 */
import type { JSX } from "preact";
import type { ActState } from "./act.ts";

/** Says that it is under way, done, or why it was not done. Its line is always there. */
export function ActResult({ state }: { readonly state: ActState }): JSX.Element {
  if (state.kind === "refused") {
    return (
      <p class="act-result refused" role="alert">
        <b>Not done.</b> {state.words}. {state.hint}
      </p>
    );
  }
  const words = { none: "", pending: "Sending…", done: state.kind === "done" ? state.words : "" }[state.kind];
  return <p class={`act-result ${state.kind}`}>{words}</p>;
}
