/**
 * What the page can ask for of a session's documents and work: plan, changes, pictures, logs and checks.
 *
 * @module
 */
import { renderDiff } from "../html/diff.ts";
import { renderMarkdown } from "../html/markdown.ts";
import { STAGES } from "../messages/describe_checks.ts";
import { planLabel } from "../messages/plan_label.ts";
import { isPersons } from "../operations/people_only.ts";
import { readChanges } from "../operations/read_changes.ts";
import { openSession } from "../operations/samocode.ts";
import { viewChecks } from "../operations/view_checks.ts";
import { viewPlan } from "../operations/view_plan.ts";
import { compareTexts } from "../operations/view_work.ts";
import type { AttachedCommand } from "../system/processes/run_attached.ts";
import { runCommand } from "../system/processes/run_command.ts";
import { commandLine } from "../text/command_words.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainBlock, plainText } from "../text/terminal_text.ts";
import { readLogPage } from "./agent_log.ts";
import { failure, wholeIn } from "./answers.ts";
import type { ChecksAnswer, DiffAnswer, PlanAnswer } from "./contract.ts";
import { imageResponse, listDocuments, readDocument } from "./documents.ts";
import type { Answer } from "./session_request.ts";

/** By the name in the path. */
export const DOCUMENT_ANSWERS: Readonly<Record<string, Answer>> = {
  plan: async ({ sessions, session, mayAct }) => {
    const samocode = sessions.look(session);
    using folder = openSession(samocode, session.place.name, { readOnly: true });
    const plan = viewPlan(folder);
    if (plan === undefined) return failure(404, { error: "There is no plan yet", hint: "" });
    const { name, text, sha256, before, cleared } = plan;
    const [html, changesHtml] = await Promise.all([
      renderMarkdown(hideSecrets(text), { heading: 3 }),
      before === undefined ? "" : changesIn({ name, before, now: cleared }),
    ]);
    if (mayAct && isPersons(samocode)) plan.keepShown();
    return { name, label: planLabel(plan), sha256, html, changesHtml } satisfies PlanAnswer;
  },
  diff: async ({ sessions, session, query }) => {
    const [commit, wanted] = [query.get("commit"), query.get("file")].map((text) => text || undefined);
    const request = { session: session.place.name, commit, file: wanted };
    const { commits, files, diff, left } = await readChanges(sessions.look(session), request);
    const [shown] = await renderDiff(hideSecrets(diff));
    const all = [left, shown?.left ?? ""].filter((text) => text !== "").join(" · ");
    return { commits, files, html: shown?.html ?? "", left: all } satisfies DiffAnswer;
  },
  documents: async ({ sessions, session, rest }) => {
    const name = session.place.name;
    return rest === ""
      ? listDocuments(sessions.look(session), name)
      : await readDocument(sessions.look(session), { session: name, name: rest });
  },
  images: ({ sessions, session, rest }) =>
    imageResponse(sessions.look(session), { session: session.place.name, name: rest }),
  log: async ({ sessions, session, query }) =>
    await readLogPage(sessions.look(session), {
      session: session.place.name,
      iteration: wholeIn(query, "iteration"),
      attempt: wholeIn(query, "attempt"),
      search: query.get("search") ?? "",
      before: wholeIn(query, "before"),
    }),
  checks: ({ sessions, session }) => {
    const { rounds } = viewChecks(sessions.look(session), { session: session.place.name });
    return {
      rounds: rounds.toReversed().map(({ stage, isFresh, runs }) => ({
        stage: STAGES[stage],
        isFresh: stage === "baseline" ? undefined : isFresh,
        runs: runs.map(({ command, result, detail, durationMs, commit, tail }) => ({
          command: plainText(commandLine(command), 300),
          ...{ result, detail: plainText(detail, 300), durationMs, commit, tail: plainBlock(tail) },
        })),
      })),
    } satisfies ChecksAnswer;
  },
};

/** What has changed in a plan, as git compares it. */
async function changesIn(
  texts: { readonly name: string; readonly before: string; readonly now: string },
): Promise<string> {
  const diff = await compareTexts(texts, { pager: "cat", flags: ["--no-color"], show: printed });
  const [file] = await renderDiff(hideSecrets(diff));
  return file?.html ?? "";
}

async function printed({ command: [program = "git", ...args], cwd = "/", env = {} }: AttachedCommand): Promise<string> {
  return (await runCommand(program, args, { cwd, env, timeoutMs: 10_000 })).stdout;
}
