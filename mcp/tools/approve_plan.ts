/**
 * `approve_plan`: passes on the user's decision on the plan.
 *
 * @module
 */
import * as z from "zod";
import { approveAndResume, isApproved } from "../../src/operations/approve_plan.ts";
import { MAX } from "../../src/operations/limits.ts";
import { openAtRest } from "../../src/operations/open_at_rest.ts";
import { type Status, statusOf } from "../../src/operations/read_status.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { askApproval } from "../ask_person.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

/** The tool. */
export const approvePlanTool: AddTool = defineTool({
  name: "approve_plan",
  title: "Approve or send back a plan",
  description: "Pass on the user's decision on the plan: approve, and implementation starts; or revise, with feedback.",
  kind: "act",
  repeatable: true,
  asksPerson: true,
  input: z.strictObject({
    session: sessionName,
    decision: z.enum(["approve", "revise"]),
    sha256: textUpTo(64).optional().describe("To approve: plan.sha256 of the plan that the user saw"),
    feedback: textUpTo(MAX.message).optional().describe("To revise: what to change"),
  }),
  async run({ session, decision, sha256, feedback }, call): Promise<ToolReply> {
    const { samocode, by } = call;
    using folder = await openAtRest(samocode, session);
    if (decision === "revise") {
      const revision = { feedback: checkFeedback(feedback), sha256: undefined, by };
      return replyStatus(await approveAndResume(samocode, folder, revision));
    }
    const approved = checkHash(sha256);
    const status = statusOf(folder);
    if (isApproved(folder, approved)) return replyStatus(status);
    const asked = askApproval(call, { message: questionAbout(status) });
    if (asked.kind === "ask") return asked.reply;
    const approval = { feedback: undefined, sha256: approved, by: asked.by };
    return replyStatus(await approveAndResume(samocode, folder, approval));
  },
});

function questionAbout({ plan, session }: Status): string {
  const steps = plan === undefined ? "" : `, ${plan.total} steps`;
  return `Let samocode implement the plan of ${session}? ${plainText(plan?.path ?? "", 100)}${steps}`;
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
