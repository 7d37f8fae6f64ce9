import assert from "node:assert/strict";
import { readRow } from "../../src/fleet/rows.ts";

const ROW = {
  ...{ id: "5123bffd-6049-4935-a126-b55c1860662a", project: "shop", repository: "/shop", name: "add-jwt" },
  ...{ folder: "26-11-22-add-jwt", state: "waiting", detail: "Q1", holder: null, wanted: false, not_before: null },
  ...{ account: "default", pool: "default", labels: [], priority: 0, epoch: 1, lines: 3, by: "me (shop)", task: "x" },
  ...{ created_at: "2026-11-22", changed_at: "2026-11-22", decisions: 0, place: null, workers: 1, summary: null },
};

Deno.test("readRow() leaves out a row whose names would lead elsewhere, or are another session's", () => {
  assert.equal(readRow(ROW)?.folder, "26-11-22-add-jwt");
  assert.equal(readRow({ ...ROW, folder: null })?.folder, undefined);
  for (const folder of ["../../x", "..", "/etc", "26-11-22-other", "26-11-22-add-jwt/..", "x\x1b[2J", ""]) {
    assert.equal(readRow({ ...ROW, folder }), undefined, folder);
  }
  for (const name of ["../x", "..", "a/b", "x\x1b[2J", ""]) {
    assert.equal(readRow({ ...ROW, name, folder: null }), undefined, name);
  }
});
