/**
 * Sends a document into the thread of a message.
 *
 * @module
 */
import * as z from "zod";
import { ChannelError } from "../open_channel.ts";
import type { Post } from "../post.ts";
import { callService } from "../service_call.ts";
import type { CallSlack } from "./web_api.ts";

/** Where it goes, and how. */
export interface UploadOptions {
  readonly channel: string;
  readonly thread: string;
  readonly call: CallSlack;
  readonly abort: AbortSignal;
}

const TIMEOUT_MS = 30_000;

const placeSchema = z.object({ upload_url: z.url({ protocol: /^https?$/ }), file_id: z.string().max(100) });

/**
 * Uploads it in three steps: https://docs.slack.dev/messaging/working-with-files#upload
 *
 * @throws {ChannelError} If Slack did not accept it.
 */
export async function uploadDocument(
  { name, text }: NonNullable<Post["document"]>,
  { channel, thread, call, abort }: UploadOptions,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const answer = await call("files.getUploadURLExternal", { args: { filename: name, length: bytes.length }, abort });
  const { data } = placeSchema.safeParse(answer);
  if (data === undefined) throw new ChannelError("Slack's answer has no upload URL", { retryAfterMs: 0 });
  // The URL is for this file only and needs no token.
  const { status } = await callService(
    { title: "Slack", url: data.upload_url, method: "POST", body: bytes, abort },
    { timeoutMs: TIMEOUT_MS },
  );
  if (status !== 200) throw new ChannelError("Slack did not accept a file", { retryAfterMs: 0 });
  const files = [{ id: data.file_id, title: name }];
  await call("files.completeUploadExternal", { args: { files, channel_id: channel, thread_ts: thread }, abort });
}
