/**
 * The posts of a session that waits for a decision.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { describeRaise } from "../messages/describe_usage.ts";
import { MAX } from "../operations/samocode.ts";
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { amountIn } from "../workflow/budget.ts";
import { planText } from "../workflow/plan.ts";
import { type Question, suggestedAnswer } from "../workflow/questions.ts";
import type { Act } from "./act.ts";
import { beginningOf, type Draft, fileName } from "./post_parts.ts";
import { describeChanges } from "./plan_changes.ts";
import { LIMIT_WORDS } from "./read_reply.ts";
import type { Due } from "./due.ts";

/** More would flood a phone; the others follow as these are answered. */
const MOST_QUESTIONS = 20;

/** Further options are only in the text. */
const MOST_BUTTONS = 10;

/** The button that decides nothing. */
export const LATER: readonly [string, Act] = ["Later", {
  verb: "tell",
  text: "Nothing was decided. The session is still waiting for you.",
}];

/** Identifies the version of a question that an answer is for. */
export function hashOfQuestion({ id, text, options, suggestion }: Question): string {
  return createHash("sha256").update(JSON.stringify([id, text, options, suggestion?.text])).digest("hex").slice(0, 16);
}

/** One post for each open question, and one for all of them. */
export function questionDrafts({ status: { questions: open, runStartedAt: run = "" } }: Due): readonly Draft[] {
  // Of several with the same id, the last one is answered first.
  const questions = open.filter(({ id }, index) => !open.slice(index + 1).some((later) => later.id === id));
  const shown = questions.slice(0, MOST_QUESTIONS);
  const drafts = shown.map((question, index): Draft => {
    const hash = hashOfQuestion(question);
    const { id, text, options, suggestion } = question;
    const act = (answer: string): Act => ({ verb: "answer", run, questions: [{ id, hash, answer }], replaces: false });
    return {
      id: `answers ${run} ${id} ${hash}`,
      topic: "gate",
      type: "gate.answers",
      need: ` asks ${id}: ${text}`,
      text: [
        `${id}: ${plainText(text, 1_000)}`,
        ...(options.length === 0 ? [] : [""]),
        ...options.map((option) => `${option.letter}) ${plainText(option.text, 500)}`),
        ...(suggestion === undefined ? [] : ["", `Suggested: ${plainText(suggestion.text, 1_000)}`]),
      ].join("\n"),
      offers: answersTo(question).slice(0, MOST_BUTTONS).map(([label, answer]) => [label, act(answer)]),
      reply: ["Reply with your own answer, or with ? to read the background of the question", act("")],
      data: { question },
      // One sound is enough for all questions.
      isSilent: index > 0,
    };
  });
  return questions.length > 1
    ? [...drafts, allAtOnce(questions, { run, more: questions.length - shown.length })]
    : drafts;
}

/** The possible answers, the suggested one first. */
function answersTo(question: Question): readonly (readonly [label: string, answer: string])[] {
  const suggested = suggestedAnswer(question);
  const letters = question.options.map(({ letter, text }) => [`${letter}) ${text}`, letter] as const);
  if (suggested === undefined) return letters;
  const first = letters.find(([, answer]) => answer === suggested);
  if (first !== undefined) return [first, ...letters.filter((each) => each !== first)];
  return suggested.length > MAX.answer ? letters : [["As suggested", suggested], ...letters];
}

function allAtOnce(
  questions: readonly Question[],
  { run, more }: { readonly run: string; readonly more: number },
): Draft {
  const suggested = questions.flatMap((question) => {
    const answer = suggestedAnswer(question);
    return answer === undefined || answer.length > MAX.answer ? [] : [{ question, answer }];
  });
  const act = (given: typeof suggested): Act => ({
    verb: "answer",
    run,
    questions: given.map(({ question, answer }) => ({ id: question.id, hash: hashOfQuestion(question), answer })),
    replaces: false,
  });
  const label = suggested.length === questions.length
    ? "All as suggested"
    : `Accept the ${formatCount(suggested.length, "suggestion")}`;
  return {
    id: `answers ${run} all`,
    topic: "gate",
    type: "gate.answers",
    need: ` asks ${questions.length} questions`,
    text: [
      ...questions.slice(0, MOST_QUESTIONS)
        .map((question) => withAnswer(question, suggestedAnswer(question) ?? "nothing suggested")),
      ...(more > 0 ? [`and ${more} more, shown as you answer these`] : []),
    ].join("\n"),
    offers: [...(suggested.length === 0 ? [] : [[label, act(suggested)] as const]), LATER],
    reply: ["Reply with several answers, one per line: Q1=A", { verb: "answer", run, questions: [], replaces: true }],
    data: { questions: questions.slice(0, MOST_QUESTIONS) },
    isSilent: true,
  };
}

/** `Q1: A) Postgres`, or the answer in the person's own words. */
export function withAnswer({ id, options }: Question, answer: string): string {
  const option = options.find(({ letter }) => letter === answer);
  return `${id}: ${plainText(option === undefined ? answer : `${answer}) ${option.text}`, 100)}`;
}

/** The post for a plan at its gate. */
export function planDraft({ plan, planBefore: before, status: { runStartedAt: run = "" } }: Due): Draft {
  const about = { topic: "gate", type: "gate.approval" } as const;
  if (plan === undefined) {
    return {
      ...about,
      id: `plan ${run}`,
      need: " has no plan to show",
      text: "The plan's file is missing or cannot be read.",
      reply: ["Reply with what the agent should do about it", { verb: "revise", run, sha256: "", feedback: "" }],
    };
  }
  const { sha256, label, name } = plan;
  const { text, isCut } = beginningOf(plan.text);
  return {
    ...about,
    id: `plan ${run} ${sha256.slice(0, 32)}`,
    need: `: its ${before === undefined ? "" : "changed "}plan needs your approval`,
    text: [
      label,
      ...(before === undefined ? [] : ["", describeChanges(before, planText(plan.text))]),
      "",
      text,
      ...(isCut ? ["", "… This is only the beginning: the attached file has the whole plan."] : []),
    ].join("\n"),
    document: isCut ? { name: fileName(name), text: plan.text } : undefined,
    offers: [
      ["Approve", { verb: "approve", run, sha256, label }],
      ["Change", { verb: "tell", text: "Reply to the message with the plan and say what to change." }],
      LATER,
    ],
    reply: ["Reply with what to change to send the plan back to the agent", {
      verb: "revise",
      run,
      sha256,
      feedback: "",
    }],
    data: { label },
  };
}

/** The post for a used-up budget. */
export function budgetDraft({ raises, status: { runStartedAt: run = "", detail, budget } }: Due): Draft {
  const [first] = raises;
  const used = budget.map(({ measure, limit }) => `${measure} ${limit}`).join(" ");
  return {
    id: `budget ${run} ${used}`,
    topic: "gate",
    type: "gate.budget",
    mark: "💸",
    need: ": its budget is used up",
    text: [detail, ...(raises.length === 0 ? [] : ["", ...raises.map((raise) => `Raise it ${describeRaise(raise)}?`)])]
      .join("\n"),
    offers: [
      ...(first === undefined ? [] : [
        [
          `Raise to ${raises.map(({ measure, to }) => amountIn(measure, to)).join(", ")}`,
          { verb: "raise", run, raised: raises },
        ] as const,
      ]),
      LATER,
    ],
    reply: first && [
      `Reply with another limit: ${LIMIT_WORDS[first.measure]}`,
      { verb: "raise", run, raised: [{ ...first, to: 0 }] },
    ],
    data: { raises },
  };
}

/** The post for checks that fail before any change. */
export function baselineDraft({ status: { session, runStartedAt: run = "", detail } }: Due): Draft {
  return {
    id: `baseline ${run}`,
    topic: "gate",
    type: "gate.baseline",
    need: ": checks fail before any change",
    text: `${detail}\n\nTo see their output: samocode checks ${session}, in a terminal`,
    offers: [
      ["Continue anyway", { verb: "accept_baseline", run }],
      ["Run the checks again", { verb: "resume", run, note: "" }],
      LATER,
    ],
  };
}
