import assert from "node:assert/strict";
import { noticesFor } from "../../src/listen/notices.ts";
import { settle } from "../../src/listen/settle.ts";
import { postsFor } from "../../src/listen/posts.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { atPlan, atQuestions, Phone, stopped } from "../helpers/phone.ts";

const CLOCK = /, \d\d:\d\d$/;

Deno.test("a settled post says who decided what and where, and has no offers", async () => {
  await using phone = new Phone();
  phone.session(atQuestions());
  const [first, , all] = phone.posts();
  await phone.taps("A) Postgres");
  await phone.replies(phone.posts()[0]?.id ?? "", "8080", { by: "slack:U7" });
  const news = () => ({ view: phone.view(), events: phone.events() });
  const settled = settle(first ?? assert.fail(), news());
  assert.equal(settled.text.replace(CLOCK, ""), "Q1: Which database?\nA) Postgres\nAnswered · 1 on Telegram");
  assert.deepEqual(
    [settled.id, settled.offers, settled.reply, settled.isSettled, settled.isSilent],
    [first?.id, [], "", true, true],
  );
  assert.equal(
    settle(all ?? assert.fail(), news()).text.replace(CLOCK, ""),
    "Q1: A) Postgres\nQ2: 8080\nAnswered · U7 on Slack",
  );
});

Deno.test("an approved, rejected, changed or withdrawn plan says so", async () => {
  const cases: readonly (readonly [RegExp, (phone: Phone) => unknown])[] = [
    [/\nApproved · 1 on Telegram, \d\d:\d\d$/, (phone) => phone.taps("Approve")],
    [/\nSent back: split it · 1 on Telegram, \d\d:\d\d$/, (phone) => phone.replies("plan", "split it")],
    [
      /\nApproved · a person at a terminal \(samocode approve\), /,
      (phone) => {
        const by = "a person at a terminal (samocode approve)";
        phone.append({ type: "gate.opened", gate: "plan_approval", by, document: undefined, sha256: undefined });
      },
    ],
    [/\nIt continues\.$/, (phone) => phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 })],
    [/\nWithdrawn: there is nothing left to decide here\.$/, () => undefined],
  ];
  for (const [text, act] of cases) {
    await using phone = new Phone();
    phone.session(atPlan());
    const [plan] = phone.posts();
    await act(phone);
    const settled = settle(plan ?? assert.fail(), { view: phone.view(), events: phone.events() });
    assert.match(settled.text, text);
    assert.match(settled.text, /^11-20-0500-plan-top\.md · 63 bytes/);
  }
});

Deno.test("a decision from before this rest settles nothing", async () => {
  await using phone = new Phone();
  const { documents, events } = atPlan();
  phone.session({
    ...(documents && { documents }),
    events: [{ type: "plan.rejected", feedback: "an earlier one", by: "telegram:1" }, ...events],
  });
  const [plan] = phone.posts();
  assert.match(settle(plan ?? assert.fail(), { view: phone.view(), events: phone.events() }).text, /\nWithdrawn: /);
});

Deno.test("a decision at a later rest settles nothing of an earlier one", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const [plan] = phone.posts();
  phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 });
  phone.append(stopped({ kind: "waiting", for: "plan_approval", gate: "plan_approval", detail: "again" }));
  phone.append({ type: "plan.rejected", feedback: "a later one", by: "telegram:1" });
  assert.match(settle(plan ?? assert.fail(), { view: phone.view(), events: phone.events() }).text, /\nIt continues\.$/);
});

Deno.test("a note from before a worker died is no decision about its death", async () => {
  await using phone = new Phone();
  const note = { type: "guidance.given", text: "be careful", by: "telegram:1" } as const;
  phone.session({ events: [note] });
  const [died] = phone.posts();
  phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 });
  const settled = settle(died ?? assert.fail(), { view: phone.view(), events: phone.events() });
  assert.match(settled.text, /\nIt continues\.$/);
});

Deno.test("reports and progress keep their text", async () => {
  await using phone = new Phone();
  phone.session({ events: [stopped({ kind: "done", summary: "All of it" })] });
  for (const post of postsFor(phone.view(), phone.book)) {
    const settled = settle(post, { view: phone.view(), events: [] });
    assert.deepEqual([settled.text, settled.isSettled], [post.text, true]);
  }
});

const RETRIED = { type: "iteration.retried", iteration: 1, attempt: 2, repair: false } as const;
const outage = (
  tries: number,
) => ({ for: "outage", since: "2026-01-02T03:00:00.000Z", tries, until: "2026-01-02T09:00:00.000Z" } as const);

Deno.test("fallbacks, long waits, lasting outages and a budget that runs out are reported, and nothing else", async () => {
  await using phone = new Phone();
  phone.session({ events: [] });
  const events = [
    {
      ...RETRIED,
      because: "no quota",
      delayMs: 0,
      fallback: { instead: "claude", provider: "codex", until: undefined },
    },
    { ...RETRIED, because: "503", delayMs: 600_001, wait: outage(8) },
    { ...RETRIED, because: "503", delayMs: 60_000, wait: outage(7) },
    { ...RETRIED, because: "usage limit", delayMs: 7_200_000, wait: { for: "limit" } },
    { ...RETRIED, because: "a hiccup", delayMs: 600_000 },
    { type: "budget.warned", measure: "cost", span: "session", spent: 37.6, limit: 50, day: "2026-01-02" },
    { type: "guidance.given", by: "x", text: "y" },
  ] as const;
  const recorded = events.map((event, index): RecordedEvent => ({
    ...event,
    seq: index + 10,
    at: "2026-01-02T03:04:05.000Z",
  }));
  const notices = noticesFor(recorded, phone.view(), phone.book);
  assert.deepEqual(
    notices.map(({ id, mark, title, text }) => [id, mark, title.replace(/\d\d-\d\d \d\d:\d\d/, "T"), text]),
    [
      ["notice 10", "🔁", "top: codex takes over from claude", "no quota"],
      ["notice 11", "⏳", "top: outage, retrying until T", "503"],
      ["notice 13", "⏳", "top: waiting for 2h 00m", "usage limit"],
      ["notice 15", "💸", "top: most of the budget is used up", "$37.60 of $50.00 for this session"],
    ],
  );
  assert.ok(notices.every(({ topic, offers }) => topic === "limit" && offers.length === 0));
});
