/**
 * Follows the reply topic, which receives button presses and what the user writes. No port is opened.
 *
 * @module
 */
import * as z from "zod";
import { pause } from "../../system/pause.ts";
import { messageOf } from "../../text/errors.ts";
import { type ChannelContext, ChannelError } from "../open_channel.ts";
import type { Heard } from "../post.ts";
import { jsonIn, readAnswer } from "../service_call.ts";
import { authorization, type NtfySettings, placeOf, refused } from "./server.ts";
import { readReply } from "./reply_code.ts";
import type { Since } from "./since.ts";
import type { OneAtATime } from "../../system/one_at_a_time.ts";
import { linesOf } from "./lines.ts";

/** What is needed to listen. */
export interface ListenOptions extends Pick<ChannelContext, "log"> {
  readonly since: Since;
  readonly alone: OneAtATime;
  readonly hear: (heard: Heard) => Promise<void>;
  /** Why no decision is taken at the moment. */
  readonly refusal: () => Promise<string | undefined>;
  readonly answer: (text: string) => Promise<void>;
  readonly fetch?: typeof globalThis.fetch;
  readonly patience?: ListenPatience;
}

/** Pauses and limits in milliseconds. */
export interface ListenPatience {
  /** Before reconnecting; doubles each time until something arrives. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  readonly connectMs: number;
  /** The server sends something every 45 s: `keepalive-interval`. */
  readonly silenceMs: number;
}

const PATIENCE: ListenPatience = { pauseMs: 1_000, longestPauseMs: 60_000, connectMs: 15_000, silenceMs: 100_000 };

/** Listens until it is aborted. */
export async function followReplies(settings: NtfySettings, options: ListenOptions, abort: AbortSignal): Promise<void> {
  const { patience = PATIENCE, refusal, log } = options;
  const { pauseMs: shortest, longestPauseMs } = patience;
  let pauseMs = shortest;
  let logged = "";
  const isWell = (): void => {
    pauseMs = shortest;
    logged = "";
  };
  while (!abort.aborted) {
    let wantedMs = 0;
    let problem = await refusal();
    try {
      if (problem === undefined) await followOnce(settings, { ...options, patience, isWell }, abort);
    } catch (error) {
      problem = messageOf(error);
      wantedMs = error instanceof ChannelError ? error.retryAfterMs ?? 0 : 0;
    }
    if (abort.aborted) return;
    if (problem !== undefined && problem !== logged) log(logged = problem);
    await pause(Math.max(pauseMs, wantedMs), abort);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

type Following = ListenOptions & { readonly patience: ListenPatience; readonly isWell: () => void };

/** Follows it until the connection ends. */
async function followOnce(settings: NtfySettings, options: Following, abort: AbortSignal): Promise<void> {
  const { since, alone, patience, isWell, fetch = globalThis.fetch } = options;
  const { url, replyTopic, token } = placeOf(settings);
  const query = since.value === undefined ? "" : `?since=${encodeURIComponent(since.value)}`;
  const ending = new AbortController();
  const giveUp = (): void => ending.abort();
  const signal = AbortSignal.any([abort, ending.signal]);
  const timer = setTimeout(giveUp, patience.connectMs);
  let isTaking = false;
  try {
    const headers = authorization(token);
    const response = await alone(() =>
      fetch(`${url}/${replyTopic}/json${query}`, { headers, redirect: "manual", signal })
    );
    if (response.status !== 200 || response.body === null) throw refused(await readAnswer(response));
    clearTimeout(timer);
    for await (const line of linesOf(response.body, { silenceMs: patience.silenceMs, giveUp })) {
      const event = readEvent(line);
      if (event === undefined) continue;
      isTaking = true;
      if (event.event === "open") since.beginAt(event.time);
      else isWell();
      if (event.event === "message") {
        await take(event, { ...options, replyTopic });
        since.heard(event.id);
      }
      isTaking = false;
    }
  } catch (error) {
    // Errors of fetch contain the URL.
    if (isTaking || error instanceof ChannelError) throw error;
    throw new ChannelError("No connection to ntfy", { retryAfterMs: 0 });
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}

/** Passes on a message, unless the topics have become public: then anyone may have written it. */
async function take(
  { id, message, attachment }: ServerEvent,
  { hear, answer, refusal, log, replyTopic }: Following & { readonly replyTopic: string },
): Promise<void> {
  const why = await refusal();
  if (why !== undefined) return log(`Ignored a message on ${replyTopic}: ${why}`);
  if (attachment !== undefined) {
    return await answer("Your message is over 4,095 bytes, so ntfy sent it as a file, which samocode does not read")
      .catch(
        (error) => log(messageOf(error)),
      );
  }
  const text = message.trim();
  if (text === "") return;
  await hear({ by: `ntfy:${replyTopic}`, key: id, said: readReply(text), answer });
}

const eventSchema = z.object({
  id: z.string().regex(/^\w{1,64}$/),
  event: z.string(),
  time: z.number().int().optional().catch(undefined),
  message: z.string().catch(""),
  attachment: z.unknown().optional(),
});

type ServerEvent = z.infer<typeof eventSchema>;

function readEvent(line: string): ServerEvent | undefined {
  return eventSchema.safeParse(jsonIn({ text: line })).data;
}
