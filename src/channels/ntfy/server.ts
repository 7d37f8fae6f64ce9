/**
 * Calls to an ntfy server: https://docs.ntfy.sh/publish and https://docs.ntfy.sh/subscribe/api.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import { hideSecrets } from "../../text/known_secrets.ts";
import { ChannelError } from "../open_channel.ts";
import { type CallOptions, callService, jsonIn, refusedBy, type ServiceAnswer } from "../service_call.ts";

/** The server, the topics and the tokens. */
export interface NtfySettings {
  readonly url: string;
  readonly topic: string;
  /** Empty for the topic's name and `-reply`. */
  readonly replyTopic: string;
  /** Secret. */
  readonly token: string;
  /** Secret; empty for the same one. */
  readonly replyToken: string;
}

/** One message. */
export interface Publication {
  readonly title: string;
  /** At most {@linkcode MAX_MESSAGE_BYTES}. */
  readonly message: string;
  /** From 1 to 5. */
  readonly priority: number;
  readonly actions: readonly HttpAction[];
  readonly file: { readonly name: string; readonly text: string } | undefined;
}

/** A button: the phone itself sends this request. */
export interface HttpAction {
  readonly action: "http";
  readonly label: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Dismisses the notification once the request succeeded. */
  readonly clear: true;
}

/** How a server answers a request. */
export type Access = "allowed" | "denied" | "unknown token";

/** A message of 4096 bytes (`message-size-limit`) becomes a file. */
export const MAX_MESSAGE_BYTES = 4095;

/** Valid topic names. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;

/** The settings with defaults filled in and without a trailing slash in the URL. */
export function placeOf(
  { url, topic, replyTopic, token, replyToken }: NtfySettings,
): NtfySettings & { readonly problem: string | undefined } {
  const place = {
    url: url.replace(/\/+$/, ""),
    topic,
    replyTopic: replyTopic || `${topic}-reply`,
    token,
    replyToken: replyToken || token,
  };
  const [wrong] = [place.topic, place.replyTopic].filter((name) => !TOPIC.test(name));
  const problem = wrong !== undefined
    ? `${JSON.stringify(wrong)} is not a valid ntfy topic. Use up to 64 letters, digits, - and _`
    : place.replyTopic === topic
    ? "NTFY_REPLY_TOPIC is the same as NTFY_TOPIC. Use another topic"
    : undefined;
  return { ...place, problem };
}

/** The header for a token. */
export function authorization(token: string): Readonly<Record<string, string>> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

/**
 * Publishes a message. If the server does not accept its file, publishes it without.
 *
 * @returns The time of publication by the server's clock, in seconds since 1970.
 * @throws {ChannelError} If it was not accepted.
 */
export async function publish(
  { url, topic, token }: NtfySettings,
  { title, message, priority, actions, file }: Publication,
  { abort, ...options }: CallOptions & { readonly abort?: AbortSignal | undefined } = {},
): Promise<number | undefined> {
  const about = {
    ...authorization(token),
    priority: String(priority),
    ...(title !== "" && { title: encoded(hideSecrets(title)) }),
    ...(actions.length > 0 && { actions: encoded(JSON.stringify(actions)) }),
  };
  const request = file === undefined ? { headers: about, body: hideSecrets(message) } : {
    headers: { ...about, filename: encoded(file.name), message: encoded(hideSecrets(message)) },
    body: hideSecrets(file.text),
  };
  const send = (): Promise<ServiceAnswer> =>
    callService({ title: "ntfy", url: `${url}/${topic}`, method: "PUT", ...request, abort }, options);
  const first = await send();
  // The server may have mixed it up with a parallel request of a stranger; see `openNtfy`.
  const answer = first.status === 403 ? await send() : first;
  const refusal = answer.status === 200 ? undefined : refused(answer);
  if (refusal === undefined) return publishedSchema.parse(jsonIn(answer)).time;
  const isOfFile = file !== undefined && [400, 413, 431].includes(answer.status);
  if (!isOfFile) throw refusal;
  return await publish({ url, topic, token, replyTopic: "", replyToken: "" }, {
    ...{ title, message, priority, actions },
    file: undefined,
  }, { abort, ...options });
}

/** Whether a token, or anybody without one, may read a topic. */
export async function readAccess(
  url: string,
  { topic, token }: { readonly topic: string; readonly token: string },
  options: CallOptions = {},
): Promise<Access> {
  const call = { title: "ntfy", url: `${url}/${topic}/auth`, headers: authorization(token) };
  return accessIn(await callService(call, options), [200]);
}

/** The same for writing. The delay is invalid on purpose: with access, the server answers 400 and publishes nothing. */
export async function writeAccess(
  url: string,
  { topic, token }: { readonly topic: string; readonly token: string },
  options: CallOptions = {},
): Promise<Access> {
  const headers = { ...authorization(token), "x-delay": "never" };
  const call = { title: "ntfy", url: `${url}/${topic}`, method: "PUT", headers };
  return accessIn(await callService(call, options), [200, 400]);
}

/** An answer that refuses, with the server's reason. */
export function refused(answer: ServiceAnswer): ChannelError {
  return refusedBy("ntfy", answer, errorSchema.parse(jsonIn(answer)).error);
}

function accessIn(answer: ServiceAnswer, allowed: readonly number[]): Access {
  if (allowed.includes(answer.status)) return "allowed";
  if (answer.status === 401) return "unknown token";
  if (answer.status === 403) return "denied";
  throw refused(answer);
}

/** Headers are ASCII; ntfy decodes them according to RFC 2047. */
function encoded(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

const publishedSchema = z.object({ time: z.number().int().optional() }).catch({});
const errorSchema = z.object({ error: z.string() }).catch({ error: "" });
