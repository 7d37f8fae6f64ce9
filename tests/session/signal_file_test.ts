import assert from "node:assert/strict";
import { join } from "node:path";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { clearSignal, takeSignal } from "../../src/session/signal_file.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const SIGNAL = '{"status":"continue","phase":"planning"}';

/** Whatever an agent can leave as its signal, and how it reads; `undefined` for none. */
const LEFT: Readonly<
  Record<string, { readonly make: (temp: TempFolder, path: string) => void; readonly reads: unknown }>
> = {
  "nothing": { make: () => {}, reads: { kind: "missing" } },
  "a signal": {
    make: (_, path) => Deno.writeTextFileSync(path, SIGNAL),
    reads: { kind: "signal", signal: { status: "continue", phase: "planning" } },
  },
  "an empty file": {
    make: (_, path) => Deno.writeTextFileSync(path, ""),
    reads: { kind: "malformed", problem: "is empty" },
  },
  "what is not UTF-8": {
    make: (_, path) => Deno.writeFileSync(path, Uint8Array.of(0xff, 0xfe)),
    reads: { kind: "malformed", problem: "is not UTF-8 text" },
  },
  "a file of 1 MB": {
    make: (_, path) => Deno.writeTextFileSync(path, SIGNAL.padEnd(1024 * 1024)),
    reads: { kind: "malformed", problem: "is over 64 KiB" },
  },
  "a file of 64 KiB": {
    make: (_, path) => Deno.writeTextFileSync(path, SIGNAL.padEnd(64 * 1024)),
    reads: { kind: "signal", signal: { status: "continue", phase: "planning" } },
  },
  "a file of 64 KiB and a byte": {
    make: (_, path) => Deno.writeTextFileSync(path, SIGNAL.padEnd(64 * 1024 + 1)),
    reads: { kind: "malformed", problem: "is over 64 KiB" },
  },
  "a folder": {
    make: (_, path) => Deno.mkdirSync(join(path, "deep", "deeper"), { recursive: true }),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
  "a pipe": {
    make: (temp) => void temp.pipe("session/_signal.json"),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
  "a link to a signal": {
    make: (temp, path) => Deno.symlinkSync(temp.file("elsewhere", SIGNAL), path),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
  "a link to nowhere": {
    make: (temp, path) => Deno.symlinkSync(temp.at("nowhere"), path),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
  "a link to itself": {
    make: (_, path) => Deno.symlinkSync(path, path),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
  "a link to a folder": {
    make: (temp, path) => Deno.symlinkSync(temp.folder("elsewhere"), path),
    reads: { kind: "malformed", problem: "is not a regular file" },
  },
};

for (const [what, { make, reads }] of Object.entries(LEFT)) {
  Deno.test(`takeSignal() reads ${what}, and clearSignal() leaves nothing of it and nothing else changed`, () => {
    using temp = new TempFolder();
    using folder = SessionFolder.create(temp.at("session"), { stateFolder: temp.at("state") });
    make(temp, folder.layout.signal);
    const others = temp.names();
    assert.deepEqual(takeSignal(folder.layout), reads);
    assert.deepEqual(takeSignal(folder.layout), reads);
    clearSignal(folder.layout);
    assert.deepEqual(temp.names("session"), ["_journal.jsonl", "_logs"]);
    assert.deepEqual(takeSignal(folder.layout), { kind: "missing" });
    assert.deepEqual(temp.names(), others);
    if (others.includes("elsewhere") && Deno.statSync(temp.at("elsewhere")).isFile) {
      assert.equal(Deno.readTextFileSync(temp.at("elsewhere")), SIGNAL);
    }
  });
}

Deno.test({
  name: "takeSignal() reads a signal that nobody may read as malformed",
  ignore: Deno.uid() === 0,
  fn: () => {
    using temp = new TempFolder();
    using folder = SessionFolder.create(temp.at("session"), { stateFolder: temp.at("state") });
    Deno.writeTextFileSync(folder.layout.signal, SIGNAL, { mode: 0 });
    const reading = takeSignal(folder.layout);
    assert.match(reading.kind === "malformed" ? reading.problem : "", /^cannot be read: /);
    clearSignal(folder.layout);
    assert.deepEqual(takeSignal(folder.layout), { kind: "missing" });
  },
});
