/**
 * A Telegram that takes every message, and on which nobody says anything. For conversations there is bot_api.ts.
 *
 * @module
 */

/** Takes messages, and keeps the texts of those that make a sound. */
export class FakeTelegram implements AsyncDisposable {
  readonly texts: string[] = [];
  /** It answers messages when this has resolved. */
  answering: Promise<void> = Promise.resolve();
  #sent = 0;
  #wake = () => {};
  readonly #over = Promise.withResolvers<void>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const method = new URL(request.url).pathname.split("/").at(-1);
    if (method === "getUpdates") {
      await Promise.race([
        this.#over.promise,
        new Promise((resolve) => request.signal.addEventListener("abort", resolve)),
      ]);
      return Response.json({ ok: true, result: [] });
    }
    if (method === "getMe") {
      return Response.json({ ok: true, result: { id: 1, is_bot: true, first_name: "bot", username: "bot" } });
    }
    const { text, disable_notification: isSilent = false } = await request.json();
    if (method === "sendMessage") this.#sent++;
    if (method === "sendMessage" && !isSilent) {
      this.texts.push(text);
      this.#wake();
      await this.answering;
    }
    const result = { message_id: this.#sent, date: 0, chat: { id: 7, type: "private" } };
    return Response.json({ ok: true, result });
  });

  /** The settings that lead here. What goes on is not told: how often depends on time. */
  get env(): Readonly<Record<string, string>> {
    const base = `http://127.0.0.1:${this.#server.addr.port}`;
    return {
      TELEGRAM_BOT_TOKEN: "1:t",
      TELEGRAM_CHAT_ID: "7",
      TELEGRAM_API_BASE: base,
      SAMOCODE_NOTIFY: "gate,blocked,done,limit",
    };
  }

  /** Resolves when such messages have come. */
  async until(wanted: (texts: readonly string[]) => boolean): Promise<void> {
    while (!wanted(this.texts)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.resolve();
    await this.#server.shutdown();
  }
}
