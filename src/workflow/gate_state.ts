/**
 * Whether a gate that a human opened still is: an opening holds only for what the human saw.
 *
 * @module
 */
import type { OpenedGate } from "./history.ts";
import type { Gate } from "./phases.ts";

/** The documents that gates depend on, as they are now. */
export interface GateDocuments {
  readonly openQuestions: number;
  readonly plan: { readonly name: string; readonly sha256: string } | undefined;
}

/** Tells whether a gate is open: opened, no question open again, the plan still the text that was approved. */
export function isGateOpen(
  gate: Gate,
  gates: Readonly<Partial<Record<Gate, OpenedGate>>>,
  { openQuestions, plan }: GateDocuments,
): boolean {
  const opened = gates[gate];
  if (opened === undefined) return false;
  if (gate === "qa_answers") return openQuestions === 0;
  // Who moved the notebook's phase by hand approved whatever is there.
  if (opened.sha256 === undefined) return true;
  return plan !== undefined && opened.document === plan.name && opened.sha256 === plan.sha256;
}
