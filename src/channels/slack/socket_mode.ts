/**
 * Slack's Socket Mode: events arrive over a WebSocket that this program opened, so no port is open here.
 * See https://docs.slack.dev/apis/events-api/using-socket-mode.
 *
 * @module
 */
import * as z from "zod";
import type { Clock } from "../../system/clock.ts";
import { pause } from "../../system/pause.ts";
import { unlessFailing } from "../../text/errors.ts";
import { ChannelError } from "../open_channel.ts";

/** How to follow. */
export interface SocketModeOptions {
  /** The URL of a new socket, valid for one connection. */
  readonly address: () => Promise<string>;
  /** Takes a payload. It is acknowledged when this resolves; otherwise Slack sends it again. */
  readonly take: (payload: unknown) => Promise<void>;
  /** Receives why nothing arrives; `undefined` once it does again. */
  readonly setTrouble: (trouble: ChannelError | undefined) => void;
  readonly abort: AbortSignal;
  readonly clock: Clock;
}

/**
 * The Web platform's WebSocket does not expose pings, so a connection that died silently, for example after a network
 * change, looks like a quiet one. Each is therefore replaced after this time, in milliseconds.
 */
const RENEW_MS = 180_000;

const HELLO_MS = 15_000;

/** Pauses between attempts, in milliseconds. */
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** After a shorter life, in milliseconds, a connection is replaced only after a pause. */
const MIN_LIFE_MS = 10_000;

/** Follows until it is aborted, opening each new socket before closing the last one. */
export async function followSocketMode({ address, take, setTrouble, abort, clock }: SocketModeOptions): Promise<void> {
  let last: SlackSocket | undefined;
  let next: SlackSocket | undefined;
  abort.addEventListener("abort", () => [last, next].forEach((socket) => socket?.close()));
  let pauseMs = MIN_PAUSE_MS;
  while (!abort.aborted) {
    try {
      next = new SlackSocket(await address(), take);
      if (abort.aborted) next.close();
      const problem = await within(HELLO_MS, next.hello) ?? "no answer";
      if (problem !== "") {
        next.close();
        throw closed(problem);
      }
      void last?.retire();
      last = next;
      setTrouble(undefined);
      const openedAt = clock.steady();
      const reason = await within(clock.timer(RENEW_MS), next.ended);
      if (clock.steady() - openedAt < MIN_LIFE_MS) throw closed(reason ?? "");
      pauseMs = MIN_PAUSE_MS;
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (abort.aborted) break;
      setTrouble(error);
      const ms = Math.max(error.retryAfterMs ?? MAX_PAUSE_MS, pauseMs);
      await pause(clock.timer(ms), abort);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }
  await last?.retire();
}

function closed(reason: string): ChannelError {
  return reason === "link_disabled"
    ? new ChannelError("Socket Mode is off. Turn it on for the app at https://api.slack.com/apps", {
      retryAfterMs: undefined,
    })
    : new ChannelError(`Slack closed the connection: ${reason}`, { retryAfterMs: 0 });
}

/** What a promise resolves to in that time; `undefined` on timeout. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = Promise.withResolvers<undefined>();
  const id = setTimeout(() => timer.resolve(undefined), ms);
  return await Promise.race([promise, timer.promise]).finally(() => clearTimeout(id));
}

const frameSchema = z.object({
  type: z.string(),
  reason: z.string().regex(/^\w{1,60}$/).catch(""),
  envelope_id: z.string().optional(),
  payload: z.unknown().optional(),
});

/** One connection. */
class SlackSocket {
  readonly #socket: WebSocket;
  readonly #take: SocketModeOptions["take"];
  readonly #taking = new Set<Promise<void>>();
  readonly #hello = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<string>();
  /** Resolves to an empty text after Slack's hello; otherwise to the problem. */
  readonly hello = this.#hello.promise;
  /** Why another connection is needed. This one may still be open. */
  readonly ended = this.#ended.promise;

  constructor(address: string, take: SocketModeOptions["take"]) {
    this.#take = take;
    this.#socket = new WebSocket(address);
    this.#socket.onclose = () => this.#end("connection lost");
    this.#socket.onmessage = ({ data }) => this.#hear(data);
  }

  #hear(data: unknown): void {
    const frame = parseFrame(data);
    if (frame?.type === "hello") this.#hello.resolve("");
    if (frame?.type === "disconnect") this.#end(frame.reason);
    if (frame?.envelope_id === undefined) return;
    const taken = this.#takeOne(frame.envelope_id, frame.payload);
    this.#taking.add(taken);
    void taken.finally(() => this.#taking.delete(taken));
  }

  async #takeOne(id: string, payload: unknown): Promise<void> {
    try {
      await this.#take(payload);
    } catch {
      return; // Slack sends it again.
    }
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ envelope_id: id }));
  }

  #end(reason: string): void {
    this.#hello.resolve(reason);
    this.#ended.resolve(reason);
  }

  close(): void {
    this.#end("closed");
    this.#socket.close();
  }

  /** Closes it after everything that it delivered is acknowledged. */
  async retire(): Promise<void> {
    await Promise.allSettled(this.#taking);
    this.close();
  }
}

function parseFrame(data: unknown): z.infer<typeof frameSchema> | undefined {
  return unlessFailing(() => frameSchema.parse(JSON.parse(String(data))));
}
