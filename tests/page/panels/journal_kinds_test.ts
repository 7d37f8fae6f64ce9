import assert from "node:assert/strict";
import { KINDS } from "../../../page/panels/journal_kinds.ts";
import { hasLine } from "../../../src/messages/describe_event.ts";
import { EVENTS } from "../../../src/workflow/session_event.ts";
import { STORY } from "../../helpers/story_events.ts";

Deno.test("KINDS has every event but the pulse of model calls, and nothing that is none", () => {
  const starts = Object.values(KINDS).flatMap((kinds) => kinds.split(",")).filter(Boolean);
  const pulses = new Set<string>(STORY.filter((event) => !hasLine(event)).map(({ type }) => type));
  const types = Object.keys(EVENTS);
  assert.deepEqual(types.filter((type) => !starts.some((start) => type.startsWith(start))), [...pulses]);
  assert.deepEqual(starts.filter((start) => !types.some((type) => type.startsWith(start))), []);
});
