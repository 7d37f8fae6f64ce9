/**
 * The phases in one line, the current one marked, in the longest form that fits.
 *
 * @module
 */
import { AGENT_PHASES, type Phase, PHASES } from "../workflow/phases.ts";
import { cutSpans, type Span, spansWidth } from "./spans.ts";

/** `init` is over before anyone looks. */
const SHOWN: readonly Phase[] = AGENT_PHASES;

type Name = (phase: Phase, isCurrent: boolean) => string;

/** Longest form first: every name in full, the others shortened, the others as marks only. */
const FORMS: readonly Name[] = [
  (phase) => phase,
  (phase, isCurrent) => isCurrent ? phase : PHASES[phase].short,
  (phase, isCurrent) => isCurrent ? phase : "",
];

/**
 * Draws `✓ investigation ─ ● requirements ─ ○ planning …`.
 *
 * @param phase The current phase; `undefined` where it is not known yet.
 */
export function phaseStepper(phase: Phase | undefined, columns: number): readonly Span[] {
  const forms = FORMS.map((name) => draw(phase, name));
  const shortest = forms.at(-1) ?? [];
  return forms.find((spans) => spansWidth(spans) <= columns) ?? cutSpans(shortest, columns);
}

function draw(current: Phase | undefined, name: Name): readonly Span[] {
  const position = current === undefined ? -1 : SHOWN.indexOf(current);
  return SHOWN.flatMap((phase, index): readonly Span[] => {
    const between: Span = ["dim", index === 0 ? "" : " ─ "];
    const label = name(phase, index === position);
    const text = label === "" ? "" : ` ${label}`;
    if (index < position) return [between, ["good", "✓"], ["plain", text]];
    if (index === position) return [between, ["now", `●${text}`]];
    return [between, ["dim", `○${text}`]];
  });
}
