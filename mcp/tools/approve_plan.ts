/**
 * `approve_plan`: passes the person's decision on the plan on.
 *
 * @module
 */
import * as z from "zod";
import { approvePlan } from "../../src/operations/approve_plan.ts";
import type { News } from "../../src/operations/follow_events.ts";
import { SamocodeError } from "../../src/system/errors.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { askApproval } from "../ask_person.ts";
import { replyNews, replyStatus } from "../reply.ts";
import { lookAtRest } from "../snapshot.ts";
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
    feedback: textUpTo(20_000).optional().describe("To revise: what to change"),
  }),
  async run({ session, decision, sha256, feedback }, call): Promise<ToolReply> {
    const { samocode } = call;
    const news = await lookAtRest(samocode, session);
    if (decision === "revise") {
      approvePlan(samocode, { session, feedback: checkFeedback(feedback), sha256: undefined, by: call.by });
    } else {
      const approved = checkHash(sha256);
      if (isApproved(news, approved)) return replyNews(news);
      const asked = askApproval(call, { message: questionAbout(news) });
      if (asked.kind === "ask") return asked.reply;
      approvePlan(samocode, { session, feedback: undefined, sha256: approved, by: asked.by });
    }
    const { resumeSession } = await import("../../src/operations/resume_session.ts");
    await resumeSession(samocode, { session, guidance: undefined, by: call.by });
    return replyStatus(samocode, session);
  },
});

function questionAbout({ status: { plan, session } }: News): string {
  const steps = plan === undefined ? "" : `, ${plan.total} steps`;
  return `Let samocode implement the plan of ${session}? ${plainText(plan?.path ?? "", 100)}${steps}`;
}

function checkHash(sha256: string | undefined): string {
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return sha256;
  const state = sha256 === undefined ? "sha256 is missing" : "sha256 is none";
  throw new SamocodeError("usage", `Cannot approve: ${state}`, {
    hint: "Pass plan.sha256 as it stands in the status; it names the very text that the user saw",
  });
}

function checkFeedback(feedback: string | undefined): string {
  if (feedback !== undefined && feedback.trim() !== "") return feedback;
  throw new SamocodeError("usage", "Cannot send the plan back: feedback is missing", {
    hint: "Ask the user what is to be changed and pass it as feedback",
  });
}

/** The same approval once more, which a client that heard nothing may send, is no mistake. */
function isApproved({ events }: News, sha256: string): boolean {
  const last = events.findLast((event) =>
    event.type === "plan.rejected" ||
    ((event.type === "gate.opened" || event.type === "gate.reached") && event.gate === "plan_approval")
  );
  return last?.type === "gate.opened" && last.sha256 === sha256;
}
