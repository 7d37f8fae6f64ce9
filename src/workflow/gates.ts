/**
 * The gates and the other waits: what a human is asked for, and what that opens.
 *
 * @module
 */

/** The documents that gates depend on, as they are now. */
export interface GateDocuments {
  /** Questions in `_qa.md` that nobody has answered. */
  readonly openQuestions: number;
  readonly plan: { readonly name: string; readonly sha256: string } | undefined;
}

/** A gate that a human opened, and what they saw when they did. */
export interface OpenedGate {
  readonly by: string;
  readonly document: string | undefined;
  readonly sha256: string | undefined;
}

/** What is said of a wait. */
interface WaitWords {
  /** Why the session rests, as a sentence. */
  readonly waiting: string;
  /** What the person is asked to do, as an imperative. */
  readonly request: string;
  /** What the next agent is told when the session goes on in the same phase. */
  readonly resumed: string;
}

/** The rules of one gate. */
export interface GateRule extends WaitWords {
  /** The act that opens it; each door has its own word for it. */
  readonly verb: "answer" | "approve";
  /** What the person gives, as a status calls it. */
  readonly need: "answers" | "approval";
  /** The document that is shown at it. */
  readonly document: "questions" | "plan";
  /** Whether that document has something to show. */
  readonly isDue: (documents: GateDocuments) => boolean;
  /** What an agent is told that waits here with nothing to show. */
  readonly nothingDue: string;
  /** Whether the phase is never left without the document; only that phase may wait for a mandatory gate. */
  readonly isMandatory: boolean;
  /** Whether the phase is over once the gate is open; otherwise its agent first works with what the human gave. */
  readonly endsPhase: boolean;
  /** Whether an opening still holds for the documents as they are now. */
  readonly holds: (opened: OpenedGate, documents: GateDocuments) => boolean;
  /** Whether the phases behind it work by the very text that was opened: any other shuts it again. */
  readonly binds: boolean;
  /** Whether a human may open it by editing the document. */
  readonly opensByHand: boolean;
  /** Whether feedback sends the document back to the agent of the same phase. */
  readonly takesFeedback: boolean;
  /** Why the session rests where the gate was open and is shut again. */
  readonly shutAgain: string;
  /** What is said once it is open. */
  readonly opened: string;
}

const ANSWERS_NEEDED = "The agent's questions need your answers";

/** The gate table. To add a gate is to add a row, and to name it in the row of a phase. */
export const GATES = {
  qa_answers: {
    verb: "answer",
    need: "answers",
    document: "questions",
    isDue: ({ openQuestions }) => openQuestions > 0,
    nothingDue: "waits for qa_answers, but _qa.md has no open question (`**Answer:** _waiting_`)",
    isMandatory: false,
    endsPhase: false,
    holds: (_opened, { openQuestions }) => openQuestions === 0,
    binds: false,
    opensByHand: true,
    takesFeedback: false,
    waiting: ANSWERS_NEEDED,
    shutAgain: ANSWERS_NEEDED,
    request: "answer the questions",
    opened: "The questions are answered",
    resumed: "The session waited for answers. They are in `_qa.md` now: continue with them.",
  },
  plan_approval: {
    verb: "approve",
    need: "approval",
    document: "plan",
    isDue: ({ plan }) => plan !== undefined,
    nothingDue: "asks for the plan's approval, but no plan file (STAMP-plan-TOPIC.md) is in the session folder",
    isMandatory: true,
    endsPhase: true,
    // Moving the notebook's phase by hand approves whatever is there; that opening names no document.
    holds: ({ document, sha256 }, { plan }) =>
      sha256 === undefined || (plan !== undefined && document === plan.name && sha256 === plan.sha256),
    binds: true,
    opensByHand: false,
    takesFeedback: true,
    waiting: "The plan needs your approval",
    shutAgain: "The plan was changed after it was approved and needs your approval again",
    request: "approve the plan",
    opened: "The plan is approved",
    // The phase after an approval is told nothing: only a plan that was sent back is worked on again.
    resumed: "The plan waited for approval, and the human sent it back. Their feedback is above.",
  },
} as const satisfies Readonly<Record<string, GateRule>>;

/** What a human must do before a phase may be left. */
export type Gate = keyof typeof GATES;

/** What a session can wait for; no gate enforces the last two. */
export type WaitFor = Gate | "file_update" | "human_action";

const ACTED = "The session waited for the human to do what `Next` says, and was resumed. Check that it is done.";

/** What is said of each wait. */
export const WAITS: Readonly<Record<WaitFor, WaitWords>> = {
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
};

/** The rules of a gate. */
export function gateRule(gate: Gate): GateRule {
  return GATES[gate];
}

/** The gate that an act opens. */
export function gateOpenedBy(verb: GateRule["verb"]): Gate {
  const gate = GATE_NAMES.find((name) => GATES[name].verb === verb);
  if (gate === undefined) throw new Error(`No gate is opened by ${verb}`);
  return gate;
}

/** The names of documents that the open gates bind the phases behind them to, by gate. */
export function boundDocuments(gates: Readonly<Partial<Record<Gate, OpenedGate>>>): ReadonlyMap<Gate, OpenedDocument> {
  return new Map(GATE_NAMES.flatMap((gate): readonly (readonly [Gate, OpenedDocument])[] => {
    const { document, sha256 } = gates[gate] ?? {};
    // Opened by moving the phase by hand: that names no document.
    if (!gateRule(gate).binds || document === undefined || sha256 === undefined) return [];
    return [[gate, { document, sha256 }]];
  }));
}

/** A document as a human saw it when they opened a gate. */
export interface OpenedDocument {
  readonly document: string;
  readonly sha256: string;
}

const GATE_NAMES = Object.keys(GATES).filter((name): name is Gate => Object.hasOwn(GATES, name));

/** Tells whether a wait is one for a gate. */
export function isGate(wait: WaitFor): wait is Gate {
  return Object.hasOwn(GATES, wait);
}

/** Tells whether a gate is open: a human opened it, and that still holds for the documents. */
export function isGateOpen(
  gate: Gate,
  gates: Readonly<Partial<Record<Gate, OpenedGate>>>,
  documents: GateDocuments,
): boolean {
  const opened = gates[gate];
  return opened !== undefined && gateRule(gate).holds(opened, documents);
}
