import assert from "node:assert/strict";
import { openNtfy } from "../../../src/channels/ntfy/open.ts";
import type { NtfySettings } from "../../../src/channels/ntfy/server.ts";
import { examineNtfy } from "../../../src/channels/ntfy/check.ts";
import type { OpenChannel } from "../../../src/channels/open_channel.ts";
import { ntfyTest, RealNtfy } from "../../helpers/real_ntfy.ts";
import { Ear, memoryOf, OFFERS, samplePost } from "../../helpers/sample_post.ts";

const PATIENCE = { pauseMs: 10, longestPauseMs: 50, connectMs: 5_000, silenceMs: 60_000 };
const NEVER = new AbortController().signal;

function settingsFor({ url, token, replyToken }: RealNtfy, changes: Partial<NtfySettings> = {}): NtfySettings {
  return { url, topic: "work", replyTopic: "", token, replyToken, ...changes };
}

interface Stage {
  readonly channel: OpenChannel;
  readonly memory: ReturnType<typeof memoryOf>;
  readonly log: string[];
}

function open(server: RealNtfy, memory = memoryOf()): Stage {
  const log: string[] = [];
  const context = { memory, log: (line: string) => void log.push(line) };
  return { channel: openNtfy(settingsFor(server), context, { patience: PATIENCE }), memory, log };
}

/** Listens until the block ends. */
async function listening({ channel, memory }: Stage, hear: Ear["hear"]): Promise<AsyncDisposable> {
  const abort = new AbortController();
  const done = channel.listen?.(hear, abort.signal);
  while (memory.text === "") await new Promise((wake) => setTimeout(wake, 5));
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      abort.abort();
      await done;
    },
  };
}

ntfyTest("openNtfy() shows a plan with buttons, and receives a tap and a reply but not its own messages", async () => {
  await using server = await RealNtfy.start();
  const stage = open(server);
  const ear = new Ear();
  await using _ = await listening(stage, ear.hear);
  const handle = await stage.channel.show(samplePost(), { handle: undefined, abort: NEVER });
  const [shown] = await server.messages();
  assert.deepEqual(shown && { ...shown, id: "", time: 0, expires: 0, actions: undefined }, {
    id: "",
    time: 0,
    expires: 0,
    event: "message",
    topic: "work",
    title: "✋ auth-refresh: the plan is ready",
    message: [
      "shop · planning · 12m 04s · $1.20 of $50.00",
      '1. Refresh <b>tokens</b> & "keys"\n2. Test it; $(touch /tmp/owned) `id`',
      `Say what to change. Send it to work-reply, starting with ${handle}`,
    ].join("\n\n"),
    priority: 4,
    actions: undefined,
  });
  assert.ok(shown);
  assert.equal(await server.tap(shown, "Later"), 200);
  await ear.until(1);
  // The token in the buttons is for nothing else.
  assert.equal(await server.write(`${handle} Fewer steps`, server.replyToken), 200);
  const [tap, message] = await ear.until(2);
  const replies = await server.messages("work-reply");
  assert.deepEqual([tap, message].map((heard) => heard && { ...heard, answer: undefined }), [
    {
      by: "ntfy:work-reply",
      key: replies[0]?.id,
      said: { kind: "tap", nonce: OFFERS[1]?.nonce },
      answer: undefined,
    },
    {
      by: "ntfy:work-reply",
      key: replies[1]?.id,
      said: { kind: "reply", handle, text: "Fewer steps" },
      answer: undefined,
    },
  ]);
  await tap?.answer("Moved to later");
  const answer = (await server.messages()).at(-1);
  assert.deepEqual([answer?.message, answer?.priority, answer?.actions], ["Moved to later", 2, undefined]);
  assert.deepEqual(stage.log, []);
});

ntfyTest("openNtfy() sends a settled post as one quiet line, and shows at most three offers", async () => {
  await using server = await RealNtfy.start();
  const { channel } = open(server);
  const offers = ["A", "B", "C", "D"].map((label, index) => ({ label, nonce: String(index).repeat(32) }));
  await channel.show(samplePost({ offers, isSilent: true }), { handle: undefined, abort: NEVER });
  const settled = samplePost({ isSettled: true, offers: [], reply: "", text: "The plan\nApproved · ada, 14:02" });
  await channel.show(settled, { handle: "x", abort: NEVER });
  // A report says nothing new by being settled.
  await channel.show({ ...settled, topic: "done" }, { handle: "x", abort: NEVER });
  assert.deepEqual(
    (await server.messages()).map(({ message, priority, actions }) => [
      message.split("\n")[0],
      priority,
      actions?.map(({ label }) => label),
    ]),
    [
      ["shop · planning · 12m 04s · $1.20 of $50.00", 2, ["A", "B", "C"]],
      ["The plan · Approved · ada, 14:02", 2, undefined],
    ],
  );
});

ntfyTest(
  "openNtfy() sends a long plan as a file if the server accepts files, otherwise its beginning",
  async () => {
    const plan = { name: "plän.md", text: `# Plan\n${"ü".repeat(40_000)}` };
    const text = '"\n ä'.repeat(2000);
    for (const takesFiles of [true, false]) {
      await using server = await RealNtfy.start({ takesFiles });
      const { channel } = open(server);
      await channel.show(samplePost({ document: plan, text }), { handle: undefined, abort: NEVER });
      const messages = await server.messages();
      const [shown] = messages;
      assert.deepEqual([messages.length, shown?.actions?.length, shown?.attachment?.name], [
        1,
        2,
        takesFiles ? "plän.md" : undefined,
      ]);
      const bytes = new TextEncoder().encode(shown?.message).length;
      assert.ok(bytes > 3900 && bytes <= 4095, `${bytes}`);
      assert.match(
        shown?.message ?? "",
        /…\n\nSay what to change\. Send it to work-reply, starting with #[0-9a-f]{5}$/,
      );
      if (shown?.attachment === undefined) continue;
      assert.equal(await (await fetch(shown.attachment.url)).text(), plan.text);
    }
  },
);

ntfyTest(
  "openNtfy() loses nothing while nobody listens, and redelivers what was not stored with the same key",
  async () => {
    await using server = await RealNtfy.start();
    const first = open(server);
    const memory = first.memory;
    const early = new Ear();
    {
      await using _ = await listening(first, early.hear);
    }
    await server.write("one");
    await server.write("two");
    // The disk is full for the second one: it must come again.
    const failing: string[] = [];
    let fail = true;
    const ear = new Ear();
    {
      const stage = open(server, memory);
      await using _ = await listening(stage, (heard) => {
        if (fail && failing.push(heard.key) === 2) {
          fail = false;
          return Promise.reject(new Error("No space left"));
        }
        return ear.hear(heard);
      });
      await ear.until(2);
      assert.deepEqual(stage.log, ["No space left"]);
    }
    await server.write("three");
    await using _ = await listening(open(server, memory), ear.hear);
    const heard = await ear.until(3);
    assert.deepEqual(heard.map(({ said }) => said.kind === "message" && said.text), ["one", "two", "three"]);
    assert.deepEqual(heard.slice(0, 2).map(({ key }) => key), failing.slice(0, 2));
    assert.deepEqual(early.heard, []);
  },
);

ntfyTest("openNtfy() reconnects by itself after the server was down", async () => {
  await using server = await RealNtfy.start();
  const stage = open(server);
  const ear = new Ear();
  await using _ = await listening(stage, ear.hear);
  await server.write("before");
  await ear.until(1);
  await server.down();
  await assert.rejects(stage.channel.show(samplePost(), { handle: undefined, abort: NEVER }), {
    name: "ChannelError",
    message: "Cannot reach ntfy: no connection",
    retryAfterMs: 0,
  });
  await server.up();
  await server.write("after");
  await ear.until(2);
  assert.deepEqual(ear.heard.map(({ said }) => said), [
    { kind: "message", text: "before" },
    { kind: "message", text: "after" },
  ]);
});

ntfyTest(
  "openNtfy() refuses decisions on topics that are open in any way or out of its tokens' reach, with a fix",
  async () => {
    await using server = await RealNtfy.start();
    const why = (changes: Partial<NtfySettings> = {}): Promise<string | undefined> =>
      openNtfy(settingsFor(server, changes), { memory: memoryOf(), log: () => {} }).refusal();
    assert.equal(await why(), undefined);
    assert.equal(await why({ replyToken: "" }), undefined);
    assert.match(await why({ token: "" }) ?? "", /^ntfy only notifies without NTFY_TOKEN\. .* set the token/);
    const fix = "On the server: ntfy access everyone work deny; ntfy access everyone work-reply deny";
    for (
      const [topic, permission, ways] of [
        ["work", "ro", "read work"],
        ["work", "wo", "write work"],
        ["work-reply", "ro", "read work-reply"],
        ["work-reply", "wo", "write work-reply"],
        ["work*", "rw", "read work and write work and read work-reply and write work-reply"],
      ] as const
    ) {
      server.run("access", "everyone", topic, permission);
      assert.equal(await why(), `ntfy only notifies on open topics: anybody may ${ways}. ${fix}`);
      server.run("access", "--reset", "everyone", topic);
    }
    assert.match(
      await why({ token: server.replyToken }) ?? "",
      /^NTFY_TOKEN has no read access to work-reply\. On the server: /,
    );
    assert.match(await why({ replyToken: "tk_unknown" }) ?? "", /^The ntfy server does not know NTFY_REPLY_TOKEN\. /);
    server.run("access", "phone", "work-reply", "deny");
    assert.match(await why() ?? "", /^NTFY_REPLY_TOKEN has no write access to work-reply\. /);
    // Asking has published nothing.
    assert.deepEqual([await server.messages(), await server.messages("work-reply")], [[], []]);
  },
);

ntfyTest("openNtfy() ignores messages on a reply topic that has become public", async () => {
  await using server = await RealNtfy.start();
  const log: string[] = [];
  let now = 0;
  const memory = memoryOf();
  const channel = openNtfy(settingsFor(server), { memory, log: (line) => void log.push(line) }, {
    patience: PATIENCE,
    now: () => now,
  });
  const ear = new Ear();
  await using _ = await listening({ channel, memory, log }, ear.hear);
  await server.write("status");
  await ear.until(1);
  server.run("access", "everyone", "work-reply", "wo");
  now += 60_000;
  const before = memory.text;
  await (await fetch(`${server.url}/work-reply`, { method: "POST", body: "stop" })).body?.cancel();
  while (memory.text === before) await new Promise((wake) => setTimeout(wake, 5));
  assert.equal(ear.heard.length, 1);
  assert.match(log[0] ?? "", /^Ignored a message on work-reply: ntfy only notifies on open topics/);
});

ntfyTest("examineNtfy() says whether messages and decisions get through", async () => {
  await using server = await RealNtfy.start();
  const examine = (changes: Partial<NtfySettings> = {}): ReturnType<typeof examineNtfy> =>
    examineNtfy(settingsFor(server, changes), { fetch });
  assert.deepEqual(await examine(), [{ level: "ok", text: "ntfy takes messages and decisions", remedy: undefined }]);
  assert.deepEqual(await examine({ token: "tk_unknown" }), [{
    level: "problem",
    text: "The ntfy server does not know NTFY_TOKEN",
    remedy: "On the server: ntfy token add USER",
  }]);
  assert.deepEqual(await examine({ token: "" }), [{
    level: "problem",
    text: "Writing to work requires a token",
    remedy: "Set NTFY_TOKEN",
  }]);
  server.run("access", "everyone", "work-reply", "ro");
  const [open] = await examine();
  assert.deepEqual([open?.level, open?.text], [
    "warning",
    "ntfy only notifies on open topics: anybody may read work-reply",
  ]);
  await server.down();
  assert.deepEqual(await examine(), [{
    level: "warning",
    text: "Cannot reach ntfy: no connection",
    remedy: "Check the network and NTFY_URL; sessions run without it",
  }]);
});
