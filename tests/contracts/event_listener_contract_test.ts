import assert from "node:assert/strict";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { viewOf } from "../helpers/session_view.ts";
import { join } from "node:path";
import { createEventListeners, type EventListenerContext } from "../../src/operations/run_listeners.ts";
import { EVENTS } from "../../src/workflow/session_event.ts";
import { instant } from "../console/virtual_terminal.ts";
import { STORY } from "../helpers/story_events.ts";

Deno.test("STORY has every kind of event", () => {
  assert.deepEqual([...new Set(STORY.map((event) => event.type))].sort(), Object.keys(EVENTS).sort());
});

for (const name of ["console", "log_file", "signal_history"]) {
  for (const isTerminal of [true, false]) {
    Deno.test(`${name} hears a whole story and closes, ${isTerminal ? "on a terminal" : "without a terminal"}`, async () => {
      using stage = makeStage({ isTerminal });
      const listeners = createEventListeners(stage.context);
      const listener = listeners.find((each) => each.name === name) ?? assert.fail("not configured");
      await Promise.all(STORY.map((event) => listener.hear(event)));
      await listener.close?.();
      const written = stage.written();
      assert.notEqual(written, "");
      if (!isTerminal) assert.doesNotMatch(written, /[^\P{Cc}\n]|\p{Cf}/u);
    });
  }
}

Deno.test("createEventListeners() creates each listener once, and the console where there is a terminal", () => {
  using stage = makeStage({ isTerminal: false });
  const { context } = stage;
  const names = (changes: Partial<EventListenerContext>): readonly string[] =>
    createEventListeners({ ...context, ...changes }).map((listener) => listener.name);
  assert.deepEqual(names({}), ["console", "log_file", "signal_history"]);
  assert.deepEqual(names({ terminal: undefined }), ["log_file", "signal_history"]);
});

interface Stage extends Disposable {
  readonly context: EventListenerContext;
  /** All that listeners wrote: screen and files. */
  readonly written: () => string;
}

function makeStage({ isTerminal }: { readonly isTerminal: boolean }): Stage {
  const folder = Deno.makeTempDirSync();
  const texts: string[] = [];
  const context: EventListenerContext = {
    sessionName: "auth-refresh",
    paths: { sessionLog: join(folder, "session.log"), signalHistory: join(folder, "_signal_history.jsonl") },
    terminal: {
      output: instant((text) => void texts.push(text)),
      columns: () => 80,
      rows: () => 24,
      isTerminal,
      color: true,
    },
    nextSteps: () => ({ documents: [], commands: ["samocode status auth-refresh"] }),
    view: () => viewOf(NO_HISTORY),
    history: () => NO_HISTORY,
    before: NO_HISTORY,
  };
  const files = (): readonly string[] =>
    [...Deno.readDirSync(folder)].map((entry) => Deno.readTextFileSync(join(folder, entry.name)));
  return {
    context,
    written: () => [...texts, ...files()].join(""),
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
