import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../helpers/program_under_test.ts";

Deno.test("the manifest in docs/channels.md requests exactly what the Slack channel uses", () => {
  const page = Deno.readTextFileSync(join(ROOT, "docs", "channels.md"));
  const [, json = ""] = /```json\n([^]*?)```/.exec(page) ?? [];
  const { oauth_config, settings, features } = JSON.parse(json);
  const methods = new Set(
    sources().flatMap((text) => [...text.matchAll(/"((?:chat|files)\.[a-zA-Z]+)"/g)].map(([, name]) => name)),
  );
  assert.deepEqual([...methods].sort(), Object.keys(SCOPES).sort());
  const events = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
  };
  assert.deepEqual(settings.event_subscriptions.bot_events, Object.keys(events));
  assert.deepEqual(
    oauth_config.scopes.bot.toSorted(),
    [...new Set([...Object.values(SCOPES), ...Object.values(events)])].sort(),
  );
  assert.deepEqual([settings.socket_mode_enabled, settings.interactivity.is_enabled], [true, true]);
  // A person can write to the app.
  assert.deepEqual(features.app_home.messages_tab_read_only_enabled, false);
});

/** By the methods' pages, https://docs.slack.dev/reference/methods. */
const SCOPES: Readonly<Record<string, string>> = {
  "chat.postMessage": "chat:write",
  "chat.update": "chat:write",
  "chat.postEphemeral": "chat:write",
  "files.getUploadURLExternal": "files:write",
  "files.completeUploadExternal": "files:write",
};

function sources(): readonly string[] {
  const folder = join(ROOT, "src", "channels", "slack");
  return [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFileSync(join(folder, name)));
}
