/**
 * Checks the tokens and the settings without sending a message.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import type { ExamineContext } from "../channel.ts";
import { ChannelError } from "../open_channel.ts";
import { openSlack, type SlackSettings } from "./open_slack.ts";
import { slackApi } from "./web_api.ts";

const TIMEOUT_MS = 5_000;

const identity = z.object({ user: z.string(), team: z.string() });

/** Asks Slack for the app's name and whether Socket Mode works, and says what is missing for decisions. */
export async function examineSlack(
  settings: SlackSettings,
  { fetch }: Pick<ExamineContext, "fetch">,
): Promise<readonly Finding[]> {
  const { botToken, appToken, apiBase } = settings;
  const abort = AbortSignal.timeout(TIMEOUT_MS);
  const call = slackApi({ token: botToken, tokenName: "SLACK_BOT_TOKEN", apiBase, fetch });
  const callAsApp = slackApi({ token: appToken, tokenName: "SLACK_APP_TOKEN", apiBase, fetch });
  const memory = { get: () => "", set: () => {} };
  const refusal = await openSlack(settings, { memory, env: {}, log: () => {} }).refusal();
  const known = finding(async () => {
    const { user, team } = identity.parse(await call("auth.test", { abort }));
    return ok(`Slack knows the app as ${user} in ${team}`);
  });
  const hearing = refusal === undefined
    // The returned URL is not used, which has no effect.
    ? finding(async () => {
      await callAsApp("apps.connections.open", { abort });
      return ok("Socket Mode is on, so you can decide on Slack");
    })
    : warning(refusal, "See docs/channels.md");
  return await Promise.all([known, hearing]);
}

async function finding(ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ChannelError)) return warning("Cannot read Slack's answer", "Check SLACK_API_BASE");
    return error.retryAfterMs === undefined
      ? problem(error.message, "Correct it; sessions run without Slack")
      : warning(error.message, "Check the network and SLACK_API_BASE; sessions run without it");
  }
}
