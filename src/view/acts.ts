/**
 * Does what a person decided on the page, through the same operations as every door.
 *
 * @module
 */
import { describeWho } from "../messages/who_decided.ts";
import { actOnRun, describeGoingOn, type RunAct, SETTLED } from "../operations/act_on_run.ts";
import { answerAndResume } from "../operations/answer_qa.ts";
import { guideSession } from "../operations/guide_session.ts";
import { raiseAndResume } from "../operations/raise_budget.ts";
import { readStory } from "../operations/read_story.ts";
import { placesOf, refuseAgents } from "../operations/people_only.ts";
import { openAtRest, openSession, type Samocode } from "../operations/samocode.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { type Measure, MEASURES } from "../workflow/budget.ts";
import { type Checked, flag, mapOf, number, optional, text, variant } from "../workflow/shape.ts";
import { failure, json } from "./answers.ts";
import type { ActAnswer } from "./contract.ts";
import { failureOf } from "./requests.ts";
import type { SeenSession } from "./seen_session.ts";
import { sessionOf, type Sessions } from "./sessions.ts";

const run = optional(text);

const isAct = variant("verb", {
  answer: { run, answers: mapOf(text), sha256: text },
  approve: { run, sha256: text, label: text },
  revise: { run, sha256: text, feedback: text },
  guide: { run, text },
  stop: { run, now: flag },
  resume: { run, guidance: text },
  raise: { run, to: mapOf(number) },
  accept_baseline: { run },
});

/** An act of the contract, as it came. */
type Given = Checked<typeof isAct>;

/**
 * Does it, and answers how the session stands then.
 *
 * @param request.by Who decided, for the journal.
 */
export async function answerAct(
  sessions: Sessions,
  { key, body, by }: { readonly key: string; readonly body: unknown; readonly by: string },
): Promise<Response> {
  if (!isAct(body)) return failure(400, { error: "This is not an action", hint: "Load the page again" });
  try {
    const session = sessionOf(sessions, key);
    const samocode = sessions.open(session);
    // An agent's own state folder may lead to a person's.
    refuseAgents({ verb: "decide on this page", env: samocode.env, places: placesOf(samocode) });
    const words = await perform(samocode, session, { act: body, by });
    return json({ words, facts: factsNow(sessions, session) } satisfies ActAnswer);
  } catch (error) {
    const { status, said } = failureOf(error, sessions.find(key));
    const facts = status === 409 ? sessions.factsNow(key) : undefined;
    return failure(status, { ...said, facts });
  }
}

function factsNow(sessions: Sessions, { key }: SeenSession): ActAnswer["facts"] {
  const facts = sessions.factsNow(key);
  if (facts === undefined) throw new SamocodeError("conflict", "It was done, and the session is gone", { hint: "" });
  return facts;
}

async function perform(
  samocode: Samocode,
  { place: { name } }: SeenSession,
  { act, by }: { readonly act: Given; readonly by: string },
): Promise<string> {
  if (act.verb === "guide") {
    using folder = openSession(samocode, name);
    await guideSession(folder, { text: act.text, by });
    return `The next agent of ${folder.name} will be told.`;
  }
  using folder = act.verb === "stop" ? openSession(samocode, name) : await openAtRest(samocode, name);
  // What the person saw is over: somebody else was first, or the session went on.
  if (folder.history.runStartedAt !== act.run) throw settled(samocode, name, act.run ?? "");
  switch (act.verb) {
    case "answer": {
      const { answers, sha256 } = act;
      const status = await answerAndResume(samocode, folder, { answers, acceptSuggestions: false, sha256, by });
      const left = status.questions.length;
      return `Answered. ${left === 0 ? describeGoingOn(status) : `${formatCount(left, "question")} left.`}`;
    }
    case "raise": {
      const status = await raiseAndResume(samocode, folder, { to: readLimits(act.to), span: "session", by });
      return `The budget is raised. ${describeGoingOn(status)}`;
    }
    default: {
      const decided: RunAct = act.verb === "resume" ? { verb: "resume", note: act.guidance.trim() } : act;
      return await actOnRun(samocode, folder, { act: decided, by });
    }
  }
}

/** Says who was first. */
function settled(samocode: Samocode, session: string, run: string): SamocodeError {
  const last = readStory(samocode, { session }).decisions.findLast(({ at }) => at > run);
  const who = last === undefined ? "" : ` ${plainText(`${last.text} · ${describeWho(last.by)}`, 300)}`;
  return new SamocodeError("conflict", `${SETTLED}${who}`, { hint: "The page shows what is so now" });
}

function readLimits(to: Readonly<Record<string, number>>): Readonly<Partial<Record<Measure, number>>> {
  const known: readonly string[] = MEASURES;
  const wrong = Object.entries(to).find(([measure, limit]) => !known.includes(measure) || !(limit > 0));
  if (wrong === undefined) return to;
  throw new SamocodeError("usage", `Cannot raise the budget: ${plainText(wrong[0], 80)} is no such limit`, {
    hint: `Name ${MEASURES.join(", ")}, each with a number above 0`,
  });
}
