/**
 * Calls Slack's web API: one request each, in bounded time.
 *
 * @module
 */
import * as z from "zod";
import { ChannelError } from "../open_channel.ts";
import { callService, isTemporary, jsonIn } from "../service_call.ts";

/** Where to call, and as whom. */
export interface SlackAccount {
  /** Secret; it leaves this module only in requests. */
  readonly token: string;
  /** The setting that contains the token. */
  readonly tokenName: "SLACK_BOT_TOKEN" | "SLACK_APP_TOKEN";
  readonly apiBase: string;
  readonly fetch: typeof globalThis.fetch;
}

/** What goes with a call. Values other than text are sent as JSON. */
export interface SlackCall {
  readonly args?: Readonly<Record<string, unknown>>;
  readonly abort: AbortSignal;
}

/**
 * Calls a method and returns its answer.
 *
 * @throws {ChannelError} If Slack did not do it.
 */
export type CallSlack = (method: string, call: SlackCall) => Promise<unknown>;

const TIMEOUT_MS = 15_000;

/** In characters. An answer repeats the message and is far shorter. */
const MAX_ANSWER = 1_000_000;

/** From the lists of errors at https://docs.slack.dev/reference/methods: all other errors are permanent. */
const TEMPORARY: ReadonlySet<string> = new Set([
  ...["ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"],
  "team_added_to_org",
]);

const TOKEN_ERRORS = /^(?:invalid_auth|not_authed|account_inactive|token_(?:revoked|expired)|not_allowed_token_type)$/;

const FIXES: Readonly<Record<string, string>> = {
  channel_not_found: "Check SLACK_CHANNEL_ID; if it is a private channel, type /invite and the app's name there",
  not_in_channel: "Type /invite and the app's name in the channel",
  is_archived: "Choose another channel: SLACK_CHANNEL_ID",
  missing_scope: "Update the app with the manifest in docs/channels.md and install it again",
  access_denied: "Update the app with the manifest in docs/channels.md and install it again",
};

/** Calls as one account. */
export function slackApi({ token, tokenName, apiBase, fetch }: SlackAccount): CallSlack {
  return async (method, { args = {}, abort }) => {
    const call = {
      title: "Slack",
      url: `${apiBase}/${method}`,
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      // Some methods do not accept JSON.
      body: new URLSearchParams(Object.entries(args).map(([name, value]) => [name, asText(value)])),
      abort,
    };
    const given = await callService(call, { fetch, timeoutMs: TIMEOUT_MS, maxLength: MAX_ANSWER });
    const { status, retryAfterMs } = given;
    const answer = jsonIn(given);
    const { ok, error, needed } = answerSchema.parse(answer);
    if (status === 200 && ok) return answer;
    if (isTemporary(status) || TEMPORARY.has(error)) {
      throw new ChannelError(`Slack did not accept ${method}: ${error || status}`, { retryAfterMs });
    }
    const fix = TOKEN_ERRORS.test(error)
      ? `Copy the token from https://api.slack.com/apps again and set ${tokenName}`
      : FIXES[error] ?? "See docs/channels.md";
    const what = [error || status, needed].filter((part) => part !== "").join(" ");
    throw new ChannelError(`Slack refused ${method}: ${what}. ${fix}`, { retryAfterMs: undefined });
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A plain code from Slack; anything else is dropped. */
const word = z.string().regex(/^[\w:.,-]{1,100}$/).catch("");

const answerSchema = z.object({ ok: z.boolean().catch(false), error: word, needed: word })
  .catch({ ok: false, error: "", needed: "" });
