import assert from "node:assert/strict";
import { join } from "node:path";
import { loadedBy } from "../helpers/loaded_modules.ts";
import { ROOT } from "../helpers/program_under_test.ts";

Deno.test("the table of channels, which every start loads, brings no package and no channel's own modules", () => {
  const loaded = [...loadedBy(join(ROOT, "src/channels/channels.ts"))];
  assert.deepEqual(loaded.filter((name) => !name.startsWith(ROOT) || !/(channels|channel)\.ts$/.test(name)), []);
});

Deno.test("an open Telegram brings grammY and no other package", () => {
  const loaded = [...loadedBy(join(ROOT, "src/channels/telegram/open.ts"))];
  assert.deepEqual(loaded.filter((name) => !name.startsWith(ROOT) && !name.startsWith("node:")), ["grammy/web"]);
});
