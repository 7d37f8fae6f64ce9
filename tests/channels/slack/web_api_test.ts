import assert from "node:assert/strict";
import { slackApi } from "../../../src/channels/slack/web_api.ts";

Deno.test("slackApi() reads an answer that repeats a long message", async () => {
  const answer = { ok: true, message: { text: "x".repeat(100_000) }, ts: "1.0" };
  const fetch = () => Promise.resolve(Response.json(answer));
  const account = { token: "xoxb-1", tokenName: "SLACK_BOT_TOKEN", apiBase: "https://slack.test/api" } as const;
  const call = slackApi({ ...account, fetch });
  assert.deepEqual(await call("chat.postMessage", { abort: new AbortController().signal }), answer);
});
