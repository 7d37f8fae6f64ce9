import assert from "node:assert/strict";
import { capLog, watchLogs } from "../../src/session/raw_log.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("capLog() keeps head and tail of a log that is too long, and leaves every other as it is", () => {
  using temp = new TempFolder();
  const long = temp.file("long.jsonl", `${"a".repeat(99)}\n${"b".repeat(500)}\n${"c".repeat(99)}`);
  capLog(long, 100);
  assert.equal(
    Deno.readTextFileSync(long),
    `${"a".repeat(99)}\n\n{"type":"samocode.left_out","bytes":500}\n\n${"c".repeat(99)}`,
  );
  const fits = temp.file("fits.jsonl", "x".repeat(200));
  capLog(fits, 100);
  assert.equal(Deno.readTextFileSync(fits), "x".repeat(200));
});

Deno.test("capLog() touches no file that an agent linked in the place of its log, and waits for no pipe", () => {
  using temp = new TempFolder();
  const other = temp.file("other", "x".repeat(1000));
  Deno.symlinkSync(other, temp.at("link.jsonl"));
  capLog(temp.at("link.jsonl"), 100);
  Deno.linkSync(other, temp.at("hard.jsonl"));
  capLog(temp.at("hard.jsonl"), 100);
  capLog(temp.pipe("pipe.jsonl"), 100);
  capLog(temp.at("missing.jsonl"), 100);
  assert.equal(Deno.readTextFileSync(other), "x".repeat(1000));
});

Deno.test("watchLogs() says once that an agent printed too much", async () => {
  using temp = new TempFolder();
  const paths = [temp.file("out", ""), temp.at("err")];
  const told: string[] = [];
  const heard = new Promise<void>((resolve) => {
    const watch = watchLogs(paths, {
      maxBytes: 2 * 1024 * 1024,
      onTooMuch: (reason) => {
        told.push(reason);
        watch[Symbol.dispose]();
        resolve();
      },
    });
  });
  Deno.writeFileSync(temp.at("err"), new Uint8Array(2 * 1024 * 1024 + 1));
  await heard;
  assert.deepEqual(told, ["the limit of 2 MiB for what an agent may print in one attempt"]);
});
