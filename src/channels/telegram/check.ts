/**
 * Checks the bot's token with one request that sends no message.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";

const TIMEOUT_MS = 5_000;

const schema = z.object({ result: z.object({ username: z.string() }) });

/** Asks Telegram who the bot is. */
export async function examineTelegram(
  settings: { readonly token: string; readonly apiBase: string } | undefined,
  { fetch }: { readonly fetch: typeof globalThis.fetch },
): Promise<readonly Finding[]> {
  if (settings === undefined) return [ok("Not set up; you get no message when it is your turn")];
  const { token, apiBase } = settings;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(`${apiBase}/bot${token}/getMe`, { redirect: "manual", signal });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.status === 401 || response.status === 404) {
      return [
        problem("Telegram does not know the bot's token", "Get the token from @BotFather and set TELEGRAM_BOT_TOKEN"),
      ];
    }
    const { data } = schema.safeParse(answer);
    return data === undefined
      ? [warning(`Telegram answered ${response.status}`, "Try again later; sessions run without it")]
      : [ok(`Telegram knows the bot @${data.result.username.replaceAll(token, "…")}`)];
  } catch {
    // The error contains the address, and so the token.
    const why = signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : "no connection";
    return [
      warning(`Cannot reach Telegram: ${why}`, "Check the network and TELEGRAM_API_BASE; sessions run without it"),
    ];
  }
}
