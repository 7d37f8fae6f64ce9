/**
 * What the page can ask for, by path.
 *
 * @module
 */
import { readStory } from "../operations/read_story.ts";
import { copiesIn } from "../session/elsewhere.ts";
import { layoutOf } from "../session/layout.ts";
import { hintInCommands } from "../text/action.ts";
import { type ErrorCode, messageOf, SamocodeError } from "../text/errors.ts";
import { NO_STORY, type Story } from "../workflow/story.ts";
import { failure, json, wholeIn } from "./answers.ts";
import type { Failure } from "./contract.ts";
import { versionOf } from "./session_facts.ts";
import { readJournalPage } from "./journal_pages.ts";
import type { Answer, SessionRequest } from "./session_request.ts";
import type { SeenSession } from "./seen_session.ts";
import { sessionOf, type Sessions } from "./sessions.ts";

/** What only some look at is loaded when somebody does. */
const LATER = Object.fromEntries(
  ["plan", "diff", "documents", "images", "log", "checks"].map((name): [string, Answer] => [
    name,
    async (request) => await (await import("./document_requests.ts")).DOCUMENT_ANSWERS[name]?.(request),
  ]),
);

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
  ...LATER,
};

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
    const { status, said } = failureOf(error, sessions.find(key));
    return failure(status, said);
  }
}

/** The status and the words of an error about a session. */
export function failureOf(
  error: unknown,
  session: SeenSession | undefined,
): { readonly status: number; readonly said: Failure } {
  if (error instanceof SamocodeError) {
    const { code, message } = error;
    const isFleets = session !== undefined && copiesIn(session.project.settings.sessions) !== undefined;
    return { status: STATUS[code] ?? 500, said: { error: message, hint: hintInCommands(error, { isFleets }) } };
  }
  return { status: error instanceof URIError ? 400 : 500, said: { error: messageOf(error), hint: "" } };
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = { usage: 400, conflict: 409 };

function storyOf(sessions: Sessions, session: SeenSession): Story {
  try {
    return readStory(sessions.look(session), { session: session.place.name });
  } catch {
    // One that was started by hand has no journal.
    return NO_STORY;
  }
}
