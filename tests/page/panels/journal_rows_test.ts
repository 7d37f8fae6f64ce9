import assert from "node:assert/strict";
import { FoundRows, type JournalQuery, WholeJournal } from "../../../page/panels/journal_rows.ts";
import { readJournalPage } from "../../../src/view/journal_pages.ts";
import { eventLine } from "../../../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../../../src/workflow/session_event.ts";
import { recordStory } from "../../helpers/story_events.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const COUNT = 5_000;

Deno.test("WholeJournal finds any row by its number in a few requests, however uneven the lines are", async () => {
  using folder = new TempFolder();
  const { path, ask, asked } = journalIn(folder);
  const rows = new WholeJournal(await ask({}), ask);
  assert.equal(rows.count, COUNT);
  for (const index of [0, COUNT - 1, 1_234, 2_500, 4_321, 1, 3_000, 37]) {
    const before = asked();
    await rows.see(index, Math.min(COUNT - 1, index + 40));
    assert.equal(rows.at(index)?.seq, index + 1);
    assert.equal(rows.at(Math.min(COUNT - 1, index + 40))?.seq, Math.min(COUNT, index + 41));
    assert.ok(asked() - before <= 8, `${asked() - before} requests for row ${index}`);
  }
  const from = Deno.statSync(path).size;
  Deno.writeTextFileSync(path, lines(recorded([said("news")], COUNT)), { append: true });
  await rows.append(await ask({ from }));
  assert.deepEqual([rows.count, rows.at(COUNT)?.seq], [COUNT + 1, COUNT + 1]);
});

Deno.test("WholeJournal shows a line that it cannot read as one", async () => {
  using folder = new TempFolder();
  const path = folder.file("journal", `${lines(recorded([said("a")], 0))}{"seq":2\n${lines(recorded([said("c")], 2))}`);
  const ask = (query: JournalQuery) => Promise.resolve(readJournalPage(path, query));
  const rows = new WholeJournal(await ask({}), ask);
  assert.equal(await rows.see(0, 2), false);
  assert.deepEqual([0, 1, 2].map((index) => rows.at(index)?.type), ["agent.said", "", "agent.said"]);
});

Deno.test("FoundRows goes back through the whole journal, and takes of what is new what was asked for", async () => {
  using folder = new TempFolder();
  const { path, ask } = journalIn(folder, { search: "needle" });
  const rows = new FoundRows(await ask({}), ask);
  while (rows.hasMore) await rows.see(0);
  const expected = Array.from({ length: COUNT }, (_, index) => index + 1).filter((seq) => seq % 7 === 0);
  const found = () => Array.from({ length: rows.count }, (_, index) => rows.at(index)?.seq);
  assert.deepEqual(found(), expected);
  const from = Deno.statSync(path).size;
  Deno.writeTextFileSync(path, lines(recorded([said("hay"), said("a needle")], COUNT)), { append: true });
  await rows.append(readJournalPage(path, { from }));
  assert.deepEqual(found(), [...expected, COUNT + 2]);
});

/** Short lines at the beginning, long ones at the end; every seventh has the needle. */
function journalIn(folder: TempFolder, wish: { readonly search?: string } = {}): {
  readonly path: string;
  readonly ask: (query: JournalQuery) => Promise<ReturnType<typeof readJournalPage>>;
  readonly asked: () => number;
} {
  const events = Array.from(
    { length: COUNT },
    (_, index) => said(`${(index + 1) % 7 === 0 ? "needle" : "hay"} ${"x".repeat(index > 4_000 ? 900 : index % 50)}`),
  );
  const path = folder.file("journal", lines(recorded(events, 0)));
  let asked = 0;
  const ask = (query: JournalQuery): Promise<ReturnType<typeof readJournalPage>> => {
    asked++;
    return Promise.resolve(readJournalPage(path, { ...query, ...wish }));
  };
  return { path, ask, asked: () => asked };
}

function said(text: string): SessionEvent {
  return { type: "agent.said", text };
}

function recorded(events: readonly SessionEvent[], before: number): readonly RecordedEvent[] {
  return recordStory(events, { firstAtMs: Date.parse("2026-11-20T05:00:00Z"), stepMs: 10 })
    .map((event) => ({ ...event, seq: event.seq + before }));
}

function lines(events: readonly RecordedEvent[]): string {
  return events.map(eventLine).join("");
}
