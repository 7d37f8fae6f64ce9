/**
 * Notifications of the engine, on a connection that reconnects by itself.
 *
 * @module
 */
import type { FleetAddress } from "./address.ts";
import { openListener } from "./postgres.ts";

/** Called for each notification, and with two empty strings after each connect. */
export type Heard = (channel: string, payload: string) => void;

/** Pauses between attempts to reconnect, in milliseconds; the last one repeats. */
const PAUSES_MS = [100, 250, 500, 1_000, 2_000, 5_000] as const;

/** What to listen for. */
export interface NoticesOptions {
  readonly channels: readonly string[];
  readonly heard: Heard;
}

/** A listening connection that is replaced when lost. */
export class Notices implements AsyncDisposable {
  readonly #address: FleetAddress;
  readonly #options: NoticesOptions;
  #connection: AsyncDisposable | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trying: Promise<void> = Promise.resolve();
  #isEnded = false;
  #tries = 0;

  private constructor(address: FleetAddress, options: NoticesOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** Connects. @throws {SamocodeError} If the first connection fails. */
  static async open(address: FleetAddress, options: NoticesOptions): Promise<Notices> {
    const notices = new Notices(address, options);
    await notices.#connect();
    return notices;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#trying;
    await this.#connection?.[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    const { channels, heard } = this.#options;
    this.#connection = await openListener(this.#address, {
      channels,
      heard: (channel, payload) => {
        if (!this.#isEnded) heard(channel, payload);
      },
      lost: () => this.#retryLater(),
    });
    this.#tries = 0;
    if (!this.#isEnded) heard("", "");
  }

  #retryLater(): void {
    if (this.#isEnded) return;
    const pause = PAUSES_MS[Math.min(this.#tries++, PAUSES_MS.length - 1)];
    this.#timer = setTimeout(() => {
      this.#trying = this.#connect().catch(() => this.#retryLater());
    }, pause);
  }
}
