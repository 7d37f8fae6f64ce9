/**
 * The tools that pass on what the user decides: their answers, what they think of the plan, and a larger budget.
 *
 * @module
 */
import * as z from "zod";
import { describeRaise } from "../../src/messages/describe_usage.ts";
import { planBeginning } from "../../src/messages/plan_label.ts";
import { whoActedAlone, whoWasAsked } from "../../src/messages/who_decided.ts";
import { answerAndResume, answeredByHand, awaitsAnswers, isAnswered } from "../../src/operations/answer_qa.ts";
import { approveAndResume, isApproved, planToApprove } from "../../src/operations/approve_plan.ts";
import { refuseAgentsServers } from "../../src/operations/people_only.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import type { Status } from "../../src/operations/status.ts";
import { MAX, openAtRest } from "../../src/operations/samocode.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import type { Question } from "../../src/workflow/questions.ts";
import { askAnswers, askApproval, whoseDecision } from "../ask_person.ts";
import { type ActReply, defineAct, wait } from "../follow.ts";
import { type AddTool, amount, sessionName, textUpTo, type ToolCall } from "../tool.ts";

/** Passes on the user's answers. */
export const answerQaTool: AddTool = defineAct({
  name: "answer_qa",
  title: "Answer session questions",
  description: "Pass on the user's answers, some or all.",
  searchHint: "samocode answer questions of a session",
  repeatable: true,
  decides: "answers",
  input: z.strictObject({
    session: sessionName,
    answers: z.record(z.string(), textUpTo(MAX.answer)).refine((all) => Object.keys(all).length <= MAX.answers)
      .optional().describe('By id: {"Q1":"A","Q2":"own words"}'),
    accept_suggestions: z.boolean().optional().describe("For the rest; only if the user said so"),
    wait,
  }),
  async run({ session, answers = {}, accept_suggestions: acceptSuggestions = false }, call): Promise<ActReply> {
    const { samocode } = call;
    using folder = await openAtRest(samocode, session);
    const status = statusOf(folder);
    const isAsked = status.needs === "answers" || awaitsAnswers(folder);
    if (!isAsked && isAnswered(folder, answers)) return status;
    const decision = { decides: "answers", verb: "answer", command: `samocode answer ${status.session}` } as const;
    const by = whoseDecision(call, decision);
    if (!isAsked && (by === undefined || Object.keys(answers).length === 0)) throw notAsked(status);
    const byHand = isAsked && call.gates.answers !== "agent" ? answeredByHand(folder) : [];
    if (by !== undefined) {
      checkNamed(answers, byHand);
      if (Object.keys(answers).length === 0 && !acceptSuggestions) {
        const hint = wayToAnswer(status, isAsked);
        throw new SamocodeError("usage", "Cannot answer: no answers were given", { hint });
      }
      return await answerAndResume(samocode, folder, { answers, acceptSuggestions, by });
    }
    const { questions } = status;
    // Clients that show no form would accept an empty one.
    const asked = questions.length === 0
      ? askApproval(call, { ...decision, message: AS_THEY_ARE, refused: "Ask them for the answers that they want" })
      : askAnswers(call, { ...decision, questions: [...questions, ...byHand], proposed: answers });
    if (asked.kind === "ask") return asked.reply;
    const said = asked.said === true
      ? { answers: {}, acceptSuggestions: true }
      : { answers: asked.said, acceptSuggestions: false };
    return await answerAndResume(samocode, folder, { ...said, by: asked.by });
  },
});

const AS_THEY_ARE = "Every question is answered in _qa.md. Continue the session with these answers?";

/** The dialog shows the call's arguments, which do not include answers that someone else wrote into the file. */
function checkNamed(given: Readonly<Record<string, string>>, byHand: readonly Question[]): void {
  const named = new Set(Object.keys(given).map((id) => id.trim().toUpperCase()));
  const missing = byHand.filter(({ id }) => !named.has(id));
  if (missing.length === 0) return;
  const ids = missing.map(({ id }) => id).join(", ");
  const added = JSON.stringify(Object.fromEntries(missing.map(({ id, answer }) => [id, answer])));
  throw new SamocodeError(
    "usage",
    `Cannot answer: ${ids} were answered by an edit of _qa.md, and the call does not include them`,
    {
      hint: `Show them to the user; if they agree, add to answers: ${added}`,
    },
  );
}

/** If nothing asks the user, the agent may not answer either. */
function notAsked({ session }: Status): SamocodeError {
  return new SamocodeError("conflict", `Cannot answer: ${session} does not wait for answers`, {
    hint: "See read_status for what it needs",
  });
}

function wayToAnswer({ questions }: Status, isAsked: boolean): string {
  if (isAsked && questions.length === 0) {
    return "No question is open: if the user agrees with the answers in _qa.md, pass accept_suggestions";
  }
  return 'Show the questions to the user, then pass answers such as {"Q1": "A"}, or accept_suggestions';
}

/** Passes on the user's decision on the plan. */
export const approvePlanTool: AddTool = defineAct({
  name: "approve_plan",
  title: "Approve or send back a plan",
  description: "Pass on the user's decision on the plan, and wait for what comes of it.",
  searchHint: "samocode approve or revise the plan of a session",
  repeatable: true,
  decides: "plan",
  input: z.strictObject({
    session: sessionName,
    decision: z.enum(["approve", "revise"]),
    plan: textUpTo(300).optional().describe("To approve: plan.label, word for word"),
    sha256: textUpTo(64).optional().describe("To approve: plan.sha256 of the text the user saw"),
    feedback: textUpTo(MAX.message).optional().describe("To revise: what to change"),
    wait,
  }),
  async run({ session, decision, plan: label, sha256, feedback }, call): Promise<ActReply> {
    const { samocode } = call;
    using folder = await openAtRest(samocode, session);
    if (decision === "revise") {
      const by = whoRevises(call);
      const revision = { feedback: checkFeedback(feedback), sha256: sha256 || undefined, by };
      return await approveAndResume(samocode, folder, revision);
    }
    const approved = checkHash(sha256);
    if (isApproved(folder, approved)) return statusOf(folder);
    if (label === undefined && call.gates.plan !== "agent") throw lacksLabel();
    const named = { sha256: approved, ...(label !== undefined && { label }) };
    const plan = planToApprove(folder, named);
    const { session: name } = statusOf(folder);
    const asked = askApproval(call, {
      ...{ decides: "plan", verb: "approve", command: `samocode approve ${name}` },
      message: `Let samocode implement the plan of ${name}?\n${planBeginning(plan)}`,
      refused: "Ask them what to change, then call approve_plan with decision=revise and their feedback",
    });
    if (asked.kind === "ask") return asked.reply;
    return await approveAndResume(samocode, folder, { feedback: undefined, ...named, by: asked.by });
  },
});

/** Sending a plan back opens no gate, and no form asks about it. */
function whoRevises(call: ToolCall): string {
  refuseAgentsServers(call.samocode, "send the plan back");
  return call.gates.plan !== "agent" && call.caller.asksBeforeCalls ? whoWasAsked(call.by) : whoActedAlone(call.by);
}

function lacksLabel(): SamocodeError {
  return new SamocodeError("usage", "Cannot approve: plan is missing", {
    hint: "Pass plan.label from the status, word for word: the user sees it when they are asked",
  });
}

function checkHash(sha256: string | undefined): string {
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return sha256;
  const state = sha256 === undefined ? "sha256 is missing" : "sha256 is not a SHA-256 hash";
  throw new SamocodeError("usage", `Cannot approve: ${state}`, {
    hint: "Pass plan.sha256 from the status; it names the text that the user saw",
  });
}

function checkFeedback(feedback: string | undefined): string {
  if (feedback !== undefined && feedback.trim() !== "") return feedback;
  throw new SamocodeError("usage", "Cannot send the plan back: feedback is missing", {
    hint: "Ask the user what to change and pass it as feedback",
  });
}

/** Passes on the user's larger budget for a session. */
export const raiseBudgetTool: AddTool = defineAct({
  name: "raise_budget",
  title: "Raise a session's budget",
  description: "Pass on the user's new limits; without any, each that is used up doubles.",
  decides: "personal",
  input: z.strictObject({
    session: sessionName,
    cost: amount.describe("Dollars"),
    tokens: amount,
    starts: amount.describe("Of agents"),
    hours: amount.describe("Of agents' work"),
    day: z.boolean().optional().describe("Today's limits, not the session's"),
    wait,
  }),
  async run({ session, hours, day = false, cost, tokens, starts }, call): Promise<ActReply> {
    const { raiseAndResume, plannedRaise } = await import("../../src/operations/raise_budget.ts");
    const { samocode } = call;
    using folder = await openAtRest(samocode, session);
    const to = {
      ...(cost !== undefined && { cost }),
      ...(tokens !== undefined && { tokens }),
      ...(starts !== undefined && { starts }),
      ...(hours !== undefined && { time: hours * 3_600_000 }),
    };
    const request = { to, span: day ? "day" : "session", by: call.by } as const;
    const raised = plannedRaise(samocode, folder, request).map(describeRaise).join(", ");
    const { session: name } = statusOf(folder);
    const asked = askApproval(call, {
      ...{ decides: "personal", verb: "raise the budget", command: `samocode raise ${name}` },
      message: `Raise the budget of ${name} ${raised}?`,
      refused: "Leave the session as it is",
    });
    if (asked.kind === "ask") return asked.reply;
    return await raiseAndResume(samocode, folder, { ...request, by: asked.by });
  },
});
