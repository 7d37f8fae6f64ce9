/**
 * Whether decisions are safe on the topics. ntfy does not identify senders: anyone who reads the first topic has the
 * buttons, and anyone who writes to the second acts as the user. So neither may be public.
 *
 * @module
 */
import { messageOf } from "../../text/errors.ts";
import { ChannelError } from "../open_channel.ts";
import { type CallOptions, isPrivateWay } from "../service_call.ts";
import { type NtfySettings, placeOf, readAccess, writeAccess } from "./server.ts";

/** How long a result is cached: it is needed for each post and each reply, and servers limit requests. */
const FRESH_MS = 60_000;

/**
 * Says why no decisions are taken, for the channel's `refusal`. Checks what strangers can do and whether the tokens
 * have the access they need. While the server is unreachable, the last result counts; without one, decisions are
 * refused.
 */
export function askProtection(
  settings: NtfySettings,
  { now = Date.now, ...options }: CallOptions = {},
): () => Promise<string | undefined> {
  let known: { readonly at: number; readonly why: string | undefined } | undefined;
  return async () => {
    if (known !== undefined && Math.abs(now() - known.at) < FRESH_MS) return known.why;
    try {
      known = { at: now(), why: await whyUnsafe(settings, { now, ...options }) };
      return known.why;
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return known === undefined
        ? `Cannot check whether the ntfy topics are protected: ${messageOf(error)}`
        : known.why;
    }
  };
}

async function whyUnsafe(settings: NtfySettings, options: CallOptions): Promise<string | undefined> {
  const { url, topic, replyTopic, token, replyToken, problem } = placeOf(settings);
  if (problem !== undefined) return problem;
  if (token === "") {
    return "ntfy only notifies without NTFY_TOKEN. To decide there, protect both topics and set the token of a user who has access to them";
  }
  if (!isPrivateWay(url)) {
    return "ntfy only notifies over http, which others on the network can read. Use https in NTFY_URL";
  }
  // One identity after the other, and strangers twice: the server may mix up parallel requests from one address.
  const ofToken = await readAccess(url, { topic: replyTopic, token }, options);
  const ofButtons = await writeAccess(url, { topic: replyTopic, token: replyToken }, options);
  const topics = [topic, replyTopic];
  const ways = (await waysOfStrangers(url, topics, options)).length === 0
    ? []
    : await waysOfStrangers(url, topics, options);
  if (ways.length > 0) {
    const fix = new URL(url).hostname === "ntfy.sh"
      ? "Reserve both topics in your account there"
      : `On the server: ${topics.map((name) => `ntfy access everyone ${name} deny`).join("; ")}`;
    return `ntfy only notifies on open topics: anybody may ${ways.join(" and ")}. ${fix}`;
  }
  if (ofToken !== "allowed") return cannot(ofToken, "NTFY_TOKEN", { verb: "read", topic: replyTopic });
  if (ofButtons === "allowed") return undefined;
  const buttons = settings.replyToken === "" ? "NTFY_TOKEN" : "NTFY_REPLY_TOKEN";
  return cannot(ofButtons, buttons, { verb: "write", topic: replyTopic });
}

/** What anyone can do without a token, such as `read work`. */
async function waysOfStrangers(
  url: string,
  topics: readonly string[],
  options: CallOptions,
): Promise<readonly string[]> {
  const asked = topics.flatMap((topic) => [
    readAccess(url, { topic, token: "" }, options).then((access) => access === "allowed" ? [`read ${topic}`] : []),
    writeAccess(url, { topic, token: "" }, options).then((access) => access === "allowed" ? [`write ${topic}`] : []),
  ]);
  return (await Promise.all(asked)).flat();
}

/** Describes what is wrong with a token, and the fix. */
export function cannot(
  access: "denied" | "unknown token",
  token: string,
  { verb, topic }: { readonly verb: "read" | "write"; readonly topic: string },
): string {
  return access === "denied"
    ? `${token} has no ${verb} access to ${topic}. On the server: ntfy access USER ${topic} ${verb}`
    : `The ntfy server does not know ${token}. On the server: ntfy token add USER`;
}
