/**
 * Checks the bot with requests that neither send nor consume messages.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type ChatSettings, readDeciders } from "./deciders.ts";

const TIMEOUT_MS = 5_000;

const bot = z.object({ result: z.object({ username: z.string() }) });
const webhook = z.object({ result: z.object({ url: z.string() }) });

interface Access {
  readonly token: string;
  readonly apiBase: string;
}

type Fetch = { readonly fetch: typeof globalThis.fetch };

/** Asks Telegram for the bot's name and whether people can decide there. */
export async function examineTelegram(
  settings: Access & ChatSettings,
  { fetch }: Fetch,
): Promise<readonly Finding[]> {
  const deciders = readDeciders(settings);
  const [known, hooked] = await Promise.all([
    ask("getMe", { ...settings, fetch }),
    ask("getWebhookInfo", { ...settings, fetch }),
  ]);
  return [
    ...whoItIs(known, settings),
    ...(typeof deciders === "string" ? [warning("Nobody can decide on Telegram; it only notifies", deciders)] : []),
    ...whoReads(hooked, settings),
  ];
}

/** An answer's status and body, or why there is none. */
type Answer = { readonly status: number; readonly body: unknown } | string;

async function ask(method: string, { token, apiBase, fetch }: Access & Fetch): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(`${apiBase}/bot${token}/${method}`, { redirect: "manual", signal });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch {
    // The error contains the URL, and with it the token.
    return signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : "no connection";
  }
}

function whoItIs(answer: Answer, { token }: Access): readonly Finding[] {
  if (typeof answer === "string") {
    return [
      warning(`Cannot reach Telegram: ${answer}`, "Check the network and TELEGRAM_API_BASE; sessions run without it"),
    ];
  }
  const { status, body } = answer;
  if (status === 401 || status === 404) {
    return [
      problem(
        "Telegram does not recognize the bot's token",
        "Get the token from @BotFather and set TELEGRAM_BOT_TOKEN",
      ),
    ];
  }
  const { data } = bot.safeParse(body);
  return data === undefined
    ? [warning(`Telegram answered ${status}`, "Try again later; sessions run without it")]
    : [ok(`Telegram knows the bot @${data.result.username.replaceAll(token, "…")}`)];
}

/** If a webhook is set, Telegram delivers a bot's messages only there. */
function whoReads(answer: Answer, { token }: Access): readonly Finding[] {
  const { data } = webhook.safeParse(typeof answer === "string" ? undefined : answer.body);
  if (data === undefined || data.result.url === "") return [];
  // Only the host, because the path is often secret.
  const host = URL.parse(data.result.url)?.host ?? "another program";
  return [warning(
    `The bot's messages go to a webhook (${
      plainText(host.replaceAll(token, "…"), 100)
    }), so nobody can decide on Telegram`,
    "Create a bot for samocode on this machine only, with @BotFather",
  )];
}
