/**
 * Gates and other waits: what a human is asked for, and what that opens.
 *
 * @module
 */

/** The documents that gates depend on, as they are now. */
export interface GateDocuments {
  /** Questions in `_qa.md`, answered or not. */
  readonly questions: number;
  /** Those of them without an answer. */
  readonly openQuestions: number;
  readonly plan: { readonly name: string; readonly sha256: string } | undefined;
}

/** Who opened a gate, and the document they saw. */
export interface OpenedGate {
  readonly by: string;
  readonly document: string | undefined;
  readonly sha256: string | undefined;
}

/** A wait in words. */
interface WaitWords {
  /** Why the session waits, as a sentence. */
  readonly waiting: string;
  /** What the human is asked to do, as an imperative. */
  readonly request: string;
  /** What the next agent is told if the session continues in the same phase. */
  readonly resumed: string;
}

/** The rules of one gate. */
export interface GateRule extends WaitWords {
  /** The operation that opens it; each door has its own name for it. */
  readonly verb: "answer" | "approve";
  /** What the human gives, as `status` reports it. */
  readonly need: "answers" | "approval";
  /** The document that the human is shown. */
  readonly document: "questions" | "plan";
  /** Whether there is anything to decide; if not, an agent that leaves the phase meets no gate. */
  readonly isNeeded: (documents: GateDocuments) => boolean;
  /** Whether that document has something to show. */
  readonly isDue: (documents: GateDocuments) => boolean;
  /** Why the session waits here with nothing to show. */
  readonly waitingUndue: string;
  /** What an agent is told if it waits here with nothing to show. */
  readonly nothingDue: string;
  /** Whether the phase cannot be left without the document. Only that phase may wait for a mandatory gate. */
  readonly isMandatory: boolean;
  /** Whether the phase ends when the gate opens; otherwise its agent first works with what the human gave. */
  readonly endsPhase: boolean;
  /** Whether the gate stays open with the documents as they are now. */
  readonly holds: (opened: OpenedGate, documents: GateDocuments) => boolean;
  /** Whether a change of the approved text closes the gate again, in later phases too. */
  readonly bindsLaterPhases: boolean;
  /** Whether a human may open it by editing the document. */
  readonly opensByHand: boolean;
  /** Whether feedback sends the document back to the agent of the same phase. */
  readonly takesFeedback: boolean;
  /** Why the session waits after an open gate has closed again. */
  readonly closedAgain: string;
  /** The message once it is open. */
  readonly opened: string;
}

const ANSWERS_NEEDED = "The agent's questions need your answers";

/** The gate table. To add a gate, add a row and name it in the row of a phase. */
export const GATES = {
  qa_answers: {
    verb: "answer",
    need: "answers",
    document: "questions",
    isNeeded: ({ questions }) => questions > 0,
    isDue: ({ openQuestions }) => openQuestions > 0,
    waitingUndue: "No question is open: look at the answers in _qa.md, then go on",
    nothingDue: "waits for qa_answers, but _qa.md has no open question (`**Answer:** _waiting_`)",
    isMandatory: false,
    endsPhase: false,
    holds: (_opened, { openQuestions }) => openQuestions === 0,
    bindsLaterPhases: false,
    opensByHand: true,
    takesFeedback: false,
    waiting: ANSWERS_NEEDED,
    closedAgain: ANSWERS_NEEDED,
    request: "answer the questions",
    opened: "The questions are answered",
    resumed: "The session waited for answers. They are in `_qa.md` now: continue with them.",
  },
  plan_approval: {
    verb: "approve",
    need: "approval",
    document: "plan",
    isNeeded: () => true,
    isDue: ({ plan }) => plan !== undefined,
    waitingUndue: "The plan is gone",
    nothingDue: "asks for the plan's approval, but no plan file (STAMP-plan-TOPIC.md) is in the session folder",
    isMandatory: true,
    endsPhase: true,
    // Moving the notebook's phase by hand approves whatever plan there is, and names no document.
    holds: ({ document, sha256 }, { plan }) =>
      sha256 === undefined || (plan !== undefined && document === plan.name && sha256 === plan.sha256),
    bindsLaterPhases: true,
    opensByHand: false,
    takesFeedback: true,
    waiting: "The plan needs your approval",
    closedAgain: "The plan was changed after it was approved and needs your approval again",
    request: "approve the plan",
    opened: "The plan is approved",
    // Approval ends the phase, so this is read only after the human sent the plan back.
    resumed: "The plan waited for approval, and the human sent it back. Their feedback is above.",
  },
} as const satisfies Readonly<Record<string, GateRule>>;

/** What a human must do before a phase may be left. */
export type Gate = keyof typeof GATES;

/** The gates that a human has opened. */
export type OpenedGates = Readonly<Partial<Record<Gate, OpenedGate>>>;

/** All gates. */
export const GATE_NAMES = Object.keys(GATES).filter((name): name is Gate => Object.hasOwn(GATES, name));

/** All that an agent can wait for; no gate enforces the last two. */
export const WAIT_NAMES = [...GATE_NAMES, "file_update", "human_action"] as const;

/** What the program itself has a session wait for. */
export const PROGRAM_WAITS = ["red_baseline"] as const;

/** What an agent can wait for. */
export type AgentWait = (typeof WAIT_NAMES)[number];

/** What a session can wait for. */
export type WaitFor = AgentWait | (typeof PROGRAM_WAITS)[number];

const ACTED = "The session waited for the human to do what `Next` says, and was resumed. Check that it is done.";

/** Each wait in words. */
export const WAITS: Readonly<Record<WaitFor | "budget", WaitWords>> = {
  ...GATES,
  file_update: {
    waiting: "The agent is waiting for you to update a file",
    request: "update a file",
    resumed: ACTED,
  },
  human_action: {
    waiting: "The agent is waiting for you to act",
    request: "do what only you can do",
    resumed: ACTED,
  },
  red_baseline: {
    waiting: "Checks fail before any change",
    request: "repair them, or go on with them as they are",
    // Said with the checks themselves.
    resumed: "",
  },
  // No agent asks for it.
  budget: { waiting: "The budget is used up", request: "raise the budget", resumed: "" },
};

/** The rules of a gate. */
export function gateRule(gate: Gate): GateRule {
  return GATES[gate];
}

/** The gate that an operation opens. */
export function gateOpenedBy(verb: GateRule["verb"]): Gate {
  const gate = GATE_NAMES.find((name) => GATES[name].verb === verb);
  if (gate === undefined) throw new Error(`No gate is opened by ${verb}`);
  return gate;
}

/** A document that a human approved, as it was then. */
export interface BoundDocument {
  readonly gate: Gate;
  readonly document: string;
  readonly sha256: string;
}

/** The documents that opened gates bind later phases to. */
export function boundDocuments(gates: OpenedGates): readonly BoundDocument[] {
  return GATE_NAMES.flatMap((gate) => {
    const { document, sha256 } = gates[gate] ?? {};
    // A gate that was opened by moving the phase by hand names no document.
    return gateRule(gate).bindsLaterPhases && document !== undefined && sha256 !== undefined
      ? [{ gate, document, sha256 }]
      : [];
  });
}

/** Tells whether a gate enforces a wait. */
export function isGate(wait: WaitFor): wait is Gate {
  return Object.hasOwn(GATES, wait);
}

/** Tells whether a human opened a gate and that still holds for the documents as they are now. */
export function isGateOpen(gate: Gate, gates: OpenedGates, documents: GateDocuments): boolean {
  const opened = gates[gate];
  return opened !== undefined && gateRule(gate).holds(opened, documents);
}
