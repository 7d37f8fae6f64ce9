/**
 * A Telegram that takes every message.
 *
 * @module
 */

/** Takes messages, and keeps their texts. */
export class FakeTelegram implements AsyncDisposable {
  readonly texts: string[] = [];
  /** It answers when this has resolved. */
  answering: Promise<void> = Promise.resolve();
  #wake = () => {};
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    this.texts.push((await request.json()).text);
    this.#wake();
    await this.answering;
    return Response.json({ ok: true });
  });

  get env(): Readonly<Record<string, string>> {
    const base = `http://127.0.0.1:${this.#server.addr.port}`;
    return { TELEGRAM_BOT_TOKEN: "1:t", TELEGRAM_CHAT_ID: "7", TELEGRAM_API_BASE: base };
  }

  /** Resolves when such messages have come. */
  async until(wanted: (texts: readonly string[]) => boolean): Promise<void> {
    while (!wanted(this.texts)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
