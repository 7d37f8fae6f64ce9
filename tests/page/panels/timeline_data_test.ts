import assert from "node:assert/strict";
import { amountsOf, timelineOf } from "../../../page/panels/timeline_data.ts";
import { foldStory } from "../../../src/messages/fold_story.ts";
import { STORY } from "../../helpers/story_events.ts";
import { NO_STORY } from "../../../src/workflow/story.ts";

const story = foldStory(NO_STORY, STORY);

Deno.test("timelineOf() stacks the attempts of an iteration, and adds up what all of them cost", () => {
  const { columns } = timelineOf(story, { nowMs: undefined });
  assert.deepEqual(columns.map(({ iteration, bars }) => [iteration, bars.length]), [
    [1, 1],
    [2, 3],
    [3, 1],
    [4, 2],
    [5, 1],
    [6, 1],
  ]);
  const all = story.attempts.map(amountsOf);
  assert.equal(columns.at(-1)?.costSoFar.toFixed(6), all.reduce((sum, { cost }) => sum + cost, 0).toFixed(6));
  const [first, second, third] = columns[1]?.bars ?? [];
  assert.deepEqual(first?.below, { duration: 0, tokens: 0, cost: 0 });
  assert.equal(third?.below.tokens, (first?.amounts.tokens ?? 0) + (second?.amounts.tokens ?? 0));
});

Deno.test("timelineOf() gives each mark to the iteration that it happened in, or after", () => {
  const { columns, marks } = timelineOf(story, { nowMs: undefined });
  assert.deepEqual(columns.flatMap((column) => column.marks), marks);
  assert.deepEqual(marks.map(({ text }) => text).sort(), story.marks.map(({ text }) => text).sort());
  for (const [index, column] of columns.entries()) {
    const next = columns[index + 1]?.bars[0]?.fromMs ?? Infinity;
    for (const { ms, place } of column.marks) {
      assert.ok(ms < next && (index === 0 || ms >= (column.bars[0]?.fromMs ?? 0)));
      assert.ok(place >= index + 0.5 && place < index + 2, `${place} in ${index}`);
    }
  }
});

Deno.test("timelineOf() lets an attempt at work grow until now, and one whose worker died end where it was heard of", () => {
  const [attempt] = story.attempts;
  assert.ok(attempt !== undefined);
  const atWork = { ...attempt, endedAt: undefined, end: "", durationMs: 1_000 };
  const nowMs = Date.parse(attempt.startedAt) + 60_000;
  const lasts = (nowMs: number | undefined): number | undefined =>
    timelineOf({ attempts: [atWork], marks: [] }, { nowMs }).columns[0]?.amounts.duration;
  assert.deepEqual([lasts(nowMs), lasts(undefined)], [60_000, 1_000]);
});
