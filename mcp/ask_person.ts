/**
 * Asks the client's user, who decides at the gates, by whatever means the client has.
 *
 * @module
 */
import { acceptedContent, inputRequired, type InputRequiredResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Question } from "../src/workflow/questions.ts";
import { readTypedAnswer } from "../src/operations/answer_qa.ts";
import { SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { viewQuestion } from "./reply.ts";
import type { ToolCall } from "./tool.ts";

/** What the user said, or a request that the client must show first. */
export type Asked<Said> =
  | { readonly kind: "said"; readonly said: Said; readonly by: string }
  | { readonly kind: "ask"; readonly reply: InputRequiredResult };

const KEY = "person";

const approvalSchema = z.object({ approve: z.boolean().meta({ title: "Approve this" }) });

const answersSchema = z.record(z.string(), z.string());

/** What the user is asked to approve. */
export interface ApprovalRequest {
  readonly message: string;
  /** What the model is told if they do not. */
  readonly refused: string;
  /** Whether no agent may do it on its own, whoever decides at the gates. */
  readonly isPersonal?: boolean;
}

/**
 * Makes sure that the user approves something.
 *
 * @throws {SamocodeError} If they do not, or must be asked and cannot be.
 */
export function askApproval(call: ToolCall, { message, refused, isPersonal = false }: ApprovalRequest): Asked<true> {
  const { gate, caller, by, context } = call;
  if (gate === "agent" && !isPersonal) return { kind: "said", said: true, by: `${by}, on its own` };
  if (gate === "ask" && caller.asksBeforeCalls) return { kind: "said", said: true, by: `a person, asked by ${by}` };
  // All that is left is the client's own approval of its model's calls.
  if (gate === "ask" && !caller.showsForms) return { kind: "said", said: true, by };
  checkShowsForms(call);
  const { inputResponses } = context.mcpReq;
  if (inputResponses === undefined) return ask(message, approvalSchema);
  if (acceptedContent(inputResponses, KEY, approvalSchema)?.approve === true) {
    return { kind: "said", said: true, by: `a person, in a form of ${by}` };
  }
  throw new SamocodeError("conflict", "Cannot approve: the user did not say yes", {
    hint: refused,
  });
}

/**
 * Asks the user the open questions in a form, prefilled with the model's proposals.
 *
 * @throws {SamocodeError} If they give no answers, or the client has no forms.
 */
export function askAnswers(
  call: ToolCall,
  { questions, proposed }: {
    readonly questions: readonly Question[];
    readonly proposed: Readonly<Record<string, string>>;
  },
): Asked<Readonly<Record<string, string>>> {
  checkShowsForms(call);
  const { inputResponses } = call.context.mcpReq;
  const message = questions.length === 0
    ? "Every question is answered in _qa.md. Continue the session with these answers?"
    : "samocode has questions about the task";
  if (inputResponses === undefined) return ask(message, formOf(questions, proposed));
  const answers = acceptedContent(inputResponses, KEY, answersSchema);
  if (answers !== undefined) {
    const given = Object.entries(answers).filter(([, answer]) => answer.trim() !== "");
    return { kind: "said", said: Object.fromEntries(given), by: `a person, in a form of ${call.by}` };
  }
  throw new SamocodeError("conflict", "Cannot answer: the user did not fill in the form", {
    hint: "Ask whether they want to answer now, then call answer_qa again",
  });
}

function ask<Said>(message: string, requestedSchema: Form | typeof approvalSchema): Asked<Said> {
  const request = inputRequired.elicit({ message, requestedSchema });
  return { kind: "ask", reply: inputRequired({ inputRequests: { [KEY]: request } }) };
}

/** As the protocol defines it; an interface would not be assignable. */
type Form = {
  readonly type: "object";
  readonly properties: Record<string, { type: "string"; title: string; description?: string; default?: string }>;
};

/** Text fields, not choices: an answer may be in the user's own words. */
function formOf(questions: readonly Question[], proposed: Readonly<Record<string, string>>): Form {
  const fields = questions.map((question): [string, Form["properties"][string]] => {
    const { id, question: title, options = [] } = viewQuestion(question);
    const suggested = readTypedAnswer(question, "");
    const preset = proposed[id] ?? (suggested?.ok ? suggested.answer : undefined);
    return [id, {
      type: "string",
      title: `${id}: ${title}`,
      ...(options.length === 0 ? {} : { description: options.join(" · ") }),
      ...(preset === undefined ? {} : { default: plainText(preset, 500) }),
    }];
  });
  return { type: "object", properties: Object.fromEntries(fields) };
}

function checkShowsForms({ caller }: ToolCall): void {
  if (caller.showsForms) return;
  throw new SamocodeError("conflict", `Cannot ask the user: ${caller.name} shows no forms`, {
    hint: "They can decide on the command line; with SAMOCODE_GATE=ask they are asked before the call",
  });
}
