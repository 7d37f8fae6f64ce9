import assert from "node:assert/strict";
import { openNtfy, publicationOf } from "../../../src/channels/ntfy/open.ts";
import { type NtfySettings, placeOf } from "../../../src/channels/ntfy/server.ts";
import { examineNtfy } from "../../../src/channels/ntfy/check.ts";
import { ChannelError } from "../../../src/channels/open_channel.ts";
import { learnSecrets } from "../../../src/text/known_secrets.ts";
import { Ear, memoryOf, OFFERS, samplePost } from "../../helpers/sample_post.ts";

const PATIENCE = { pauseMs: 10, longestPauseMs: 40, connectMs: 200, silenceMs: 50 };
const SHOWN = { handle: undefined, abort: new AbortController().signal };
const TOKEN = "tk_very-secret";

type Answer = (request: Request, body: string) => Response | Promise<Response>;

/** A server with ntfy's wire format, protected as it should be, that does otherwise what a test wants. */
class StandIn implements AsyncDisposable {
  readonly requests: string[] = [];
  /** Answers what is published. */
  onPublish: Answer = () => Response.json({ id: "published1", time: 100, event: "message" });
  /** Answers who follows the reply topic. */
  onFollow: Answer = () => new Response("no", { status: 500 });
  /** Answers all else: the questions for access. */
  onAsk: Answer = (request) => {
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) return new Response("{}", { status: 403 });
    return new Response("{}", { status: request.method === "GET" ? 200 : 400 });
  };
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const isQuestion = pathname.endsWith("/auth") || request.headers.has("x-delay");
    if (!isQuestion) this.requests.push(`${request.method} ${pathname}${search}`);
    const body = await request.text();
    if (isQuestion) return await this.onAsk(request, body);
    return await (request.method === "GET" ? this.onFollow : this.onPublish)(request, body);
  });

  readonly settings: NtfySettings = {
    url: `http://127.0.0.1:${this.#server.addr.port}`,
    topic: "work",
    replyTopic: "",
    token: TOKEN,
    replyToken: "",
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A stream that says these lines, and then nothing, or ends. */
function stream(chunks: readonly string[], { ends = true } = {}): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      start(controller): void {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        if (ends) controller.close();
      },
    }),
  );
}

function line(id: string, message: string, more: object = {}): string {
  return `${JSON.stringify({ id, time: 100, event: "message", topic: "work-reply", message, ...more })}\n`;
}

const OPEN = `${JSON.stringify({ id: "open1", time: 100, event: "open" })}\n`;

interface Listening extends AsyncDisposable {
  readonly ear: Ear;
  readonly log: string[];
  readonly memory: ReturnType<typeof memoryOf>;
}

function listen(settings: NtfySettings, memory = memoryOf(), patience = PATIENCE): Listening {
  const log: string[] = [];
  const abort = new AbortController();
  const ear = new Ear();
  const channel = openNtfy(settings, { memory, log: (text) => void log.push(text) }, { patience });
  const done = channel.listen?.(ear.hear, abort.signal);
  return {
    ...{ ear, log, memory },
    async [Symbol.asyncDispose](): Promise<void> {
      abort.abort();
      await done;
    },
  };
}

Deno.test("openNtfy() says when to retry what the server refused, and never reveals a token", async () => {
  await using server = new StandIn();
  const { show } = openNtfy(server.settings, { memory: memoryOf(), log: () => {} });
  const error = JSON.stringify({ code: 1, error: "limit \u001b[31mreached" });
  const rows = [
    [429, { "retry-after": "12" }, 12_000],
    [429, {}, 0],
    [500, {}, 0],
    [401, {}, undefined],
    [403, {}, undefined],
    [404, {}, undefined],
    [301, { location: "https://elsewhere.example" }, undefined],
  ] as const;
  for (const [status, headers, retryAfterMs] of rows) {
    server.onPublish = () => new Response(error, { status, headers });
    await assert.rejects(show(samplePost(), SHOWN), (error) => {
      assert.ok(error instanceof ChannelError);
      assert.deepEqual([error.message, error.retryAfterMs], [`ntfy answered ${status}: limit reached`, retryAfterMs]);
      return true;
    });
  }
  server.onPublish = () => new Response("<html>");
  assert.match(await show(samplePost(), SHOWN), /^#[0-9a-f]{5}$/);
  const gone = openNtfy({ ...server.settings, url: "http://127.0.0.1:1" }, { memory: memoryOf(), log: () => {} });
  await assert.rejects(gone.show(samplePost(), SHOWN), {
    message: "Cannot reach ntfy: no connection",
    retryAfterMs: 0,
  });
});

Deno.test("openNtfy() masks a key that an agent wrote into a plan, but not the buttons' token", async () => {
  learnSecrets([TOKEN, "sk-planned-4711"]);
  await using server = new StandIn();
  const seen: string[] = [];
  server.onPublish = ({ headers }, body) => {
    const words = ["title", "message", "actions"].map((name) => atob(headers.get(name)?.split("?")[3] ?? ""));
    seen.push([...words, body].join("\n"));
    return Response.json({});
  };
  const { show } = openNtfy(server.settings, { memory: memoryOf(), log: () => {} });
  const said = { title: "sk-planned-4711", text: "sk-planned-4711" };
  await show(samplePost({ ...said, document: { name: "plan.md", text: "sk-planned-4711" } }), SHOWN);
  await show(samplePost(said), SHOWN);
  assert.ok(!seen.join().includes("sk-planned-4711"));
  assert.deepEqual(seen.map((each) => each.match(/\[secret\]\*/g)?.length), [3, 2]);
  assert.ok(seen.every((each) => each.includes(`Bearer ${TOKEN}`)));
});

Deno.test("openNtfy() reconnects with growing pauses, resumes after the last message, and logs each problem once", async () => {
  await using server = new StandIn();
  const at: number[] = [];
  const answers: readonly (() => Response)[] = [
    () => new Response("{}", { status: 503 }),
    () => new Response("{}", { status: 503 }),
    () => new Response("{}", { status: 429, headers: { "retry-after": "0" } }),
    () => stream([OPEN, line("m1", "one")]),
    () => stream([OPEN.slice(0, 5), `${OPEN.slice(5)}${line("m2", "tw").slice(0, 9)}`, line("m2", "two").slice(9)]),
    () => stream([OPEN, line("m3", "three")], { ends: false }),
    () => stream([OPEN, line("m4", "four")], { ends: false }),
  ];
  server.onFollow = () => {
    at.push(performance.now());
    return (answers[at.length - 1] ?? (() => stream([OPEN], { ends: false })))();
  };
  await using listening = listen(server.settings);
  // The sixth falls silent, and is given up.
  const heard = await listening.ear.until(4);
  assert.deepEqual(heard.map(({ key }) => key), ["m1", "m2", "m3", "m4"]);
  assert.deepEqual(server.requests, [
    ...Array(4).fill("GET /work-reply/json"),
    "GET /work-reply/json?since=m1",
    "GET /work-reply/json?since=m2",
    "GET /work-reply/json?since=m3",
  ]);
  assert.deepEqual(listening.log, ["ntfy answered 503", "ntfy answered 429", "No connection to ntfy"]);
  const pauses = at.slice(1, 4).map((time, index) => time - (at[index] ?? 0));
  assert.ok((pauses[1] ?? 0) >= 19 && (pauses[2] ?? 0) >= 38, `${pauses}`);
});

Deno.test("openNtfy() remembers a message only after it was stored, and starts over on another topic", async () => {
  await using server = new StandIn();
  server.onFollow = () => stream([OPEN, line("m1", "one")], { ends: false });
  const { url } = server.settings;
  const memory = memoryOf();
  {
    await using listening = listen(server.settings, memory);
    const seen: string[] = [];
    const { hear } = listening.ear;
    assert.ok(hear);
    await listening.ear.until(1);
    seen.push(memory.text);
    assert.ok([`${url}/work-reply 100`, `${url}/work-reply m1`].includes(seen[0] ?? ""), seen[0]);
    while (memory.text !== `${url}/work-reply m1`) await new Promise((wake) => setTimeout(wake, 1));
  }
  await using _ = listen({ ...server.settings, replyTopic: "other" }, memory);
  while (server.requests.length < 2) await new Promise((wake) => setTimeout(wake, 1));
  assert.equal(server.requests.at(-1), "GET /other/json");
});

Deno.test("openNtfy() receives taps made before it first listened", async () => {
  await using server = new StandIn();
  const memory = memoryOf();
  await openNtfy(server.settings, { memory, log: () => {} }).show(samplePost(), SHOWN);
  assert.equal(memory.text, `${server.settings.url}/work-reply 100`);
  server.onFollow = () => stream([OPEN, line("m1", OFFERS[0]?.nonce ?? "")], { ends: false });
  await using listening = listen(server.settings, memory);
  const [heard] = await listening.ear.until(1);
  assert.deepEqual(heard?.said, { kind: "tap", nonce: OFFERS[0]?.nonce });
  assert.equal(server.requests.at(-1), "GET /work-reply/json?since=100");
});

Deno.test("openNtfy() ignores malformed events, and tells the sender of an overlong text", async () => {
  await using server = new StandIn();
  const published: string[] = [];
  server.onPublish = (_request, body) => {
    published.push(body);
    return Response.json({ id: "a1", time: 1 });
  };
  server.onFollow = () =>
    stream([
      "not json\n[]\nnull\n{}\n",
      line("../../x", "bad id"),
      `${"x".repeat(70_000)}`,
      `${"y".repeat(70_000)}\n`,
      line("m0", "   \n "),
      line("m1", "You received a file", { attachment: { name: "attachment.txt" } }),
      `${JSON.stringify({ id: "m2", event: "message_delete", message: "stop" })}\n`,
      line("m3", OFFERS[0]?.nonce.toUpperCase() ?? ""),
      line("m4", ` ${OFFERS[0]?.nonce}\n`),
      line("m5", "#3FA09: Use  Postgres\nand Redis"),
      line("m6", "#3fa09"),
      line("m7", "#3fa091 x"),
    ], { ends: false });
  await using listening = listen(server.settings, memoryOf(), { ...PATIENCE, silenceMs: 60_000 });
  const heard = await listening.ear.until(5);
  assert.deepEqual(heard.map(({ key, said }) => [key, said]), [
    ["m3", { kind: "message", text: OFFERS[0]?.nonce.toUpperCase() }],
    ["m4", { kind: "tap", nonce: OFFERS[0]?.nonce }],
    ["m5", { kind: "reply", handle: "#3fa09", text: "Use  Postgres\nand Redis" }],
    ["m6", { kind: "reply", handle: "#3fa09", text: "" }],
    ["m7", { kind: "message", text: "#3fa091 x" }],
  ]);
  assert.deepEqual(published, [
    "Your message is over 4,095 bytes, so ntfy sent it as a file, which samocode does not read",
  ]);
});

Deno.test("openNtfy() takes no decisions on public topics, or on ones whose protection is unknown", async () => {
  await using server = new StandIn();
  for (const status of [200, 500]) {
    server.onAsk = () => new Response("{}", { status });
    await using listening = listen(server.settings);
    while (listening.log.length === 0) await new Promise((wake) => setTimeout(wake, 1));
    assert.match(
      listening.log[0] ?? "",
      status === 200
        ? /^ntfy only notifies on open topics: anybody may read work/
        : /^Cannot check whether the ntfy topics are protected: ntfy answered 500$/,
    );
  }
  assert.deepEqual(server.requests, []);
});

Deno.test("openNtfy() sends a report, which has source code, only where strangers cannot read along", async () => {
  await using server = new StandIn();
  const bodies: string[] = [];
  server.onPublish = (_request, body) => {
    bodies.push(body);
    return Response.json({ id: "published1", time: 100, event: "message" });
  };
  const document = { name: "top-report.html", text: "<!doctype html>SOURCE" };
  const post = samplePost({ topic: "done", document });
  const show = async (settings: NtfySettings): Promise<void> =>
    void await openNtfy(settings, { memory: memoryOf(), log: () => {} }).show(post, SHOWN);
  await show(server.settings);
  assert.match(bodies[0] ?? "", /SOURCE/);
  await show({ ...server.settings, token: "" });
  server.onAsk = () => new Response("{}", { status: 200 });
  await show(server.settings);
  assert.deepEqual(bodies.slice(1).map((body) => body.includes("SOURCE")), [false, false]);
});

Deno.test("openNtfy() checks the topics' protection once a minute, and keeps the result while the server is unreachable", async () => {
  await using server = new StandIn();
  let now = 0;
  let asked = 0;
  const { onAsk } = server;
  server.onAsk = (request, body) => {
    asked++;
    return onAsk(request, body);
  };
  const { refusal } = openNtfy(server.settings, { memory: memoryOf(), log: () => {} }, { now: () => now });
  assert.equal(await refusal(), undefined);
  assert.equal(await refusal(), undefined);
  assert.equal(asked, 6);
  now = 60_000;
  server.onAsk = () => new Response("{}", { status: 502 });
  assert.equal(await refusal(), undefined);
  server.onAsk = () => new Response("{}", { status: 200 });
  assert.match(await refusal() ?? "", /^ntfy only notifies on open topics/);
});

Deno.test("openNtfy() takes no decisions over http, and refuses invalid topic names", async () => {
  const settings = { url: "http://ntfy.example/", topic: "work", replyTopic: "", token: TOKEN, replyToken: "" };
  const fetch = (): Promise<Response> => assert.fail("it was called");
  const open = (changes: Partial<NtfySettings>): ReturnType<typeof openNtfy> =>
    openNtfy({ ...settings, ...changes }, { memory: memoryOf(), log: () => {} }, { fetch });
  assert.equal(
    await open({}).refusal(),
    "ntfy only notifies over http, which others on the network can read. Use https in NTFY_URL",
  );
  const rows = [
    [{ topic: "a/../b" }, '"a/../b" is not a valid ntfy topic. Use up to 64 letters, digits, - and _'],
    [
      { topic: "x".repeat(60) },
      `"${"x".repeat(60)}-reply" is not a valid ntfy topic. Use up to 64 letters, digits, - and _`,
    ],
    [{ replyTopic: "work" }, "NTFY_REPLY_TOPIC is the same as NTFY_TOPIC. Use another topic"],
  ] as const;
  for (const [changes, problem] of rows) {
    assert.equal(await open(changes).refusal(), problem);
    await assert.rejects(open(changes).show(samplePost(), SHOWN), { message: problem, retryAfterMs: undefined });
    const [finding] = await examineNtfy({ ...settings, ...changes }, { fetch });
    assert.deepEqual([finding?.level, `${finding?.text}. ${finding?.remedy}`], ["problem", problem]);
  }
});

Deno.test("publicationOf() has a priority for each topic, and contains only the buttons' token", () => {
  const settings = { url: "https://n.example/", topic: "t", replyTopic: "", token: TOKEN, replyToken: "tk_buttons" };
  const place = placeOf(settings);
  const priorities = (["gate", "blocked", "limit", "done", "progress"] as const).map((topic) =>
    publicationOf(samplePost({ topic }), place).priority
  );
  assert.deepEqual(priorities, [4, 4, 4, 3, 2]);
  const published = publicationOf(samplePost(), place);
  assert.deepEqual(published.actions[0], {
    action: "http",
    label: "Approve",
    url: "https://n.example/t-reply",
    headers: { authorization: "Bearer tk_buttons" },
    body: OFFERS[0]?.nonce,
    clear: true,
  });
  assert.ok(!JSON.stringify(published).includes(TOKEN));
  assert.equal(publicationOf(samplePost({ text: "", facts: [], reply: "" }), place).message, samplePost().title);
});
