import assert from "node:assert/strict";
import { isWanted, problemWithHours, problemWithTopics, quietLeftMs } from "../../src/channels/when_to_tell.ts";
import { TOPICS } from "../../src/channels/post.ts";

const MINUTE_MS = 60_000;

Deno.test("quietLeftMs() counts down to the end of quiet hours, even across midnight, and is 0 outside them", () => {
  for (const [from, to] of [[22 * 60, 7 * 60], [60, 150], [0, 1_439], [719, 720]] as const) {
    const quietHours = `${clock(from)}-${clock(to)}`;
    const length = (to - from + 1_440) % 1_440;
    for (let minute = 0; minute < 1_440; minute++) {
      const passed = (minute - from + 1_440) % 1_440;
      const left = passed < length ? (length - passed) * MINUTE_MS : 0;
      const at = new Date(2026, 0, 2, 0, minute);
      assert.equal(quietLeftMs({ notify: "", quietHours }, at), left, `${quietHours} at ${clock(minute)}`);
    }
  }
  assert.equal(quietLeftMs({ notify: "", quietHours: "" }, new Date()), 0);
});

Deno.test("invalid hours and topics are refused with valid examples", () => {
  for (const good of ["", "22:00-07:00", "9:30 - 10:00"]) assert.equal(problemWithHours(good), undefined, good);
  for (const bad of ["22-7", "24:00-07:00", "22:60-07:00", "22:00", "a:b-c:d", "22:00-07:00,12:00-13:00"]) {
    assert.match(
      problemWithHours(bad) ?? "",
      /^".*" is not a time range\. Use a start and an end, such as 22:00-07:00$/,
    );
  }
  assert.equal(problemWithTopics(TOPICS.join(",")), undefined);
  assert.equal(problemWithTopics(""), undefined);
  assert.equal(
    problemWithTopics("gate, gates"),
    '"gates" is not a topic. Use one or more of gate, blocked, done, limit, progress',
  );
});

Deno.test("isWanted() knows the topics that the person named", () => {
  const wanted = TOPICS.filter((topic) => isWanted({ notify: " gate , done", quietHours: "" }, topic));
  assert.deepEqual(wanted, ["gate", "done"]);
});

function clock(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
}
