/**
 * Turns what someone said on a channel into one complete act, or into an answer if there is nothing to do.
 *
 * @module
 */
import type { Said } from "../channels/post.ts";
import { describeWho } from "../messages/who_decided.ts";
import { SETTLED } from "../operations/act_on_run.ts";
import { SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import type { Deed } from "./act.ts";
import { describeList, describeSession, nameIn } from "./describe_sessions.ts";
import { contextFor } from "./due.ts";
import type { OfferBook } from "./offers.ts";
import { completeAct, HELP, isBareCommand, readCommand } from "./read_reply.ts";
import type { Sessions, View } from "./view.ts";

/** An act that must not be lost, with its button if it has one, or an answer for the person. */
export type Understood = (Deed & { readonly nonce?: string }) | { readonly say: string };

/**
 * Understands what was said on a channel.
 *
 * @throws {SamocodeError} With words for the person.
 */
export function understand(
  said: Said,
  { channel, sessions, book }: { readonly channel: string; readonly sessions: Sessions; readonly book: OfferBook },
): Understood {
  const all = sessions.all(channel);
  if (said.kind === "message") return obey(said.text, all);
  const deed = said.kind === "tap" ? offered(said.nonce, book) : replied(said, { channel, sessions, book });
  if ("say" in deed) return deed;
  // A channel can decide only about the sessions that it shows.
  return all.some(({ status }) => status.folder === deed.session) ? deed : { say: SETTLED };
}

function offered(nonce: string, book: OfferBook): Understood {
  const found = book.find(nonce);
  if (found === undefined) return { say: SETTLED };
  const { session, act, usedBy } = found;
  if (act.verb === "tell") return { say: act.text };
  return usedBy === undefined
    ? { session, act, nonce }
    : { say: `${SETTLED} (${plainText(describeWho(usedBy), 100)})` };
}

function replied(
  { text, handle }: Extract<Said, { kind: "reply" }>,
  { channel, sessions, book }: { readonly channel: string; readonly sessions: Sessions; readonly book: OfferBook },
): Understood {
  const shown = sessions.shownAs(channel, handle);
  const act = shown && book.findReply(shown.session, shown.post);
  const isCommand = isBareCommand(text);
  if (shown === undefined || act === undefined) {
    if (isCommand) return obey(text, sessions.all(channel));
    return { say: `That message takes no reply: it is settled or for information only. ${HELP}` };
  }
  const view = sessions.open(shown.session);
  const isNote = act.verb === "guide" || act.verb === "resume" || act.verb === "revise";
  if (view !== undefined && isCommand && isNote) {
    return obey(text, /list/i.test(text) ? sessions.all(channel) : [view]);
  }
  if (view !== undefined && act.verb === "answer" && text.trim() === "?") {
    return { say: contextFor(view, act.questions) };
  }
  return { session: shown.session, act: completeAct(act, text) };
}

function obey(text: string, sessions: readonly View[]): Understood {
  const command = readCommand(text);
  switch (command.verb) {
    case "help":
      return { say: HELP };
    case "list":
      return { say: describeList(sessions) };
    case "status":
      return {
        say: command.session === "" && sessions.length > 1
          ? describeList(sessions)
          : describeSession(choose(sessions, command.session)),
      };
    case "stop": {
      const running = sessions.filter(({ status }) => isUnderWay(status.state));
      if (command.session === "" && running.length === 0) return { say: "No session is running." };
      const { status } = choose(command.session === "" ? running : sessions, command.session);
      return { session: status.folder, act: { verb: "stop", run: status.runStartedAt ?? "", now: command.now } };
    }
    case "guide": {
      const [first = ""] = command.words.split(/\s/, 1);
      const isNamed = sessions.some((view) => isCalled(view, first));
      const open = sessions.filter(({ status }) => status.state !== "done");
      const { status } = choose(isNamed ? sessions : open, isNamed ? first : "");
      const note = isNamed ? command.words.slice(first.length) : command.words;
      return { session: status.folder, act: completeAct({ verb: "guide", text: "" }, note) };
    }
  }
}

/** The session of that name, or the only session if no name is given. */
function choose(sessions: readonly View[], name: string): View {
  const fitting = name === "" ? sessions : sessions.filter((view) => isCalled(view, name));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const names = (fitting.length > 1 ? fitting : sessions).slice(0, 8).map((view) => nameIn(view, sessions));
  const what = fitting.length > 1
    ? `Cannot tell which of ${fitting.length} sessions you mean`
    : `There is no session ${JSON.stringify(plainText(name, 60))} here`;
  throw new SamocodeError("usage", what, {
    hint: names.length === 0 ? "No session is running or waiting for you" : `Name one of: ${names.join(", ")}`,
  });
}

function isCalled(view: View, name: string): boolean {
  return [view.status.session, nameIn(view, undefined)].some((each) => each.toLowerCase() === name.toLowerCase());
}
