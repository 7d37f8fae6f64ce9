import assert from "node:assert/strict";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { viewOf } from "../helpers/session_view.ts";
import { join } from "node:path";
import { createListeners, type ListenerContext } from "../../src/operations/run_here.ts";
import { EVENTS } from "../../src/workflow/session_event.ts";
import { instant } from "../console/virtual_terminal.ts";
import { STORY } from "../helpers/story_events.ts";

Deno.test("STORY has every kind of event", () => {
  assert.deepEqual([...new Set(STORY.map((event) => event.type))].sort(), Object.keys(EVENTS).sort());
});

for (const name of ["console", "log_file", "signal_history", "telegram"]) {
  for (const isTerminal of [true, false]) {
    Deno.test(`${name} hears a whole story and closes, ${isTerminal ? "on a terminal" : "without a terminal"}`, async () => {
      await using stage = makeStage({ isTerminal });
      const listeners = await createListeners(stage.context);
      const listener = listeners.find((each) => each.name === name) ?? assert.fail("not configured");
      await Promise.all(STORY.map((event) => listener.hear(event)));
      await listener.close?.();
      const written = stage.written();
      assert.notEqual(written, "");
      if (!isTerminal) assert.doesNotMatch(written, /[^\P{Cc}\n]|\p{Cf}/u);
    });
  }
}

Deno.test("createListeners() creates each configured listener once", async () => {
  await using stage = makeStage({ isTerminal: false });
  const { context } = stage;
  const names = async (changes: Partial<ListenerContext>): Promise<readonly string[]> =>
    (await createListeners({ ...context, ...changes })).map((listener) => listener.name);
  assert.deepEqual(await names({}), ["console", "log_file", "signal_history", "telegram"]);
  const none = { terminal: undefined, channels: {} };
  assert.deepEqual(await names(none), ["log_file", "signal_history"]);
});

interface Stage extends AsyncDisposable {
  readonly context: ListenerContext;
  /** All that listeners wrote: screen, files, messages. */
  readonly written: () => string;
}

function makeStage({ isTerminal }: { readonly isTerminal: boolean }): Stage {
  const folder = Deno.makeTempDirSync();
  const texts: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    texts.push((await request.json()).text);
    return Response.json({ ok: true });
  });
  const context: ListenerContext = {
    sessionName: "auth-refresh",
    paths: { sessionLog: join(folder, "session.log"), signalHistory: join(folder, "_signal_history.jsonl") },
    terminal: {
      output: instant((text) => void texts.push(text)),
      columns: () => 80,
      rows: () => 24,
      isTerminal,
      color: true,
    },
    channels: {
      telegram: { token: "1:secret", chatId: "42", userIds: "", apiBase: `http://127.0.0.1:${server.addr.port}` },
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
    [Symbol.asyncDispose]: async () => {
      await server.shutdown();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
