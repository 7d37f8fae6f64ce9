import assert from "node:assert/strict";
import { join } from "node:path";
import { FolderWatch } from "../../../src/system/files/folder_watch.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

Deno.test("FolderWatch sees what changes in 300 folders, and in those that it watches instead", async () => {
  using root = new TempFolder();
  const folders = Array.from({ length: 300 }, (_, index) => join(root.path, String(index)));
  for (const folder of folders) Deno.mkdirSync(folder);
  const seen: (string | undefined)[] = [];
  let wake = (): void => {};
  using watch = new FolderWatch((path) => {
    seen.push(path);
    wake();
  });
  const sees = async (path: string | undefined): Promise<void> => {
    while (!seen.includes(path)) await new Promise<void>((resolve) => wake = resolve);
  };
  watch.watch([...folders.slice(0, 299), join(root.path, "missing")]);
  assert.ok(watch.isWatching);
  for (const folder of [folders[0], folders[298]]) {
    const path = join(folder ?? "", "file");
    Deno.writeTextFileSync(path, "x");
    await sees(path);
  }
  // What happened in between may be missed: it says so.
  watch.watch(folders);
  await sees(undefined);
  for (const folder of [folders[1], folders[299]]) {
    const path = join(folder ?? "", "file");
    Deno.writeTextFileSync(path, "x");
    await sees(path);
  }
});
