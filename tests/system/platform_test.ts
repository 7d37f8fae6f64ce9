import assert from "node:assert/strict";
import { platform } from "../../src/system/platform.ts";

Deno.test("platform() knows this system, and treats an unknown one as a BSD", () => {
  assert.deepEqual(platform(), platform(Deno.build.os));
  assert.deepEqual(["linux", "darwin", "windows", "freebsd"].map((os) => platform(os).processes), [
    "proc",
    "ps",
    "cim",
    "ps",
  ]);
});

Deno.test("platform() lists only signals that can be handled here", () => {
  for (const signal of platform().endSignals) {
    const heard = () => {};
    Deno.addSignalListener(signal, heard);
    Deno.removeSignalListener(signal, heard);
  }
});
