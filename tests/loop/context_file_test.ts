import assert from "node:assert/strict";
import { dirname } from "node:path";
import { clearContexts, removeContexts, writeContext } from "../../src/loop/context_file.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("clearContexts() removes a session's contexts, and a link in place of their folder, but nothing behind it", () => {
  using temp = new TempFolder();
  const owner = { cacheFolder: temp.at("cache"), sessionFolder: "/sessions/foo" };
  const folder = dirname(writeContext(owner, { marker: "m1", text: "told" }));
  clearContexts(owner);
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  Deno.mkdirSync(temp.at("home"));
  Deno.writeTextFileSync(temp.at("home/mine"), "keep");
  Deno.removeSync(folder);
  Deno.symlinkSync(temp.at("home"), folder);
  clearContexts(owner);
  assert.equal(Deno.readTextFileSync(temp.at("home/mine")), "keep");
  assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
  writeContext(owner, { marker: "m2", text: "told" });
  removeContexts(owner);
  assert.throws(() => Deno.lstatSync(folder), Deno.errors.NotFound);
});
