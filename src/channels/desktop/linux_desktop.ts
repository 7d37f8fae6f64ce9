/**
 * The Linux desktop: notifications with buttons, shown again when the listener restarts.
 *
 * @module
 */
import * as z from "zod";
import { messageOf } from "../../text/errors.ts";
import { type ChannelContext, ChannelError, type OpenChannel, type ShowOptions } from "../open_channel.ts";
import type { Heard, Offer, Post } from "../post.ts";
import { buttonsOf, noteOf } from "./note.ts";
import { NotifySend, type Question } from "./notify_send.ts";

const shownSchema = z.object({
  /** The notification's id on the desktop. */
  id: z.string(),
  note: z.object({ summary: z.string(), body: z.string(), isUrgent: z.boolean(), isSilent: z.boolean() }),
  buttons: z.array(z.object({ nonce: z.string(), label: z.string() })).readonly(),
});

/** A notification with buttons. */
type Shown = z.infer<typeof shownSchema> & { question?: Question };

type Hear = (heard: Heard) => Promise<void>;

/** Opens the channel. */
export function openLinuxDesktop(context: ChannelContext): OpenChannel {
  const desktop = new LinuxDesktop(context);
  return {
    edits: true,
    refusal: () => desktop.refusal(),
    show: (post, options) => desktop.show(post, options),
    listen: (hear, abort) => desktop.listen(hear, abort),
  };
}

class LinuxDesktop {
  readonly #context: ChannelContext;
  readonly #program: NotifySend;
  /** By handle. */
  readonly #shown: Map<string, Shown>;
  #hear: Hear | undefined;

  constructor(context: ChannelContext) {
    this.#context = context;
    this.#program = new NotifySend(context.env);
    this.#shown = new Map(Object.entries(readMemory(context.memory.get())));
  }

  async refusal(): Promise<string | undefined> {
    if (/(?:^|;)unix:(?:[^;]*,)?abstract=/.test(this.#context.env["DBUS_SESSION_BUS_ADDRESS"] ?? "")) {
      return "The desktop only notifies: its session bus is an abstract socket, which guarded agents can also reach";
    }
    try {
      if (await this.#program.hasButtons()) return undefined;
    } catch (error) {
      if (error instanceof ChannelError) return error.message;
      throw error;
    }
    return "Notifications have no buttons here: they need notify-send from libnotify 0.8 or later";
  }

  async show(post: Post, { handle: earlier, abort }: ShowOptions): Promise<string> {
    const handle = earlier ?? crypto.randomUUID();
    // A notification for every step would be a nuisance.
    if (post.topic === "progress") return handle;
    const before = this.#shown.get(handle);
    before?.question?.end("replaced");
    const note = noteOf(post);
    if (post.isSettled && earlier !== undefined) {
      this.#shown.delete(handle);
      this.#keep();
      // A clicked or dismissed notification is gone.
      if (before !== undefined) await this.#program.showBriefly(note, before.id);
      return handle;
    }
    const id = await this.#program.show(note, { replaces: before?.id ?? "", abort });
    const shown: Shown = { id, note, buttons: buttonsOf(post) };
    if (shown.buttons.length > 0) this.#shown.set(handle, shown);
    else this.#shown.delete(handle);
    this.#keep();
    if (this.#hear !== undefined) this.#ask(handle, shown, this.#hear);
    return handle;
  }

  async listen(hear: Hear, abort: AbortSignal): Promise<void> {
    this.#hear = hear;
    // No process listens to the buttons of an earlier listener's notifications, if they are still shown.
    for (const [handle, shown] of [...this.#shown]) {
      try {
        const id = await this.#program.show(shown.note, { replaces: shown.id, abort });
        this.#ask(handle, { ...shown, id }, hear);
      } catch (error) {
        this.#context.log(messageOf(error));
      }
    }
    if (!abort.aborted) await new Promise((resolve) => abort.addEventListener("abort", resolve, { once: true }));
    this.#hear = undefined;
    const questions = [...this.#shown.values()].flatMap(({ question }) => question ?? []);
    for (const question of questions) question.end("closed");
    await Promise.allSettled(questions.map(({ clicked }) => clicked));
  }

  /** Shows the buttons and waits for a click. */
  #ask(handle: string, shown: Shown, hear: Hear): void {
    const { id, note, buttons } = shown;
    if (buttons.length === 0) return;
    const question = this.#program.ask(id, note, buttons.map(({ label }) => label));
    this.#shown.set(handle, { ...shown, question });
    // Ignore clicks once another version replaced it or the listener ends.
    const isCurrent = () => this.#hear !== undefined && this.#shown.get(handle)?.question === question;
    question.clicked.then(async (index) => {
      const clicked = index === undefined ? undefined : buttons[index];
      if (!isCurrent()) return;
      if (clicked !== undefined && !await this.#tell(hear, { clicked, note, id })) {
        this.#ask(
          handle,
          { ...shown, id: await this.#program.show(note, { abort: new AbortController().signal }) },
          hear,
        );
      } else if (isCurrent()) {
        this.#shown.delete(handle);
        this.#keep();
      }
    }).catch((error) => this.#context.log(messageOf(error)));
  }

  /** Returns whether the click was stored. */
  async #tell(
    hear: Hear,
    { clicked: { nonce }, note, id }: Pick<Shown, "note" | "id"> & { readonly clicked: Offer },
  ): Promise<boolean> {
    const answer = (body: string) => this.#program.showBriefly({ ...note, body, isUrgent: false }, id);
    const by = `desktop:${userName(this.#context.env)}`;
    try {
      await hear({ by, key: crypto.randomUUID(), said: { kind: "tap", nonce }, answer });
      return true;
    } catch (error) {
      this.#context.log(messageOf(error));
      return false;
    }
  }

  #keep(): void {
    const entries = [...this.#shown].map(([handle, { id, note, buttons }]) => [handle, { id, note, buttons }]);
    this.#context.memory.set(JSON.stringify(Object.fromEntries(entries)));
  }
}

function userName(env: Readonly<Record<string, string>>): string {
  return /^[\w.-]{1,64}$/.exec(env["USER"] ?? env["LOGNAME"] ?? "")?.[0] ?? "you";
}

function readMemory(text: string): Readonly<Record<string, Shown>> {
  try {
    return z.record(z.string(), shownSchema).parse(JSON.parse(text));
  } catch {
    return {};
  }
}
