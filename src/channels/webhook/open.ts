/**
 * Posts signed events to a URL. It only notifies: nothing in the request lets anyone decide.
 *
 * @module
 */
import { type Finding, ok, problem } from "../../contract/finding.ts";
import { eventChannel } from "../event_channel.ts";
import { type ChannelContext, ChannelError, type OpenChannel } from "../open_channel.ts";
import { type CallOptions, callService, isPrivateWay, refusedBy } from "../service_call.ts";
import { readKey, signatureHeaders } from "./signature.ts";

/** The URL and the signing secret. */
export interface WebhookSettings {
  readonly url: string;
  /** Secret; it leaves this module only as a signature. */
  readonly secret: string;
}

/** Opens the channel. */
export function openWebhook(
  { url, secret }: WebhookSettings,
  _context: ChannelContext,
  { now = Date.now, ...options }: CallOptions = {},
): OpenChannel {
  return eventChannel({
    now,
    async send({ id, body }, abort): Promise<void> {
      const key = readKey(secret);
      const wrong = whyUnusable({ url, secret });
      if (key === undefined || wrong !== undefined) {
        throw new ChannelError(`Cannot use your webhook: ${wrong?.text}`, { retryAfterMs: undefined });
      }
      const signed = signatureHeaders(key, { id, timestamp: Math.floor(now() / 1000), body });
      const headers = { "content-type": "application/json", ...signed };
      const answer = await callService({ title: "your webhook", url, method: "POST", headers, body, abort }, {
        ...options,
        now,
      });
      if (answer.status < 200 || answer.status > 299) throw refusedBy("Your webhook", answer);
    },
  });
}

/** Checks the form of the settings. Sends nothing, since the receiver would take it for an event. */
export function examineWebhook(settings: WebhookSettings): Promise<readonly Finding[]> {
  return Promise.resolve([whyUnusable(settings) ?? ok("The URL and the secret are well-formed")]);
}

function whyUnusable({ url, secret }: WebhookSettings): Finding | undefined {
  if (!isPrivateWay(url)) {
    return problem("SAMOCODE_WEBHOOK_URL does not use https", "Use a URL that starts with https://");
  }
  if (readKey(secret) !== undefined) return undefined;
  return problem(
    "SAMOCODE_WEBHOOK_SECRET is not a webhook secret: whsec_ followed by 24 to 64 bytes in base64",
    'Make one for both sides: echo "whsec_$(openssl rand -base64 32)"',
  );
}
