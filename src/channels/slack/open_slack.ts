/**
 * Shows posts as messages of a Slack app, and receives buttons, replies in threads and messages to the app.
 *
 * @module
 */
import * as z from "zod";
import { type Clock, SYSTEM_CLOCK } from "../../system/clock.ts";
import { type ChannelContext, ChannelError, type OpenChannel } from "../open_channel.ts";
import type { Heard, Post } from "../post.ts";
import { messageOf } from "./blocks.ts";
import { isDirect, readPayload, type SlackPlace } from "./hear_slack.ts";
import { escapedPieces } from "./slack_text.ts";
import { followSocketMode } from "./socket_mode.ts";
import { uploadDocument } from "./upload.ts";
import { type CallSlack, slackApi } from "./web_api.ts";

/** The settings; empty if not set. */
export interface SlackSettings {
  readonly botToken: string;
  readonly appToken: string;
  readonly channelId: string;
  readonly userIds: string;
  readonly apiBase: string;
}

/** Opens the channel. */
export function openSlack(
  { botToken, appToken, channelId, userIds, apiBase }: SlackSettings,
  { log }: ChannelContext,
  { fetch = globalThis.fetch, clock = SYSTEM_CLOCK }: {
    readonly fetch?: typeof globalThis.fetch;
    readonly clock?: Clock;
  } = {},
): OpenChannel {
  const call = slackApi({ token: botToken, tokenName: "SLACK_BOT_TOKEN", apiBase, fetch });
  const callAsApp = slackApi({ token: appToken, tokenName: "SLACK_APP_TOKEN", apiBase, fetch });
  const named = userIds.split(/[\s,]+/).filter((id) => id !== "");
  // Direct messages are between the app and that member.
  const mayDecide = new Set(named.length === 0 && isMember(channelId) ? [channelId] : named);
  const lacking = whyOnlyTold({ appToken, mayDecide });
  const documents = new Map<string, string>();
  let trouble: ChannelError | undefined;

  async function listen(hear: (heard: Heard) => Promise<void>, abort: AbortSignal): Promise<void> {
    await followSocketMode({
      address: async () => socketAddress(await callAsApp("apps.connections.open", { abort }), apiBase),
      async take(payload): Promise<void> {
        const heard = readPayload(payload, { channelId, userIds: mayDecide });
        if (heard === undefined) return;
        const { place, isStranger, key, said } = heard;
        const answer = (text: string) => answerAt(place, { text, call, abort });
        if (!isStranger) return await hear({ by: `slack:${place.user}`, key, said, answer });
        log(`Ignored a button press: ${place.user} is not in SLACK_USER_IDS`);
        void answer(`You may not decide this: ${place.user} is not in SLACK_USER_IDS.`).catch(() => {});
      },
      setTrouble(error): void {
        if (error?.message !== trouble?.message) log(error?.message ?? "Listening");
        trouble = error;
      },
      abort,
      clock,
    });
  }

  return {
    edits: true,
    alwaysSounds: true,
    // Temporary outages do not count: Slack itself tells people about taps that failed.
    refusal: () => Promise.resolve(lacking ?? (trouble?.retryAfterMs === undefined ? trouble?.message : undefined)),
    async show(post, { handle, abort }): Promise<string> {
      const [channel = "", ts = ""] = handle?.split(":") ?? [];
      const message = messageOf(post);
      const shown = placeOf(
        await (handle === undefined
          ? call("chat.postMessage", { args: { channel: channelId, ...message, ...QUIET }, abort })
          : call("chat.update", { args: { channel, ts, ...message }, abort })),
      );
      const { document } = post;
      if (document !== undefined && documents.get(shown) !== document.text) {
        await sendDocument(document, { shown, call, abort, log });
        documents.set(shown, document.text);
      }
      return shown;
    },
    listen: lacking === undefined ? listen : undefined,
  };
}

/** Keeps Slack from fetching links in a post. */
const QUIET = { unfurl_links: false, unfurl_media: false };

function isMember(id: string): boolean {
  return /^[UW][A-Z0-9]+$/.test(id);
}

function whyOnlyTold(
  { appToken, mayDecide }: { readonly appToken: string; readonly mayDecide: ReadonlySet<string> },
): string | undefined {
  if (mayDecide.size === 0 || ![...mayDecide].every(isMember)) {
    return "Slack only notifies: set SLACK_USER_IDS to member IDs such as U0123456789. Yours is in your profile, under ⋮";
  }
  if (appToken === "") return "Slack only notifies: set SLACK_APP_TOKEN to the app-level token of Socket Mode";
  return undefined;
}

const placeSchema = z.object({ channel: z.string().max(100), ts: z.string().max(100) });

function placeOf(answer: unknown): string {
  const { data } = placeSchema.safeParse(answer);
  if (data === undefined) throw new ChannelError("Slack's answer has no message ID", { retryAfterMs: 0 });
  return `${data.channel}:${data.ts}`;
}

/** Sends the document. If Slack does not accept it, says so in the thread instead of failing. */
async function sendDocument(
  document: NonNullable<Post["document"]>,
  { shown, call, abort, log }: {
    readonly shown: string;
    readonly call: CallSlack;
    readonly abort: AbortSignal;
    readonly log: ChannelContext["log"];
  },
): Promise<void> {
  const [channel = "", thread_ts = ""] = shown.split(":");
  try {
    await uploadDocument(document, { channel, thread: thread_ts, call, abort });
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    log(error.message);
    const text = `Cannot send ${document.name} in full. ${error.message}`;
    await call("chat.postMessage", { args: { channel, thread_ts, text: escapedPieces(text)[0] }, abort }).catch(
      () => {},
    );
  }
}

/** Answers so that only this person sees it. */
async function answerAt(
  { channel, user, thread }: SlackPlace,
  { text, call, abort }: { readonly text: string; readonly call: CallSlack; readonly abort: AbortSignal },
): Promise<void> {
  const [said = "…"] = escapedPieces(text);
  const args = { channel, text: said, ...(thread !== undefined && { thread_ts: thread }) };
  // Slack has no ephemeral messages in direct messages.
  await (isDirect(channel)
    ? call("chat.postMessage", { args, abort })
    : call("chat.postEphemeral", { args: { ...args, user }, abort }));
}

const addressSchema = z.object({ url: z.url() });

/** The URL of a socket. It must be encrypted unless the web API is not. */
function socketAddress(answer: unknown, apiBase: string): string {
  const { data } = addressSchema.safeParse(answer);
  const { protocol } = new URL(data?.url ?? "none:");
  if (data === undefined || !(protocol === "wss:" || (protocol === "ws:" && apiBase.startsWith("http:")))) {
    throw new ChannelError("Slack's answer has no WebSocket URL", { retryAfterMs: 0 });
  }
  return data.url;
}
