import assert from "node:assert/strict";
import { join } from "node:path";
import type { ChannelRows } from "../../src/channels/channel.ts";
import { CHANNEL_NAMES, CHANNELS } from "../../src/channels/channels.ts";
import { loadedBy } from "../helpers/loaded_modules.ts";
import { ROOT } from "../helpers/program_under_test.ts";

Deno.test("the table of channels, which every start loads, imports no package and no channel's own modules", () => {
  const loaded = [...loadedBy(join(ROOT, "src/channels/channels.ts"))];
  assert.deepEqual(loaded.filter((name) => !name.startsWith(ROOT) || !/(channels|channel)\.ts$/.test(name)), []);
});

Deno.test("an open Telegram channel imports grammY and no other package", () => {
  const loaded = [...loadedBy(join(ROOT, "src/channels/telegram/open.ts"))];
  assert.deepEqual(loaded.filter((name) => !name.startsWith(ROOT) && !name.startsWith("node:")), ["grammy/web"]);
});

Deno.test("every folder of a channel has a row in the table, is in docs/channels.md, and hides its secrets", () => {
  const folders = [...Deno.readDirSync(join(ROOT, "src/channels"))].filter(({ isDirectory }) => isDirectory);
  assert.deepEqual(folders.map(({ name }) => name).sort(), CHANNEL_NAMES.toSorted());
  const document = Deno.readTextFileSync(join(ROOT, "docs/channels.md"));
  const rows = CHANNEL_NAMES.flatMap((name) => Object.values<ChannelRows[string]>(CHANNELS[name].settings));
  const needed = rows.filter(({ isNeeded = false }) => isNeeded).map(({ name }) => name);
  assert.deepEqual(needed.filter((name) => !document.includes(name)), []);
  const open = rows.filter(({ name, kind }) => /TOKEN|SECRET|KEY/.test(name) && kind !== "secret");
  assert.deepEqual(open.map(({ name }) => name), []);
});
