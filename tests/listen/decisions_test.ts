import assert from "node:assert/strict";
import { join } from "node:path";
import type { Act } from "../../src/listen/act.ts";
import { Inbox } from "../../src/listen/inbox.ts";
import { OFFER_LASTS_MS } from "../../src/listen/offers.ts";
import { completeAct } from "../../src/listen/read_reply.ts";
import { approvePlan } from "../../src/operations/approve_plan.ts";
import { guideSession } from "../../src/operations/guide_session.ts";
import { openSession } from "../../src/operations/samocode.ts";
import { hashOf } from "../../src/trust/seen_file.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { atPlan, atQuestions, type Doing, Phone, PLAN, stopped } from "../helpers/phone.ts";

/** Who decided what. */
function decided(phone: Phone, name = "top"): readonly (readonly string[])[] {
  return phone.events(name).flatMap((event) =>
    "by" in event && event.type !== "phase.entered" ? [[event.type, event.by ?? ""]] : []
  );
}

const NO_LIMITS = { cost: undefined, tokens: undefined, starts: undefined, time: undefined };

const QUEUED = "top is queued: other sessions are running.";

Deno.test("a button and a reply answer the questions, the last answer opens the gate, and the session continues", async () => {
  await using phone = new Phone();
  const folder = phone.session(atQuestions());
  assert.equal(await phone.taps("A) Postgres"), "Answered Q1. 1 question left.");
  assert.deepEqual(phone.posts().map(({ title }) => title), ["top asks Q2: Which port?"]);
  const reply = phone.replies(phone.posts()[0]?.id ?? "", "8080, behind the proxy", { by: "slack:U7" });
  assert.equal(await reply, `Answered Q2. ${QUEUED}`);
  assert.deepEqual(Deno.readTextFileSync(join(folder, "_qa.md")).match(/^\*\*Answer:.*$/gm), [
    "**Answer:** A",
    "**Answer:** 8080, behind the proxy",
  ]);
  assert.deepEqual(decided(phone), [
    ["answers.given", "telegram:1"],
    ["answers.given", "slack:U7"],
    ["gate.opened", "slack:U7"],
    ["session.queued", "slack:U7"],
  ]);
});

Deno.test("all suggestions are accepted at once, except for questions that are already answered", async () => {
  await using phone = new Phone();
  const text = "### Q1: A?\n\nA) x\nB) y\n\n**Suggestion:** A\n\n**Answer:** _waiting_\n\n" +
    "### Q2: B?\n\n**Suggestion:** as it is\n\n**Answer:** _waiting_\n";
  const folder = phone.session(atQuestions(text));
  const all = phone.nonce("All as suggested");
  await phone.taps("B) y", { by: "slack:U7" });
  assert.equal(await phone.does({ kind: "tap", nonce: all }), `Answered Q2. ${QUEUED}`);
  assert.match(Deno.readTextFileSync(join(folder, "_qa.md")), /\*\*Answer:\*\* B\n[^]*\*\*Answer:\*\* as it is\n/);
});

Deno.test("a reply can name other questions, replace an answer, or ask for a question's background", async () => {
  await using phone = new Phone();
  phone.session(atQuestions());
  assert.match(await phone.replies("answers", "?"), /^### Q1: Which database\?\n\nIt must survive a restart\./);
  assert.equal(
    await phone.replies("answers", "Q1=Z"),
    "Cannot answer: Q1 cannot be Z: the options are A, B. Open questions: Q1, Q2; nothing was written.",
  );
  await phone.taps("A) Postgres", { by: "slack:U7" });
  assert.equal(
    await phone.replies("answers", "Q1=B\nQ2=8080"),
    `Answered Q1, Q2. Previously: Q1: A) Postgres (U7 on Slack). ${QUEUED}`,
  );
});

Deno.test("the second person to decide is told who was first, and nothing else happens", async () => {
  await using phone = new Phone();
  phone.session(atQuestions());
  const [first, second] = [phone.nonce("A) Postgres"), phone.nonce("B) SQLite")];
  const told = await Promise.all([
    phone.does({ kind: "tap", nonce: first }, { by: "telegram:1" }),
    phone.does({ kind: "tap", nonce: second }, { by: "slack:U7", channel: "slack" }),
  ]);
  assert.deepEqual(told, [
    "Answered Q1. 1 question left.",
    "This is already settled. Q1: A) Postgres (1 on Telegram)",
  ]);
  assert.deepEqual(decided(phone), [["answers.given", "telegram:1"]]);
});

Deno.test("the second person to decide on a plan is told who was first, even after the session continued", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const approve = phone.nonce("Approve");
  assert.equal(
    await phone.replies("plan", "split phase 2", { by: "ntfy:alerts" }),
    `The plan goes back to the agent. ${QUEUED}`,
  );
  const late = "This is already settled. Sent back: split phase 2 · alerts on ntfy";
  assert.equal(await phone.does({ kind: "tap", nonce: approve }), late);
  phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 });
  assert.equal(await phone.does({ kind: "tap", nonce: approve }), late);
  assert.deepEqual(decided(phone).filter(([type]) => type === "gate.opened"), []);
});

Deno.test("a nonce works once: a replayed, an expired, a forged and a dropped one do nothing", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const nonce = phone.nonce("Approve");
  const said = { kind: "tap", nonce } as const;
  assert.equal(await phone.does(said), `Approved. ${QUEUED}`);
  assert.equal(await phone.does(said, { by: "telegram:2" }), "This is already settled. (1 on Telegram)");
  await phone.restart();
  assert.equal(await phone.does(said), "This is already settled. (1 on Telegram)");
  assert.equal(await phone.does({ kind: "tap", nonce: "0".repeat(32) }), "This is already settled.");
  phone.session(atPlan(PLAN, "other"));
  const old = phone.nonce("Approve", "other");
  phone.nowMs += OFFER_LASTS_MS + 1;
  assert.equal(await phone.does({ kind: "tap", nonce: old }), "This is already settled.");
  assert.deepEqual(decided(phone, "other"), []);
  assert.deepEqual(decided(phone).map(([type]) => type), ["gate.opened", "session.queued"]);
});

Deno.test("a message that is delivered twice counts once, even across a restart", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const doing = { key: "update 7" };
  assert.equal(
    await phone.does({ kind: "message", text: "guide look at the log" }, doing),
    "The next agent of top gets your note.",
  );
  for (const again of [1, 2]) {
    const answer = () => Promise.reject(new Error(`told again ${again}`));
    const heard = { by: "telegram:1", key: "update 7", said: { kind: "message", text: "guide x" }, answer } as const;
    await phone.decisions.hear(heard, { channel: "telegram", refusal: undefined });
    await phone.restart();
  }
  assert.deepEqual(decided(phone), [["guidance.given", "telegram:1"]]);
});

Deno.test("a plan that changed is not approved; it is a new post, and its own button approves it", async () => {
  await using phone = new Phone();
  const folder = phone.session(atPlan());
  const [before] = phone.posts();
  const old = phone.nonce("Approve");
  const path = join(folder, "11-20-0500-plan-top.md");
  Deno.writeTextFileSync(path, `${PLAN}- [ ] Phase 3: rm -rf /\n`);
  const refused = await phone.does({ kind: "tap", nonce: old });
  assert.match(refused, /^Cannot approve: 11-20-0500-plan-top.md changed since it was shown\. Read it again/);
  assert.deepEqual(decided(phone), []);
  const [after] = phone.posts();
  assert.notEqual(after?.id, before?.id);
  assert.match(after?.text ?? "", /rm -rf/);
  assert.match(await phone.does({ kind: "reply", handle: before?.id ?? "", text: "no" }), /^Cannot send the plan back/);
  assert.equal(await phone.taps("Approve"), `Approved. ${QUEUED}`);
  const sha256 = hashOf(Deno.readTextFileSync(path));
  assert.deepEqual(phone.events().flatMap((event) => event.type === "gate.opened" ? [event.sha256] : []), [sha256]);
});

Deno.test("an answer is for the question that was shown: a changed one is not answered", async () => {
  await using phone = new Phone();
  const folder = phone.session(atQuestions());
  const nonce = phone.nonce("A) Postgres");
  const path = join(folder, "_qa.md");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("A) Postgres", "A) Send all data away"));
  assert.equal(
    await phone.does({ kind: "tap", nonce }),
    "Cannot answer Q1: it has changed since you saw it. Read it again.",
  );
  assert.deepEqual(decided(phone), []);
});

const NOTE = { verb: "guide", text: "be quick" } as const;

/** Acts that a listener took, with the event that says they are done. */
const TAKEN: readonly (readonly [string, (phone: Phone) => Act | undefined, RecordedEvent["type"]])[] = [
  ["note", () => NOTE, "guidance.given"],
  ["approval", (phone) => phone.book.find(phone.nonce("Approve"))?.act, "gate.opened"],
  ["feedback", (phone) => {
    const [plan] = phone.posts();
    const act = phone.book.findReply(phone.view().status.folder, plan?.id ?? "");
    return act && completeAct(act, "split it");
  }, "plan.rejected"],
];

/** Leaves the inbox as a listener does that ends right after it took an act, and starts the next one. */
async function takenBefore(phone: Phone, act: Act, cursor: number): Promise<void> {
  {
    using inbox = new Inbox(phone.listenerFolder);
    inbox.take({ key: "telegram earlier", by: "telegram:1", session: phone.view().status.folder, act, cursor });
  }
  await phone.restart();
  phone.decisions.finishEarlier();
  await phone.end();
  {
    using inbox = new Inbox(phone.listenerFolder);
    assert.deepEqual(inbox.waiting, []);
  }
  await phone.restart();
}

Deno.test("an order that a listener stored before it ended waits until its session can be read", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const { folder, cursor } = phone.view().status;
  const act = phone.book.find(phone.nonce("Approve"))?.act ?? assert.fail();
  {
    using inbox = new Inbox(phone.listenerFolder);
    inbox.take({ key: "telegram earlier", by: "telegram:1", session: folder, act, cursor });
  }
  phone.isUnreadable = true;
  await phone.restart();
  phone.decisions.finishEarlier();
  assert.equal(phone.decisions.isBusy, false);
  phone.isUnreadable = false;
  phone.decisions.finishEarlier();
  await phone.end();
  assert.deepEqual(decided(phone)[0], ["gate.opened", "telegram:1"]);
});

for (const [name, find, type] of TAKEN) {
  const count = (phone: Phone, type: string) => phone.events().filter((event) => event.type === type).length;

  Deno.test(`${name}: what a listener took before it ended is done by the next one, once`, async () => {
    await using phone = new Phone();
    phone.session(atPlan());
    const act = find(phone) ?? assert.fail();
    const { cursor } = phone.view().status;
    await takenBefore(phone, act, cursor);
    assert.deepEqual([count(phone, type), count(phone, "session.queued")], [1, name === "note" ? 0 : 1]);
    assert.deepEqual(decided(phone)[0], [type, "telegram:1"]);
    await takenBefore(phone, act, cursor);
    assert.equal(count(phone, type), 1);
  });

  Deno.test(`${name}: what is in the journal already is not done again, but the session goes on`, async () => {
    await using phone = new Phone();
    phone.session(atPlan());
    const act = find(phone) ?? assert.fail();
    const { cursor } = phone.view().status;
    const by = "telegram:1";
    {
      using folder = openSession(phone.samocode, "top");
      if (act.verb === "guide") await guideSession(folder, { text: act.text, by });
      if (act.verb === "approve") await approvePlan(folder, { feedback: undefined, sha256: act.sha256, by });
      if (act.verb === "revise") await approvePlan(folder, { feedback: act.feedback, sha256: act.sha256, by });
    }
    await takenBefore(phone, act, cursor);
    assert.deepEqual([count(phone, type), count(phone, "session.queued")], [1, name === "note" ? 0 : 1]);
  });
}

Deno.test("a note that was recorded before its listener ended is not recorded again, but the session continues", async () => {
  await using phone = new Phone();
  phone.session({ events: [stopped({ kind: "blocked", reason: "No network", needs: "human_decision" })] });
  const [post] = phone.posts();
  const { cursor, folder } = phone.view().status;
  const act = completeAct(phone.book.findReply(folder, post?.id ?? "") ?? assert.fail(), "try again");
  phone.append({ type: "guidance.given", text: "try again", by: "telegram:1" });
  await takenBefore(phone, act, cursor);
  assert.deepEqual(decided(phone).map(([type]) => type), ["guidance.given", "session.queued"]);
});

Deno.test("answers that were written before their listener ended still open the gate", async () => {
  await using phone = new Phone();
  const folder = phone.session(atQuestions("### Q1: A?\n\n**Answer:** _waiting_\n"));
  const [post] = phone.posts();
  const { cursor } = phone.view().status;
  const act = completeAct(phone.book.findReply(folder, post?.id ?? "") ?? assert.fail(), "so");
  const path = join(folder, "_qa.md");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("_waiting_", "so"));
  await takenBefore(phone, act, cursor);
  assert.deepEqual(decided(phone).map(([type]) => type), ["gate.opened", "session.queued"]);
});

Deno.test("an act on a run that is over does nothing, whatever it was", async () => {
  await using phone = new Phone();
  phone.session({ events: [stopped({ kind: "blocked", reason: "No network", needs: "human_decision" })] });
  const nonce = phone.nonce("Continue");
  phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 });
  phone.append(stopped({ kind: "blocked", reason: "No disk", needs: "human_decision" }));
  assert.equal(await phone.does({ kind: "tap", nonce }), "This is already settled.");
  assert.equal(await phone.taps("Continue"), QUEUED);
  assert.deepEqual(decided(phone)[0], ["resume.requested", "telegram:1"]);
});

Deno.test("a blocked session continues with the note of a reply", async () => {
  await using phone = new Phone();
  phone.session({ events: [stopped({ kind: "blocked", reason: "Which key?", needs: "clarification" })] });
  assert.equal(await phone.taps("Later"), "Nothing was decided. The session is still waiting for you.");
  assert.equal(await phone.replies("session.blocked", "the old one"), QUEUED);
  assert.deepEqual(decided(phone), [["guidance.given", "telegram:1"], ["session.queued", "telegram:1"]]);
});

Deno.test("a budget is raised by a button or to the limit in a reply, and the session goes on", async () => {
  await using phone = new Phone({ SAMOCODE_MAX_COST: "10" });
  const used = { ...NO_USAGE, costUsd: 12 };
  const limits = { session: { ...NO_LIMITS, cost: 10 }, day: NO_LIMITS };
  const events: readonly SessionEvent[] = [
    { type: "session.started", provider: "demo", version: "1", pid: 1, limits },
    { type: "iteration.started", iteration: 1, attempt: 1, phase: "investigation", marker: "m", log: "1" },
    {
      ...{
        type: "iteration.ended",
        iteration: 1,
        attempt: 1,
        phase: "investigation",
        end: { kind: "finished" },
      } as const,
      ...{ durationMs: 1, usage: used, denials: 0, unrecorded: 0 },
    },
    stopped({ kind: "waiting", for: "budget", gate: undefined, detail: "$12.00 of $10.00 for this session" }),
  ];
  phone.session({ events });
  const [post] = phone.posts();
  assert.deepEqual(post?.offers.map(({ label }) => label), ["Raise to $22.00", "Later"]);
  assert.match(
    await phone.replies("budget", "5"),
    /^Cannot raise the budget of top to \$5\.00\. Name more than \$10\.00/,
  );
  assert.equal(await phone.replies("budget", "$50"), `The budget is raised. ${QUEUED}`);
  assert.deepEqual(
    phone.events().flatMap((event) => event.type === "budget.raised" ? [[event.raised, event.by]] : []),
    [
      [[{ measure: "cost", span: "session", to: 50 }], "telegram:1"],
    ],
  );
});

Deno.test("checks that fail before any change are accepted as they are", async () => {
  await using phone = new Phone();
  phone.session({
    events: [stopped({ kind: "waiting", for: "red_baseline", gate: undefined, detail: "npm test fails" })],
  });
  assert.equal(await phone.taps("Continue anyway"), QUEUED);
  assert.deepEqual(decided(phone)[0], ["baseline.accepted", "telegram:1"]);
});

Deno.test("questions of the same name are asked one after the other", async () => {
  await using phone = new Phone();
  const folder = phone.session(
    atQuestions("### Q1: A?\n\n**Answer:** _waiting_\n\n### Q1: B?\n\n**Answer:** _waiting_\n"),
  );
  assert.deepEqual(phone.posts().map(({ title }) => title), ["top asks Q1: B?"]);
  assert.equal(await phone.replies("answers", "second"), "Answered Q1. 1 question left.");
  const [post] = phone.posts();
  assert.equal(post?.title, "top asks Q1: A?");
  assert.equal(await phone.replies(post?.id ?? "", "first"), `Answered Q1. ${QUEUED}`);
  assert.match(Deno.readTextFileSync(join(folder, "_qa.md")), /A\?\n\n.* first\n[^]*B\?\n\n.* second\n/);
});

Deno.test("commands: list, status, guide and stop, with a name and without", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const says = (text: string, doing?: Doing) => phone.does({ kind: "message", text }, doing);
  assert.match(await says("/status@bot"), /^✋ top: Add --top\nWaiting for you: Approve the plan\nrepo · planning/);
  assert.equal(await says("guide be quick"), "The next agent of top gets your note.");
  phone.session(atQuestions(undefined, "other"));
  assert.match(
    await says("list"),
    /^✋ top: waiting for approval of its plan · planning · \d.* · plan 0\/2\n✋ other: waiting for answers · init$/,
  );
  assert.equal(await says("guide be quick"), "Cannot tell which of 2 sessions you mean. Name one of: top, other.");
  assert.equal(await says("guide other be quick"), "The next agent of other gets your note.");
  assert.equal(await says("guide repo/other be quick"), "The next agent of other gets your note.");
  assert.equal(await says("status nothing"), 'There is no session "nothing" here. Name one of: top, other.');
  assert.equal(await says("stop"), "No session is running.");
  assert.equal(await says("stop top"), "Cannot stop top: it is not running. Nothing needs to be done.");
  assert.match(await says("do it"), /^Reply to a message to answer it/);
  assert.match(
    await says(`guide top ${"x".repeat(20_001)}`),
    /^Cannot use this message: it has 20001 characters, at most 20000 are allowed/,
  );
  assert.equal(decided(phone, "other").length, 2);
});

Deno.test("a message stops the only session that runs, and a note reaches one at work", async () => {
  await using phone = new Phone();
  phone.session({ name: "busy", events: [], isRunning: true });
  phone.session(atPlan());
  const says = (text: string): Promise<string> => phone.does({ kind: "message", text });
  assert.match(await says("status busy"), /^🔧 busy: Add --top\ndeciding\nrepo · init/);
  assert.equal(
    await phone.does({ kind: "reply", handle: progressOf(phone, "busy"), text: "hurry" }),
    "The next agent of busy gets your note.",
  );
  assert.equal(await says("stop"), "busy stops after this iteration.");
  assert.deepEqual(decided(phone, "busy"), [["guidance.given", "telegram:1"], ["stop.requested", "telegram:1"]]);
});

Deno.test("a reply that is only a command is a command, except to a question, where it is an answer", async () => {
  await using phone = new Phone();
  phone.session({ name: "busy", events: [], isRunning: true });
  phone.session(atQuestions());
  const busy = progressOf(phone, "busy");
  const replies = (handle: string, text: string): Promise<string> => phone.does({ kind: "reply", handle, text });
  assert.match(await replies(busy, "Status"), /^🔧 busy: /);
  assert.match(await replies("an answer of the bot", "/list"), /^🔧 busy: .*\n✋ top: |^✋ top: .*\n🔧 busy: /);
  assert.match(await replies("an answer of the bot", "hello"), /^That message takes no reply: it is settled/);
  assert.equal(await replies(busy, "stop"), "busy stops after this iteration.");
  assert.match(await phone.replies(phone.posts()[0]?.id ?? "", "stop"), /^Answered Q1\./);
  assert.deepEqual(decided(phone, "busy"), [["stop.requested", "telegram:1"]]);
});

/** A handle of the post that follows a session. */
function progressOf(phone: Phone, name: string): string {
  phone.posts(name);
  phone.shown.set("progress of one", { session: phone.view(name).status.folder, post: "progress" });
  return "progress of one";
}

Deno.test("a channel decides only about its own sessions, and a refusing channel about none", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const nonce = phone.nonce("Approve");
  const elsewhere = { channel: "elsewhere" };
  assert.equal(await phone.does({ kind: "tap", nonce }, elsewhere), "This is already settled.");
  assert.equal(await phone.replies("plan", "no", elsewhere), "This is already settled.");
  assert.match(await phone.does({ kind: "message", text: "stop top" }, elsewhere), /No session is running/);
  let told = "";
  const heard = {
    by: "x:1",
    key: "1",
    said: { kind: "tap", nonce } as const,
    answer: (text: string) => Promise.resolve(void (told = text)),
  };
  await phone.decisions.hear(heard, { channel: "telegram", refusal: "Not yours." });
  assert.equal(told, "Not yours.");
  assert.deepEqual(decided(phone), []);
});

Deno.test("a button works again after its act failed", async () => {
  await using phone = new Phone();
  const folder = phone.session(atPlan());
  const nonce = phone.nonce("Approve");
  const path = join(folder, "11-20-0500-plan-top.md");
  Deno.renameSync(path, `${path}.away`);
  assert.match(await phone.does({ kind: "tap", nonce }), /^Cannot approve: the plan's file is gone/);
  Deno.renameSync(`${path}.away`, path);
  assert.equal(await phone.does({ kind: "tap", nonce }), `Approved. ${QUEUED}`);
});

Deno.test("on a full disk, buttons are still shown and stored orders performed", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  // Nobody can write a file where a folder is.
  Deno.mkdirSync(join(phone.listenerFolder, "offers.json"));
  assert.equal(await phone.taps("Approve"), `Approved. ${QUEUED}`);
});

Deno.test("what cannot be written to the inbox is not confirmed, so that the service sends it again", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const heard = {
    ...{ by: "telegram:1", key: "1", said: { kind: "tap", nonce: phone.nonce("Approve") } as const },
    answer: () => Promise.resolve(),
  };
  await phone.end();
  await assert.rejects(phone.decisions.hear(heard, { channel: "telegram", refusal: undefined }), /Cannot write /);
  await phone.restart();
  assert.deepEqual(decided(phone), []);
  assert.equal(await phone.taps("Approve"), `Approved. ${QUEUED}`);
});
