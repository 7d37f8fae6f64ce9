/**
 * Asks the client's user, who decides at the gates, by whatever means the client has.
 *
 * @module
 */
import { acceptedContent, inputRequired, type InputRequiredResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Question } from "../src/workflow/questions.ts";
import { whoActedAlone, whoWasAsked } from "../src/messages/who_decided.ts";
import { readTypedAnswer } from "../src/operations/answer_qa.ts";
import { refuseAgentsServers } from "../src/operations/people_only.ts";
import { SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { viewQuestion } from "./reply.ts";
import type { Gates, ToolCall } from "./tool.ts";

/** What the user said, or a request that the client must show first. */
export type Asked<Said> =
  | { readonly kind: "said"; readonly said: Said; readonly by: string }
  | { readonly kind: "ask"; readonly reply: InputRequiredResult };

const KEY = "person";

const approvalSchema = z.object({ approve: z.boolean().meta({ title: "Approve this" }) });

const answersSchema = z.record(z.string(), z.string());

/** What is decided, how it is called, and how a person does it on the command line. */
export interface Decision {
  readonly decides: keyof Gates;
  readonly verb: string;
  readonly command: string;
}

/** What the user is asked to approve. */
export interface ApprovalRequest extends Decision {
  readonly message: string;
  /** What the model is told if they do not. */
  readonly refused: string;
}

/**
 * Makes sure that the user approves something.
 *
 * @throws {SamocodeError} If they do not, or must be asked and cannot be, or an agent started the client.
 */
export function askApproval(call: ToolCall, request: ApprovalRequest): Asked<true> {
  const by = whoseDecision(call, request);
  if (by !== undefined) return { kind: "said", said: true, by };
  const { inputResponses } = call.context.mcpReq;
  if (inputResponses === undefined) return ask(request.message, approvalSchema);
  const said = acceptedContent(inputResponses, KEY, approvalSchema);
  if (said?.approve === true) return { kind: "said", said: true, by: whoWasAsked(call.by) };
  if (said === undefined) throw unanswered(call, request);
  throw new SamocodeError("conflict", `Cannot ${request.verb}: the user did not say yes`, { hint: request.refused });
}

/**
 * Asks the user the open questions in a form, prefilled with the model's proposals.
 *
 * @throws {SamocodeError} If they give no answers, or the client has no forms.
 */
export function askAnswers(
  call: ToolCall,
  { questions, proposed, ...decision }: Decision & {
    readonly questions: readonly Question[];
    readonly proposed: Readonly<Record<string, string>>;
  },
): Asked<Readonly<Record<string, string>>> {
  const { inputResponses } = call.context.mcpReq;
  if (inputResponses === undefined) {
    return ask("samocode has questions about the task", formOf(questions, proposed));
  }
  const answers = acceptedContent(inputResponses, KEY, answersSchema);
  if (answers === undefined) throw unanswered(call, decision);
  const given = Object.entries(answers).filter(([, answer]) => answer.trim() !== "");
  return { kind: "said", said: Object.fromEntries(given), by: whoWasAsked(call.by) };
}

/**
 * Whose decision a call is by itself: the agent's where it may decide, the user's where the client asked them before the
 * call; `undefined` if a form must ask them first.
 *
 * @throws {SamocodeError} If an agent started the client, or it cannot ask.
 */
export function whoseDecision(call: ToolCall, { decides, verb, command }: Decision): string | undefined {
  const { caller, by, samocode } = call;
  refuseAgentsServers(samocode, verb);
  const gate = call.gates[decides];
  if (gate === "agent") return whoActedAlone(by);
  const hint = `They can decide in a terminal: ${command}`;
  if (caller.isClaude && !caller.asksBeforeCalls) {
    const what = `Cannot ${verb}: ${caller.name} does not ask its user before the call`;
    throw new SamocodeError("conflict", what, { hint: `${hint}. Claude Code asks since 2.1.199: claude update` });
  }
  if (gate === "ask" && caller.asksBeforeCalls) return whoWasAsked(by);
  if (caller.showsForms) return undefined;
  throw new SamocodeError("conflict", `Cannot ${verb}: ${caller.name} cannot ask its user`, { hint });
}

/** No client tells whether it was its user who declined. */
function unanswered({ caller }: ToolCall, { verb, command }: Decision): SamocodeError {
  return new SamocodeError("conflict", `Cannot ${verb}: the form came back without an answer`, {
    hint: `Where nobody sits at ${caller.name}, nobody was asked. They can decide in a terminal: ${command}`,
  });
}

function ask<Said>(message: string, requestedSchema: Form | typeof approvalSchema): Asked<Said> {
  const request = inputRequired.elicit({ message, requestedSchema });
  return { kind: "ask", reply: inputRequired({ inputRequests: { [KEY]: request } }) };
}

/** As the protocol defines it; an interface would not be assignable. */
type Form = {
  readonly type: "object";
  readonly properties: Record<string, { type: "string"; title: string; description: string; default?: string }>;
};

/** Text fields, not choices: an answer may be in the user's own words. Clients cut long titles, so the id is one. */
function formOf(questions: readonly Question[], proposed: Readonly<Record<string, string>>): Form {
  const fields = questions.map((question): [string, Form["properties"][string]] => {
    const { id, question: text, options = [], suggestion } = viewQuestion(question);
    const suggested = readTypedAnswer(question, "");
    const preset = question.answer ?? proposed[id] ?? (suggested?.ok ? suggested.answer : undefined);
    const parts = [text, ...options, ...(suggestion === undefined ? [] : [`Suggested: ${suggestion}`])];
    return [id, {
      type: "string",
      title: id,
      // Claude Code shows one line of it.
      description: parts.join(" · "),
      ...(preset === undefined ? {} : { default: plainText(preset, 500) }),
    }];
  });
  return { type: "object", properties: Object.fromEntries(fields) };
}
