import assert from "node:assert/strict";
import { FileWatch } from "../../../src/system/files/file_watch.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

/** Far longer than a test may take: who wakes by it hangs the test. */
const LONG_MS = 600_000;

Deno.test("FileWatch wakes when another process writes to the file", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "");
  using watch = new FileWatch(path);
  const changed = watch.changed(LONG_MS);
  Deno.writeTextFileSync(path, "x", { append: true });
  await changed;
});

Deno.test("FileWatch wakes when a file is created in a watched folder", async () => {
  using folder = new TempFolder();
  using watch = new FileWatch(folder.path);
  const changed = watch.changed(LONG_MS);
  folder.file("new", "");
  await changed;
});

Deno.test("FileWatch remembers one change between waits", async () => {
  using folder = new TempFolder();
  using watch = new FileWatch(folder.file("log", ""));
  watch.wake();
  watch.wake();
  await watch.changed(LONG_MS);
  let woken = false;
  const again = watch.changed(LONG_MS).then(() => woken = true);
  await new Promise((wake) => setTimeout(wake, 0));
  assert.equal(woken, false);
  watch.wake();
  await again;
});

Deno.test("FileWatch waits no longer than allowed", async () => {
  using folder = new TempFolder();
  using watch = new FileWatch(folder.file("log", ""));
  await watch.changed(1);
  await watch.changed(1);
});

Deno.test("FileWatch outlives its file", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "");
  using watch = new FileWatch(path);
  const changed = watch.changed(LONG_MS);
  Deno.removeSync(path);
  await changed;
  await watch.changed(1);
});

Deno.test("FileWatch throws for a missing file", () => {
  using folder = new TempFolder();
  assert.throws(() => new FileWatch(folder.at("missing")), Deno.errors.NotFound);
});
