import assert from "node:assert/strict";
import { localMoment } from "../../../src/text/format.ts";
import { fanOut, type ListenerFailed } from "../../../src/listeners/fan_out.ts";
import {
  MAX_MESSAGE_LENGTH,
  messageFor,
  telegramListener,
  type TelegramOptions,
} from "../../../src/channels/telegram/listener.ts";
import type { RecordedEvent, SessionEvent } from "../../../src/workflow/session_event.ts";
import type { Outcome } from "../../../src/workflow/run_events.ts";
import { STORY } from "../../helpers/story_events.ts";

const TOKEN = "12345:very-secret_Token";
const STAMP = { seq: 1, at: "2026-11-20T05:02:11.123Z" };

Deno.test("telegramListener() posts one message, as the bot, to the chat", async () => {
  await using server = startServer(() => new Response("{}"));
  const listener = telegramListener(optionsFor(server));
  await listener.hear(stopped({ kind: "done", summary: "All <b>green</b> & merged" }));
  await listener.close?.();
  assert.deepEqual(server.requests, [{
    method: "POST",
    path: `/bot${TOKEN}/sendMessage`,
    type: "application/json",
    body: {
      chat_id: "42",
      text: "<b>✅ auth-refresh: done</b>\nAll &lt;b&gt;green&lt;/b&gt; &amp; merged",
      parse_mode: "HTML",
    },
  }]);
});

Deno.test("messageFor() has messages for ends, long waits and a budget that runs out only", () => {
  assert.deepEqual(STORY.flatMap((event) => messageFor(event, { sessionName: "s" }) ?? []), [
    "<b>✋ s: waiting for you</b>\n3 questions in _qa.md",
    "<b>⏳ s: waiting for 3h 12m</b>\nThe agent hit a usage limit until 09:00",
    "<b>💸 s: most of the budget is used up</b>\n$37.60 of $50.00 for this session",
    "<b>✅ s: done</b>\nTokens are refreshed a minute before they expire; 14 tests added, all green. Branch ada/auth-refresh",
  ]);
  const outcomes: readonly Outcome[] = [
    { kind: "blocked", reason: "No key", needs: "human_decision" },
    { kind: "failed", reason: "No agent" },
    { kind: "stopped", by: "ada" },
  ];
  assert.deepEqual(outcomes.map((outcome) => messageFor(stopped(outcome), { sessionName: "s" })), [
    "<b>⛔ s: blocked</b>\nNo key · needs a decision",
    "<b>❌ s: failed</b>\nNo agent",
    undefined,
  ]);
  assert.equal(messageFor(retried(600_000), { sessionName: "s" }), undefined);
  assert.equal(messageFor(retried(600_001), { sessionName: "s" }), "<b>⏳ s: waiting for 10m 00s</b>\na limit");
});

Deno.test("telegramListener() says what was checked when a session is done", async () => {
  const sent: string[] = [];
  const fetch = (_url: unknown, init?: RequestInit): Promise<Response> => {
    sent.push(JSON.parse(String(init?.body)).text);
    return Promise.resolve(Response.json({ ok: true }));
  };
  const listener = telegramListener({ token: "1:a", chatId: "7", sessionName: "s", fetch });
  const start: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 1, checks: [] };
  await listener.hear({ ...start, ...STAMP });
  await listener.hear(stopped({ kind: "done", summary: "All of it" }));
  await listener.close?.();
  assert.deepEqual(sent, ["<b>✅ s: done</b>\nAll of it · unchecked: .samocode sets no CHECK"]);
});

Deno.test("messageFor() names the fallback and its reason", () => {
  const fallback = { instead: "claude", provider: "codex", until: "2026-11-20T14:00:00.000Z" };
  const message = (until: string | undefined): string | undefined => {
    const event = retried(0);
    if (event.type !== "iteration.retried") return undefined;
    return messageFor({ ...event, fallback: { ...fallback, until } }, { sessionName: "s" });
  };
  assert.deepEqual([message(fallback.until), message(undefined)], [
    `<b>🔁 s: codex takes over from claude until ${localMoment(fallback.until)}</b>\na limit`,
    "<b>🔁 s: codex takes over from claude</b>\na limit",
  ]);
});

Deno.test("messageFor() stays within Telegram's limit and never cuts an entity or a character", () => {
  for (const unit of ["x", "&", "<>", "🎉", "a&b🎉"]) {
    for (let extra = 0; extra < 12; extra++) {
      const summary = "x".repeat(extra) + unit.repeat(5000);
      const text = messageFor(stopped({ kind: "done", summary }), { sessionName: "<&>".repeat(30) }) ?? "";
      assert.ok(text.length <= MAX_MESSAGE_LENGTH && text.length > MAX_MESSAGE_LENGTH / 3, `${unit}: ${text.length}`);
      assert.match(text, /^<b>([^<>&]|&(amp|lt|gt);)+<\/b>\n([^<>&]|&(amp|lt|gt);)+…$/);
      assert.ok(text.isWellFormed());
    }
  }
});

Deno.test("telegramListener() retries once after a 500", async () => {
  await using server = startServer((count) => new Response("{}", { status: count === 1 ? 500 : 200 }));
  await telegramListener(optionsFor(server)).hear(stopped({ kind: "failed", reason: "No agent" }));
  assert.equal(server.requests.length, 2);
});

Deno.test("telegramListener() waits before the retry as long as a 429 asks", async () => {
  const busy = JSON.stringify({ ok: false, parameters: { retry_after: 0.01 } });
  await using server = startServer((count) => new Response(busy, { status: count === 1 ? 429 : 200 }));
  // With its own pause this test would not end.
  const listener = telegramListener({ ...optionsFor(server), retryDelayMs: 1_000_000_000 });
  await listener.hear(stopped({ kind: "failed", reason: "No agent" }));
  assert.equal(server.requests.length, 2);
});

Deno.test("telegramListener() does not retry a permanent failure, and reports it without the token", async () => {
  const answer = JSON.stringify({ ok: false, description: `Unauthorized: bot${TOKEN} \u001b[31m` });
  await using server = startServer(() => new Response(answer, { status: 401 }));
  await assert.rejects(
    async () => await telegramListener(optionsFor(server)).hear(stopped({ kind: "failed", reason: "No agent" })),
    new Error("Telegram answered 401: Unauthorized: bot…"),
  );
  assert.equal(server.requests.length, 1);
});

Deno.test("telegramListener() is reported once through fanOut() if it fails twice", async () => {
  await using server = startServer(() => new Response("oops", { status: 502 }));
  const end = stopped({ kind: "failed", reason: "No agent" });
  const { reports, heard } = await fanOutTo([retried(700_000), end], optionsFor(server));
  const failed: ListenerFailed = { type: "listener.failed", listener: "telegram", detail: "Telegram answered 502" };
  assert.deepEqual(reports, [failed]);
  assert.deepEqual(heard.map((event) => event.type), ["iteration.retried", "session.stopped", "listener.failed"]);
});

Deno.test("telegramListener() never reveals the token if nothing answers", async () => {
  const apiBase = `http://127.0.0.1:${closedPort()}`;
  const { reports } = await fanOutTo([stopped({ kind: "failed", reason: "x" })], { ...optionsFor({ apiBase }) });
  assert.equal(reports.length, 1);
  const detail = reports[0]?.detail ?? "";
  assert.match(detail, /^Cannot reach Telegram: /);
  assert.doesNotMatch(detail, /12345|secret|127\.0\.0\.1.*bot/);
});

Deno.test("telegramListener() keeps the token out of errors and messages", async () => {
  const sent: string[] = [];
  const fetch = (url: unknown, init?: { readonly body?: unknown }): Promise<Response> => {
    sent.push(String(init?.body));
    return Promise.reject(new TypeError(`error sending request for url (${url}): refused`));
  };
  const listener = telegramListener({ ...optionsFor({ apiBase: "http://127.0.0.1:1" }), fetch });
  await assert.rejects(
    async () => await listener.hear(stopped({ kind: "failed", reason: `The token is ${TOKEN}` })),
    (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.message, "Cannot reach Telegram: error sending request for url (…): refused");
      assert.equal(error.cause, undefined);
      return true;
    },
  );
  assert.deepEqual(sent.map((body) => body.includes(TOKEN)), [false, false]);
});

Deno.test("telegramListener() gives up on a server that never answers", async () => {
  await using server = startServer(() => new Promise(() => {}));
  const listener = telegramListener({ ...optionsFor(server), timeoutMs: 30 });
  await assert.rejects(
    async () => await listener.hear(stopped({ kind: "failed", reason: "No agent" })),
    new Error("Telegram did not answer within 0.03 s"),
  );
});

Deno.test("telegramListener() does not block hear(), and close() gives up on a hanging server", async () => {
  await using server = startServer(() => new Promise(() => {}));
  const listener = telegramListener({ ...optionsFor(server), timeoutMs: 1_000_000, closeWithinMs: 30 });
  const hearings = [retried(700_000), stopped({ kind: "failed", reason: "x" })].map((event) => listener.hear(event));
  await listener.close?.();
  const late = { status: "rejected", reason: new Error("Telegram did not answer before the end of the run") };
  assert.deepEqual(await Promise.allSettled(hearings), [late, late]);
});

Deno.test("telegramListener() sends its messages in order, one at a time", async () => {
  let underWay = 0;
  await using server = startServer(async (count) => {
    underWay++;
    assert.equal(underWay, 1);
    if (count === 1) await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return new Response("{}");
  });
  const listener = telegramListener(optionsFor(server));
  const hearings = [650_000, 660_000, 720_000].map((ms) => listener.hear(retried(ms)));
  await listener.close?.();
  await Promise.all(hearings);
  assert.deepEqual(server.requests.map(({ body }) => body.text.split("\n")[0]), [
    "<b>⏳ auth-refresh: waiting for 10m 50s</b>",
    "<b>⏳ auth-refresh: waiting for 11m 00s</b>",
    "<b>⏳ auth-refresh: waiting for 12m 00s</b>",
  ]);
});

Deno.test("messageFor() tells once of an outage that lasts", () => {
  const until = "2026-11-20T18:00:00.000Z";
  const messages = [1, 7, 8, 9, 60].map((tries) =>
    messageFor({ ...retried(300_000), wait: { for: "outage", since: STAMP.at, tries, until } } as RecordedEvent, {
      sessionName: "top",
    })
  );
  assert.deepEqual(messages, [
    undefined,
    undefined,
    `<b>⏳ top: in an outage, trying again until ${localMoment(until)}</b>\na limit`,
    undefined,
    undefined,
  ]);
});

function stopped(outcome: Outcome): RecordedEvent {
  return { type: "session.stopped", outcome, ...STAMP };
}

function retried(delayMs: number): RecordedEvent {
  return { type: "iteration.retried", iteration: 1, attempt: 2, because: "a limit", delayMs, repair: false, ...STAMP };
}

function optionsFor({ apiBase }: { readonly apiBase: string }): TelegramOptions {
  return { token: TOKEN, chatId: "42", apiBase, sessionName: "auth-refresh", retryDelayMs: 0 };
}

async function fanOutTo(
  events: readonly RecordedEvent[],
  options: TelegramOptions,
): Promise<{ readonly reports: readonly ListenerFailed[]; readonly heard: readonly SessionEvent[] }> {
  const reports: ListenerFailed[] = [];
  const heard: SessionEvent[] = [];
  const other = { name: "other", hear: (event: RecordedEvent): void => void heard.push(event) };
  const report = (event: ListenerFailed): Promise<RecordedEvent> => {
    reports.push(event);
    return Promise.resolve({ ...event, ...STAMP });
  };
  const source = (async function* (): AsyncGenerator<RecordedEvent> {
    for (const event of events) yield await Promise.resolve(event);
  })();
  for await (const _ of fanOut(source, [telegramListener(options), other], { report }));
  return { reports, heard };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly type: string | null;
  readonly body: { readonly text: string };
}

interface Server extends AsyncDisposable {
  readonly apiBase: string;
  readonly requests: readonly Request[];
}

/** A real server on the loopback; `answer` is told which request it answers, from 1. */
function startServer(answer: (count: number) => Response | Promise<Response>): Server {
  const requests: Request[] = [];
  const closing = new AbortController();
  const closed = new Promise<Response>((resolve) =>
    closing.signal.addEventListener("abort", () => resolve(new Response(null, { status: 503 })))
  );
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    requests.push({
      method: request.method,
      path,
      type: request.headers.get("content-type"),
      body: await request.json(),
    });
    return await Promise.race([answer(requests.length), closed]);
  });
  return {
    apiBase: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await server.shutdown();
    },
  };
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
