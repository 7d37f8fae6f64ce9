import assert from "node:assert/strict";
import { rest } from "../../src/loop/rest.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const HOUR_MS = 3_600_000;

for (
  const [what, calendarStepMs, steadyStepMs] of [
    ["the calendar was set back", -HOUR_MS, HOUR_MS],
    ["the machine slept and the steady clock stood still", HOUR_MS, 0],
  ] as const
) {
  Deno.test(`rest() is over when its time is, also where ${what}`, async () => {
    using temp = new TempFolder();
    using folder = SessionFolder.create(temp.at("session"), { stateFolder: temp.at("state") });
    const abort = AbortSignal.timeout(5_000);
    let looks = 0;
    const clock = {
      calendar: () => 10 * HOUR_MS + calendarStepMs * Math.min(1, looks),
      timer: (ms: number) => ms,
      steady: () => 5_000 + steadyStepMs * Math.min(1, looks++),
    };
    await rest(folder, { ms: HOUR_MS, abort, clock });
    assert.equal(abort.aborted, false);
  });
}
