import assert from "node:assert/strict";
import { examineSlack } from "../../../src/channels/slack/check.ts";
import type { SlackSettings } from "../../../src/channels/slack/open_slack.ts";
import { SlackApi } from "../../helpers/slack_api.ts";

Deno.test("examineSlack() says whether the tokens and Socket Mode work, and what is missing", async () => {
  await using slack = new SlackApi();
  const settings = {
    botToken: slack.env["SLACK_BOT_TOKEN"] ?? "",
    appToken: slack.env["SLACK_APP_TOKEN"] ?? "",
    channelId: slack.env["SLACK_CHANNEL_ID"] ?? "",
    userIds: slack.env["SLACK_USER_IDS"] ?? "",
    apiBase: slack.env["SLACK_API_BASE"] ?? "",
  };
  const found = async (changes: Partial<SlackSettings> = {}): Promise<readonly string[]> => {
    const findings = await examineSlack({ ...settings, ...changes }, { fetch });
    assert.ok(findings.every(({ text, remedy }) => !/xox|xapp|127\.0/.test(`${text} ${remedy}`)));
    return findings.map(({ level, text }) => `${level}: ${text}`);
  };
  const known = "ok: Slack knows the app as samocode in Team";
  const heard = "ok: Socket Mode is on, so you can decide on Slack";
  assert.deepEqual(await found(), [known, heard]);
  assert.deepEqual(await found({ botToken: "xoxb-2" }), [
    "problem: Slack refused auth.test: invalid_auth. Copy the token from https://api.slack.com/apps again and set SLACK_BOT_TOKEN",
    heard,
  ]);
  assert.deepEqual(await found({ appToken: settings.botToken }), [
    known,
    "problem: Slack refused apps.connections.open: not_allowed_token_type. Copy the token from https://api.slack.com/apps again and set SLACK_APP_TOKEN",
  ]);
  assert.match(String(await found({ userIds: "" })), /,warning: Slack only notifies: set SLACK_USER_IDS/);
  slack.limits.set("auth.test", 5);
  assert.match(String(await found()), /^warning: Slack did not accept auth\.test: ratelimited,ok: /);
  assert.match(
    String(await found({ apiBase: "http://127.0.0.1:1" })),
    /^warning: Cannot reach Slack: no connection,warning/,
  );
  assert.deepEqual(slack.messages, []);
});
