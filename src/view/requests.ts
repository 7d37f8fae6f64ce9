/**
 * What the page can ask for, by path.
 *
 * @module
 */
import { layoutOf } from "../session/layout.ts";
import { commandFor } from "../text/action.ts";
import { type ErrorCode, messageOf, SamocodeError } from "../text/errors.ts";
import { NO_STORY } from "../messages/fold_story.ts";
import { renderDiff } from "../html/diff.ts";
import { renderMarkdown } from "../html/markdown.ts";
import { STAGES } from "../messages/describe_checks.ts";
import { planLabel } from "../messages/plan_label.ts";
import { readChanges } from "../operations/read_changes.ts";
import { openSession } from "../operations/samocode.ts";
import { viewChecks } from "../operations/view_checks.ts";
import { viewPlan } from "../operations/view_plan.ts";
import { compareTexts } from "../operations/view_work.ts";
import type { AttachedCommand } from "../system/processes/run_attached.ts";
import { runCommand } from "../system/processes/run_command.ts";
import { commandLine } from "../text/command_words.ts";
import { plainBlock, plainText } from "../text/terminal_text.ts";
import { readLogPage } from "./agent_log.ts";
import { imageResponse, listDocuments, readDocument } from "./documents.ts";
import { failure, json } from "./answers.ts";
import type { ChecksAnswer, DiffAnswer, Failure, PlanAnswer } from "./contract.ts";
import { versionOf } from "./facts.ts";
import { readJournalPage } from "./journal_pages.ts";
import { type SeenSession, sessionOf, type Sessions } from "./sessions.ts";
import { readStory } from "../operations/read_story.ts";

/** A request for something of one session. */
export interface SessionRequest {
  readonly sessions: Sessions;
  readonly session: SeenSession;
  readonly query: URLSearchParams;
  /** What the path names behind the request, decoded; empty if nothing. */
  readonly rest: string;
  /** Whether a person looks who may act. */
  readonly mayAct: boolean;
}

type Answer = (request: SessionRequest) => unknown;

/** By the name in `/api/sessions/KEY/NAME`. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "": ({ sessions, session }) => sessions.factsNow(session.key),
  story: ({ sessions, session }) => {
    const story = session.story ?? storyOf(sessions, session);
    return { ...story, storyVersion: versionOf(story) };
  },
  journal: ({ sessions, session, query }) => {
    const [from, before] = [wholeIn(query, "from"), wholeIn(query, "before")];
    const { attempts } = session.story ?? storyOf(sessions, session);
    return readJournalPage(layoutOf(session.place.path).journal, {
      ...(from !== undefined && { from }),
      ...(before !== undefined && { before }),
      search: query.get("search") ?? "",
      types: (query.get("types") ?? "").split(",").filter(Boolean),
      attempts,
    });
  },
  plan: async ({ sessions, session, mayAct }) => {
    using folder = openSession(sessions.look(session), session.place.name, { readOnly: true });
    const plan = viewPlan(folder);
    if (plan === undefined) return failure(404, { error: "There is no plan yet", hint: "" });
    const { name, text, sha256, before, cleared } = plan;
    const [html, changesHtml] = await Promise.all([
      renderMarkdown(text, { heading: 3 }),
      before === undefined ? "" : changesIn({ name, before, now: cleared }),
    ]);
    if (mayAct) plan.keepShown();
    return { name, label: planLabel(plan), sha256, html, changesHtml } satisfies PlanAnswer;
  },
  diff: async ({ sessions, session, query }) => {
    const [commit, wanted] = [query.get("commit"), query.get("file")].map((text) => text || undefined);
    const request = { session: session.place.name, commit, file: wanted };
    const { commits, files, diff, left } = await readChanges(sessions.look(session), request);
    const [shown] = await renderDiff(diff);
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
        isFresh,
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
  const [file] = await renderDiff(diff);
  return file?.html ?? "";
}

async function printed({ command: [program = "git", ...args], cwd = "/", env = {} }: AttachedCommand): Promise<string> {
  return (await runCommand(program, args, { cwd, env, timeoutMs: 10_000 })).stdout;
}

/** Answers a request for something of a session. */
export async function answerAbout(
  sessions: Sessions,
  path: string,
  { query, mayAct }: Pick<SessionRequest, "query" | "mayAct">,
): Promise<Response> {
  const [, key = "", name = "", coded = ""] =
    /^\/api\/sessions\/([0-9a-f]{16})(?:\/(\w+)(?:\/([^/]+))?)?$/.exec(path) ?? [];
  const answer = key !== "" && Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
  if (answer === undefined) return failure(404, { error: "There is no such page", hint: "" });
  try {
    const rest = decodeURIComponent(coded);
    const found = await answer({ sessions, session: sessionOf(sessions, key), query, rest, mayAct });
    return found instanceof Response ? found : json(found);
  } catch (error) {
    return failed(error);
  }
}

/** An error as an answer. */
export function failed(error: unknown): Response {
  const { status, said } = failureOf(error);
  return failure(status, said);
}

/** The status and the words of an error. */
export function failureOf(error: unknown): { readonly status: number; readonly said: Failure } {
  if (error instanceof SamocodeError) {
    const { code, message, hint, actions } = error;
    const commands = actions.map((action) => commandFor(action, ".")).join(", or ");
    return {
      status: STATUS[code] ?? 500,
      said: { error: message, hint: commands === "" ? hint : `${hint}: ${commands}` },
    };
  }
  return { status: error instanceof URIError ? 400 : 500, said: { error: messageOf(error), hint: "" } };
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = { usage: 400, conflict: 409 };

/** A whole number in a query; `undefined` where none is. */
export function wholeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function storyOf(sessions: Sessions, session: SeenSession): typeof NO_STORY {
  try {
    return readStory(sessions.look(session), { session: session.place.name });
  } catch {
    // One that was started by hand has no journal.
    return NO_STORY;
  }
}
