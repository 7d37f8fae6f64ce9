/**
 * Tests the user's channels: shows a post on each and waits for its button to be pressed.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { OpenChannel } from "../channels/open_channel.ts";
import type { Post } from "../channels/post.ts";
import { describeWho } from "../messages/who_decided.ts";
import { projectName } from "../operations/list_sessions.ts";
import { openChannel, type SetChannel, setChannels } from "../operations/open_channel.ts";
import type { Samocode } from "../operations/samocode.ts";
import { livingListener } from "../session/listener_record.ts";
import { takeLock } from "../session/lock.ts";
import { listenerFolder, listenerLock } from "../session/subscriptions.ts";
import { messageOf } from "../text/errors.ts";

/** How to test the channels. */
export interface ChannelTest {
  /** How long to wait for the button. */
  readonly waitMs: number;
  readonly abort: AbortSignal;
  /** Receives what happens, as it happens. */
  readonly log: (step: TestStep) => void;
}

/** A result for one channel. */
export interface TestStep {
  readonly title: string;
  readonly kind: "shown" | "heard" | "failed" | "silent";
  readonly text: string;
}

/** A channel that takes longer has failed. */
const SHOW_WITHIN_MS = 30_000;

/**
 * Shows a post on each channel. On two-way channels, waits until its button is pressed or the time is up, unless a
 * listener is already running: a service delivers each message to one process only.
 *
 * @returns Whether every post was accepted.
 */
export async function testChannels(samocode: Samocode, test: ChannelTest): Promise<boolean> {
  const { stateFolder } = samocode;
  listenerFolder(stateFolder);
  const living = livingListener(stateFolder);
  using _lock = living === undefined
    ? await takeLock(listenerLock(stateFolder), { session: "your channels" })
    : undefined;
  const tried = await Promise.all(
    setChannels(samocode.settings).map(async (set) => {
      const said = living?.said?.channels.find(({ title }) => title === set.title);
      const servedBy = living === undefined ? undefined : { pid: living.holder.pid, ...said };
      try {
        return await tryChannel(samocode, { set, servedBy, test });
      } catch (error) {
        test.log({ title: set.title, kind: "failed", text: messageOf(error) });
        return false;
      }
    }),
  );
  return tried.every((wasTaken) => wasTaken);
}

/** A channel that the listener serves, as its record says. */
interface Served {
  readonly pid: number;
  readonly refusal?: string;
  readonly trouble?: string;
}

async function tryChannel(
  samocode: Samocode,
  { set, servedBy, test }: {
    readonly set: SetChannel;
    readonly servedBy: Served | undefined;
    readonly test: ChannelTest;
  },
): Promise<boolean> {
  const { title } = set;
  const { waitMs, abort, log } = test;
  const channel = await openChannel(samocode, set, (text) => log({ title, kind: "failed", text }));
  const refusal = channel.listen === undefined ? undefined : await channel.refusal();
  const hears = channel.listen !== undefined && servedBy === undefined && refusal === undefined;
  const nonce = randomBytes(16).toString("hex");
  const within = AbortSignal.any([abort, AbortSignal.timeout(SHOW_WITHIN_MS)]);
  const post = testPost(samocode, { nonce: hears ? nonce : undefined });
  const handle = await channel.show(post, { handle: undefined, abort: within });
  log({
    title,
    kind: "shown",
    text: hears ? `press its button within ${waitMs / 1000} s` : whyNot(channel, { refusal, servedBy }),
  });
  if (!hears) return true;
  const by = await heardBy(channel, { nonce, waitMs, abort });
  log(
    by === undefined
      ? { title, kind: "silent", text: "nobody pressed the button" }
      : { title, kind: "heard", text: describeWho(by) },
  );
  if (channel.edits) {
    const text = by === undefined ? "Nobody pressed the button in time." : `Received from ${describeWho(by)}`;
    const settled = { ...post, text, offers: [], isSettled: true, isSilent: true };
    await channel.show(settled, { handle, abort: AbortSignal.timeout(SHOW_WITHIN_MS) });
  }
  return true;
}

function whyNot(
  { listen }: OpenChannel,
  { refusal, servedBy }: { readonly refusal: string | undefined; readonly servedBy: Served | undefined },
): string {
  if (listen === undefined) return "it only notifies";
  const why = refusal ?? servedBy?.refusal;
  if (why) return `it only notifies. ${why}`;
  const trouble = servedBy?.trouble ? ` (not working: ${servedBy.trouble})` : "";
  return `process ${servedBy?.pid} listens there${trouble}; send: status`;
}

/** Who pressed the button; `undefined` if nobody did. Anything else is not acted on. */
async function heardBy(
  { listen }: OpenChannel,
  { nonce, waitMs, abort }: { readonly nonce: string; readonly waitMs: number; readonly abort: AbortSignal },
): Promise<string | undefined> {
  const over = new AbortController();
  let by: string | undefined;
  const signal = AbortSignal.any([abort, over.signal, AbortSignal.timeout(waitMs)]);
  await listen?.(async (heard) => {
    if (heard.said.kind !== "tap" || heard.said.nonce !== nonce) {
      return await heard.answer("samocode is testing its channels: send that again in a moment");
    }
    by = heard.by;
    await heard.answer("It works: samocode received your tap");
    over.abort();
  }, signal);
  return by;
}

function testPost(samocode: Samocode, { nonce }: { readonly nonce: string | undefined }): Post {
  const project = projectName(samocode);
  return {
    id: "test",
    topic: "gate",
    mark: "🔔",
    title: "samocode can reach you here",
    facts: [project],
    text: nonce === undefined
      ? "This is a test; there is nothing to do."
      : "This is a test. Press the button to check that samocode receives your decisions.",
    document: undefined,
    offers: nonce === undefined ? [] : [{ nonce, label: "I can read this" }],
    reply: "",
    isSettled: false,
    isSilent: false,
    data: { type: "test", project, session: "" },
  };
}
