/**
 * Calls Slack's web API: one request each, in bounded time.
 *
 * @module
 */
import * as z from "zod";
import { ChannelError } from "../open_channel.ts";

/** Where to call, and as whom. */
export interface SlackAccount {
  /** Secret; it leaves this module only in requests. */
  readonly token: string;
  /** The setting that has the token. */
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
 * @throws {SlackError} If Slack did not do it.
 */
export type CallSlack = (method: string, call: SlackCall) => Promise<unknown>;

/** Slack's own word on why it did not do something, such as `not_in_channel`; empty where there was none. */
export class SlackError extends ChannelError {
  readonly code: string;

  constructor(message: string, { code, retryAfterMs }: Pick<SlackError, "code" | "retryAfterMs">) {
    super(message, { retryAfterMs });
    this.code = code;
  }
}

const TIMEOUT_MS = 15_000;

/** In characters. An answer repeats the message, and is far shorter. */
const MAX_ANSWER = 1_000_000;

/** From the lists of errors at https://docs.slack.dev/reference/methods: all others would come again. */
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
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const { response, answer } = await fetch(`${apiBase}/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      // Some methods take no JSON.
      body: new URLSearchParams(Object.entries(args).map(([name, value]) => [name, asText(value)])),
      redirect: "manual",
      signal: AbortSignal.any([timeout, abort]),
    }).then(async (response) => ({ response, answer: parse(await beginningOf(response)) })).catch(() => {
      // The error is not passed on: it can hold the address.
      const why = timeout.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : "no connection";
      throw new SlackError(`Cannot reach Slack: ${why}`, { code: "", retryAfterMs: 0 });
    });
    const { ok, error, needed } = answerSchema.parse(answer);
    if (response.ok && ok) return answer;
    const { status } = response;
    if (status === 429 || status === 408 || status >= 500 || TEMPORARY.has(error)) {
      const retryAfterMs = Number(response.headers.get("retry-after") ?? 0) * 1000 || 0;
      throw new SlackError(`Slack did not take ${method}: ${error || status}`, { code: error, retryAfterMs });
    }
    const fix = TOKEN_ERRORS.test(error)
      ? `Copy the token from https://api.slack.com/apps again and set ${tokenName}`
      : FIXES[error] ?? "See docs/channels.md";
    const what = [error || status, needed].filter((part) => part !== "").join(" ");
    throw new SlackError(`Slack refused ${method}: ${what}. ${fix}`, { code: error, retryAfterMs: undefined });
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > MAX_ANSWER) break;
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Words of Slack's own, and nothing that could be shown as something else. */
const word = z.string().regex(/^[\w:.,-]{1,100}$/).catch("");

const answerSchema = z.object({ ok: z.boolean().catch(false), error: word, needed: word })
  .catch({ ok: false, error: "", needed: "" });
