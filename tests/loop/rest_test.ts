import assert from "node:assert/strict";
import { rest, type RestOptions } from "../../src/loop/rest.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { SYSTEM_CLOCK } from "../../src/system/clock.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 21, 12);

interface Look {
  readonly calendar: number;
  readonly steady: number;
}

/** Rests by a clock that shows these times, look after look, and says after how many it was over. */
async function looksUntilOver(
  looks: readonly Look[],
  options: Pick<RestOptions, "ms" | "untilMs" | "maxMs">,
): Promise<number> {
  using temp = new TempFolder();
  using folder = SessionFolder.create(temp.at("session"), { stateFolder: temp.at("state") });
  const abort = new AbortController();
  let at = 0;
  const now = (): Look => looks[Math.min(at, looks.length - 1)] ?? assert.fail("no time");
  const clock = {
    calendar: () => now().calendar,
    steady: () => now().steady,
    timer: () => {
      if (++at >= looks.length) abort.abort();
      return 1;
    },
  };
  await rest(folder, { ...options, abort: abort.signal, clock });
  return at;
}

const begun = { calendar: NOON, steady: 0 };

for (
  const [what, options, looks, over] of [
    ["an hour, asleep or awake", { ms: HOUR_MS }, [begun, { calendar: NOON + HOUR_MS, steady: HOUR_MS }], 1],
    [
      "an hour, not earlier because the calendar was set forward",
      { ms: HOUR_MS },
      [
        begun,
        { calendar: NOON + 5 * HOUR_MS, steady: 60_000 },
        { calendar: NOON + 6 * HOUR_MS, steady: HOUR_MS },
        begun,
      ],
      2,
    ],
    [
      "an hour, not longer because the calendar was set back",
      { ms: HOUR_MS },
      [begun, { calendar: NOON - 24 * HOUR_MS, steady: HOUR_MS }, begun],
      1,
    ],
    [
      "until a named time, which comes earlier when a slow calendar is set right",
      { ms: 5 * HOUR_MS, untilMs: NOON + 5 * HOUR_MS, maxMs: 12 * HOUR_MS },
      [begun, { calendar: NOON + 5 * HOUR_MS, steady: 60_000 }, begun],
      1,
    ],
    [
      "until a named time, which comes later when a fast calendar is set right",
      { ms: 5 * HOUR_MS, untilMs: NOON + 5 * HOUR_MS, maxMs: 12 * HOUR_MS },
      [
        begun,
        { calendar: NOON - HOUR_MS, steady: 60_000 },
        { calendar: NOON + 4 * HOUR_MS, steady: 5 * HOUR_MS },
        { calendar: NOON + 5 * HOUR_MS, steady: 6 * HOUR_MS },
        begun,
      ],
      3,
    ],
    [
      "until a named time, but no longer than allowed in a wrong year",
      { ms: 5 * HOUR_MS, untilMs: NOON + 5 * HOUR_MS, maxMs: 12 * HOUR_MS },
      [begun, { calendar: 0, steady: 60_000 }, { calendar: HOUR_MS, steady: 12 * HOUR_MS }, begun],
      2,
    ],
  ] as const
) {
  Deno.test(`rest() lasts ${what}`, async () => {
    assert.equal(await looksUntilOver(looks, options), over);
  });
}

Deno.test("rest() heeds a stop that somebody requested just before it", async () => {
  using temp = new TempFolder();
  const stateFolder = temp.at("state");
  using folder = SessionFolder.create(temp.at("session"), { stateFolder });
  folder.journal.append({ type: "session.created", name: "foo", task: "bar", dive: "" });
  using other = SessionFolder.open(temp.at("session"), { stateFolder });
  other.journal.append({ type: "stop.requested", by: "samocode stop", now: true });
  const abort = AbortSignal.timeout(2_000);
  await rest(folder, { ms: HOUR_MS, abort });
  assert.ok(!abort.aborted);
});

Deno.test("SYSTEM_CLOCK.steady() counts milliseconds that really pass", async () => {
  const begun = SYSTEM_CLOCK.steady();
  await new Promise((wake) => setTimeout(wake, 200));
  const passed = SYSTEM_CLOCK.steady() - begun;
  assert.ok(passed >= 190 && passed < 5_000, `${passed}`);
});
