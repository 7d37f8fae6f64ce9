import assert from "node:assert/strict";
import { ChannelError, DECIDES_NOTHING } from "../../src/channels/open_channel.ts";
import { listen } from "../../src/listen/listen.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { readListenerRecord } from "../../src/session/listener_record.ts";
import { enrol, takeTelling } from "../../src/session/roster.ts";
import { readSubscriptions, subscribe, subscriptionsFolder } from "../../src/session/subscriptions.ts";
import { lockFolder } from "../../src/system/files/folder_lock.ts";
import type { Clock } from "../../src/system/clock.ts";
import { Chat } from "../helpers/chat.ts";
import { atPlan, atQuestions, Phone, stopped } from "../helpers/phone.ts";

/** A second takes 5 ms. */
const RATE = 200;

interface StageOptions {
  /** Of the day, in hours and minutes. */
  readonly time?: readonly [hour: number, minute?: number];
  readonly env?: Readonly<Record<string, string>>;
}

/** A listener in this process, with sessions, and channels of its own. */
class Stage implements AsyncDisposable {
  readonly phone: Phone;
  readonly chats: readonly Chat[];
  readonly log: string[] = [];
  /** In milliseconds since 1970, at the beginning. */
  readonly #beginMs: number;
  readonly #sinceMs = performance.now();
  #abort = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(chats: readonly Chat[], { time = [12], env = {} }: StageOptions = {}) {
    this.chats = chats;
    this.phone = new Phone(env);
    const [hour, minute = 0] = time;
    this.#beginMs = new Date(2026, 0, 2, hour, minute).getTime();
  }

  get clock(): Clock {
    const calendar = (): number => this.#beginMs + (performance.now() - this.#sinceMs) * RATE;
    return { calendar, steady: calendar, timer: (ms) => ms / RATE };
  }

  get stateFolder(): string {
    return this.phone.samocode.stateFolder;
  }

  /** Has the listener follow a session. */
  subscribe(session: string, settings: Readonly<Record<string, string>> = {}): void {
    const { settings: { projectFile } } = this.phone.samocode;
    subscribe(this.stateFolder, { session, projectFile, settings, after: 0 });
  }

  start({ keeps = false } = {}): Promise<unknown> {
    this.#abort = new AbortController();
    const { env, version, shippedRoot, self } = this.phone.samocode;
    const found = (key: string): Chat => this.chats.find(({ set }) => set.key === key) ?? assert.fail(key);
    this.#running = listen({ env, version, shippedRoot, self, clock: this.clock }, {
      ...{ abort: this.#abort.signal, log: (line) => this.log.push(line), keeps },
    }, {
      channelsIn: () => this.chats.map(({ set }) => set),
      open: (_samocode, { key }) => Promise.resolve(found(key).open()),
      isOwn: () => true,
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.phone[Symbol.asyncDispose]();
  }
}

Deno.test("listen() shows what a session waits for, performs the decision, and settles the post", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  stage.subscribe(stage.phone.session(atQuestions()));
  stage.start();
  await chat.until(() => chat.titles().length === 3);
  const nonce = await chat.until(() => chat.nonce("A) Postgres"));
  assert.equal(await chat.does({ kind: "tap", nonce }), "Answered Q1. 1 question left.");
  await chat.until(() => [...chat.posts.values()].some(({ isSettled, title }) => isSettled && title.includes("Q1")));
  const open = [...chat.posts.values()].filter(({ isSettled, topic }) => !isSettled && topic === "gate");
  assert.deepEqual(open.map(({ title }) => title), ["top asks Q2: Which port?"]);
  assert.deepEqual(stage.phone.events().at(-1)?.type, "answers.given");
});

Deno.test("listen() shows a worker's death silently while another process tells the person", async () => {
  for (const isToldElsewhere of [false, true]) {
    const chat = new Chat("Chat");
    await using stage = new Stage([chat]);
    const session = stage.phone.session({ name: "top", events: [] });
    const { projectFile } = stage.phone.samocode.settings;
    enrol(stage.stateFolder, { session, lock: "", projectFile, settings: {} });
    const finish = isToldElsewhere ? takeTelling(stage.stateFolder, { session }) : undefined;
    stage.subscribe(session);
    stage.start();
    const post = await chat.until(() =>
      [...chat.posts.values()].find(({ title }) => title.includes("its worker died"))
    );
    assert.equal(post.isSilent, isToldElsewhere);
    finish?.(true);
  }
});

Deno.test("listen() repeats nothing after a restart, and reports once what happened meanwhile", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  stage.subscribe(stage.phone.session(atPlan()));
  stage.start();
  await chat.until(() => chat.titles().length === 1);
  await stage.stop();
  const before = chat.showings.length;
  const warned = {
    type: "budget.warned",
    measure: "cost",
    span: "session",
    spent: 41,
    limit: 50,
    day: "2026-01-02",
  } as const;
  stage.phone.append(warned);
  stage.start();
  await chat.until(() => chat.titles().length === 2);
  await stage.stop();
  stage.start();
  stage.phone.append({ type: "plan.rejected", by: "a test", feedback: "Smaller" });
  await chat.until(() => chat.showings.some(({ post }) => post.isSettled));
  await stage.stop();
  // How long the session has taken so far changes what is shown in its place.
  const later = chat.showings.slice(before).filter(({ post, isEdit }) => post.isSettled || !isEdit);
  assert.deepEqual(later.map(({ post, isEdit }) => [post.topic, post.isSettled, isEdit]), [
    ["limit", false, false],
    ["gate", true, true],
  ]);
});

Deno.test("listen() retries a failing channel without delaying others, and status reports it", async () => {
  const [broken, sound] = [new Chat("Broken"), new Chat("Sound")];
  broken.failing = () => {
    throw new ChannelError("nobody answers", { retryAfterMs: 0 });
  };
  await using stage = new Stage([broken, sound]);
  stage.subscribe(stage.phone.session(atPlan()));
  stage.start();
  await sound.until(() => sound.titles().length === 1);
  await broken.until(() => broken.tries >= 3);
  const undelivered = readListenerRecord(stage.stateFolder)?.undelivered ?? [];
  assert.deepEqual(undelivered.map(({ channel, because }) => [channel, because]), [["Broken", "nobody answers"]]);
  const { note } = readStatus(stage.phone.samocode, { session: "top" });
  assert.match(note, /^not delivered on Broken since .*: top.* \(nobody answers\)$/);
  broken.failing = () => {};
  await broken.until(() => broken.titles().length === 1);
});

Deno.test("listen() holds back a permanently refused post and shows the others", async () => {
  const chat = new Chat("Chat");
  let refused = 0;
  chat.failing = ({ title }) => {
    if (title.startsWith("a") && refused++ === 0) throw new ChannelError("too odd", { retryAfterMs: undefined });
  };
  await using stage = new Stage([chat], { env: { SAMOCODE_NOTIFY: "gate" } });
  stage.subscribe(stage.phone.session(atPlan(undefined, "a")));
  stage.start();
  await chat.until(() => refused === 1);
  stage.subscribe(stage.phone.session(atPlan(undefined, "b")));
  await chat.until(() => chat.titles().length === 2);
  assert.deepEqual(chat.showings.map(({ post }) => post.title.charAt(0)), ["b", "a"]);
});

Deno.test("listen() is silent in quiet hours, and sends only gates to a channel that always makes a sound", async () => {
  const [soft, loud] = [new Chat("Soft"), new Chat("Loud", { edits: false, alwaysSounds: true })];
  await using stage = new Stage([soft, loud], { time: [6, 58], env: { SAMOCODE_QUIET_HOURS: "22:00-07:00" } });
  stage.subscribe(stage.phone.session({ name: "failed", events: [stopped({ kind: "failed", reason: "Broken" })] }));
  stage.subscribe(stage.phone.session(atPlan()));
  stage.start();
  await soft.until(() => soft.titles().length === 2);
  await loud.until(() => loud.titles().length === 1);
  assert.deepEqual([...soft.posts.values()].map(({ isSilent }) => isSilent), Array(soft.posts.size).fill(true));
  assert.deepEqual([...loud.posts.values()].map(({ topic }) => topic), ["gate"]);
  await loud.until(() => loud.titles().length === 2);
  const at = new Date(stage.clock.calendar());
  assert.ok(at.getHours() >= 7 && at.getTime() - new Date(2026, 0, 2, 7).getTime() < 600_000, `${at}`);
});

Deno.test("listen() ends when nothing runs or waits, and forgets finished sessions once they are reported", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  chat.failing = () => {
    if (chat.tries < 4) throw new ChannelError("not yet", { retryAfterMs: 0 });
  };
  stage.subscribe(stage.phone.session({ events: [stopped({ kind: "done", summary: "All is well" })] }));
  await stage.start();
  assert.deepEqual(chat.titles(), ["top is done"]);
  assert.deepEqual(readSubscriptions(stage.stateFolder), []);
});

Deno.test("listen() leaves copies of a fleet's sessions to whoever listens to the fleet", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  const session = "/home/me/.local/share/samocode/fleet/k/mirror/shop/sessions/26-11-22-top";
  subscribe(stage.stateFolder, { session, projectFile: "/none/.samocode", settings: {}, after: 0 });
  await stage.start();
  assert.deepEqual(chat.titles(), []);
  assert.deepEqual(readSubscriptions(stage.stateFolder).map((each) => each.session), [session]);
});

Deno.test("listen() keeps running for a failed session, so that its button works", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  stage.subscribe(stage.phone.session({ events: [stopped({ kind: "failed", reason: "No disk" })] }));
  const running = stage.start();
  const nonce = await chat.until(() => chat.nonce("Continue"));
  await new Promise((wake) => setTimeout(wake, 50));
  assert.equal(await Promise.race([running, "listening"]), "listening");
  assert.equal(await chat.does({ kind: "tap", nonce }), "top is queued: other sessions are running.");
});

Deno.test("listen() does not end if a session subscribes at the last moment", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  const folder = subscriptionsFolder(stage.stateFolder);
  const held = await lockFolder(folder);
  const listening = stage.start().then(() => "ended");
  // It has nothing to follow, and waits for the lock under which it would end.
  await new Promise((wake) => setTimeout(wake, 50));
  stage.subscribe(stage.phone.session(atPlan()));
  held[Symbol.dispose]();
  assert.equal(await Promise.race([listening, chat.until(() => chat.titles().length === 1)]), true);
});

Deno.test("listen() shares a channel between sessions with the same settings, and ends alone", async () => {
  const chat = new Chat("Chat", { edits: false });
  await using stage = new Stage([chat]);
  stage.subscribe(stage.phone.session(atPlan(undefined, "a")));
  stage.subscribe(stage.phone.session(atPlan(undefined, "b")));
  stage.start();
  await chat.until(() => chat.titles().length === 2);
  assert.equal(chat.opened, 1);
  assert.deepEqual(
    await listen({ ...stage.phone.samocode, clock: stage.clock }, {
      ...{ abort: new AbortController().signal, log: () => {}, keeps: false },
    }).then(({ kind }) => kind),
    "elsewhere",
  );
});

Deno.test("listen() accepts a reply to a post whose handle is not known yet", async () => {
  const chat = new Chat("Chat");
  await using stage = new Stage([chat]);
  let told: Promise<string> | undefined;
  chat.failing = ({ title }) => {
    if (told !== undefined || !title.includes("Q2")) return;
    // As fast as nobody types: the service has the post, and its answer is still under way.
    chat.answering = new Promise((wake) => setTimeout(wake, 50));
    told = chat.does({ kind: "reply", handle: `Chat-${chat.posts.size + 1}`, text: "5432" });
  };
  stage.subscribe(stage.phone.session(atQuestions()));
  stage.start();
  assert.equal(await chat.until(() => told), "Answered Q2. 1 question left.");
});

Deno.test("status says where nobody can decide, except for one-way channels, and that no listener is running", async () => {
  const chats = [new Chat("Open", { refusal: "It is open" }), new Chat("Webhook", { refusal: DECIDES_NOTHING })];
  await using stage = new Stage(chats);
  stage.subscribe(stage.phone.session(atPlan()));
  const note = (): string => stage.phone.view().status.note;
  assert.match(note(), /^no listener is running, .*: samocode listen$/);
  const { stateFolder } = stage;
  stage.start();
  for (const chat of chats) await chat.until(() => chat.titles().length > 0);
  while (readListenerRecord(stateFolder)?.channels.every(({ refusal }) => refusal === "") ?? true) {
    await new Promise((wake) => setTimeout(wake, 5));
  }
  assert.equal(note(), "Open: It is open");
});
