/**
 * The tool that ends what a session leaves: its branch is merged or pushed, or all of it is thrown away.
 *
 * @module
 */
import * as z from "zod";
import { describeFinish, describeWork } from "../../src/messages/describe_work.ts";
import type { FinishView, FinishWay } from "../../src/operations/finish_session.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import { refuseAgentsServers } from "../../src/operations/people_only.ts";
import { openAtRest, type Samocode } from "../../src/operations/samocode.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { commandFor } from "../../src/text/action.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { type ApprovalRequest, askApproval } from "../ask_person.ts";
import { replyWith } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolCall, type ToolReply } from "../tool.ts";

/** Passes on what the user wants done with a session's work. */
export const finishSessionTool: AddTool = defineTool({
  name: "finish_session",
  title: "Merge, push or discard a session",
  description: "Merge, push or discard its work, as the user says.",
  kind: "end",
  decides: "personal",
  input: z.strictObject({
    session: sessionName,
    how: z.enum(["merge", "ff-only", "push", "pr", "discard"]),
    into: textUpTo(200).optional(),
    head: textUpTo(64).optional(),
    losing: textUpTo(2000).optional(),
  }),
  async run({ how, ...request }, call): Promise<ToolReply> {
    refuseAgentsServers(call.samocode, "finish a session");
    return how === "discard" ? await discard(request, call) : await bring({ ...request, how }, call);
  },
});

interface Request {
  readonly session: string;
  readonly into?: string | undefined;
  readonly head?: string | undefined;
  readonly losing?: string | undefined;
}

/** Whatever the gates are set to, no agent merges, pushes or discards on its own. */
function personal(command: string): Pick<ApprovalRequest, "decides" | "verb" | "command" | "refused"> {
  return { decides: "personal", verb: "finish a session", command, refused: "Leave the session as it is" };
}

async function bring(
  { session, into, head, how: way }: Request & { readonly how: FinishWay },
  call: ToolCall,
): Promise<ToolReply> {
  const { samocode } = call;
  const { finishSession, viewFinish } = await import("../../src/operations/finish_session.ts");
  const found = await viewFinish(samocode, { session, into });
  const asked = askApproval(call, {
    ...personal(commandFor({ verb: "finish", session, way, into, head }, ".")),
    message: questionAbout(way, found),
  });
  if (asked.kind === "ask") return asked.reply;
  const { finish, removed, kept, hooks } = await finishSession(samocode, { session, into, head, way, by: asked.by });
  return replyWith({
    ...{ session, finished: plainText(describeFinish(finish), 300), ...said({ removed, kept }) },
    ...(hooks.length > 0 && { hooksNotRun: hooks }),
  });
}

function questionAbout(way: FinishWay, { branch, into, remote, work, since, isBrought }: FinishView): string {
  if (isBrought) return plainText(`Remove ${branch}, which has nothing that is not merged, and its worktree?`, 300);
  const place = way === "push" || way === "pr" ? remote : into;
  const act =
    { merge: "Merge", "ff-only": "Fast-forward to", push: "Push", pr: "Push and open a pull request for" }[way];
  const about = work === undefined ? "" : ` (${describeWork(work)})`;
  return plainText(`${act} ${branch}${about}: ${place ?? "?"}?${since === undefined ? "" : ` ${since}`}`, 600);
}

/** What would be lost must be in the call: there the client shows it to its user. */
async function discard({ session, losing = "" }: Request, call: ToolCall): Promise<ToolReply> {
  const { samocode } = call;
  const { removeSession, viewLosses } = await import("../../src/operations/tidy_sessions.ts");
  await refuseAtWork(samocode, session);
  const { goes, lost, head } = await viewLosses(samocode, { session });
  const loss = plainText(lost.join("; "), 2000);
  if (losing !== loss) {
    throw new SamocodeError(
      "conflict",
      `Cannot discard ${session}: ${loss === "" ? "nothing" : "this"} would be lost`,
      {
        hint: loss === ""
          ? "Call again without losing"
          : `Tell the user; if they agree, call again with losing: ${loss}`,
      },
    );
  }
  const message = plainText(`Remove ${goes.join(", ")}?${loss === "" ? "" : ` Lost for good: ${loss}`}`, 600);
  const asked = askApproval(call, { ...personal(`samocode rm ${session}`), message });
  if (asked.kind === "ask") return asked.reply;
  const { removed, kept } = await removeSession(samocode, { session, discard: lost.length > 0 });
  call.server.sendResourceListChanged();
  return replyWith({ session, discarded: true, lastCommit: head, ...said({ removed, kept }) });
}

async function refuseAtWork(samocode: Samocode, session: string): Promise<void> {
  using folder = await openAtRest(samocode, session);
  const { workerPid, state } = statusOf(folder);
  if (workerPid === undefined) return;
  throw new SamocodeError("conflict", `Cannot discard ${session}: it is ${state}`, {
    hint: "Stop it first",
    actions: [{ verb: "stop", session }],
  });
}

function said(lists: Readonly<Record<"removed" | "kept", readonly string[]>>): object {
  const filled = Object.entries(lists).filter(([, items]) => items.length > 0);
  return Object.fromEntries(filled.map(([name, items]) => [name, items.map((item) => plainText(item, 300))]));
}
