import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { ChannelError } from "../../../src/channels/open_channel.ts";
import { examineWebhook, openWebhook } from "../../../src/channels/webhook/open.ts";
import { learnSecrets } from "../../../src/text/known_secrets.ts";
import { memoryOf, OFFERS, samplePost } from "../../helpers/sample_post.ts";

const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const CONTEXT = { memory: memoryOf(), env: {}, log: () => {} };
const SHOWN = { handle: undefined, abort: new AbortController().signal };

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A receiver that answers as it is told. */
function receiver(answer: (count: number) => Response): AsyncDisposable & { url: string; received: Received[] } {
  const received: Received[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    received.push({ headers: Object.fromEntries(request.headers), body: await request.text() });
    return answer(received.length);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook?key=hidden`,
    received,
    [Symbol.asyncDispose]: async () => await server.shutdown(),
  };
}

Deno.test("openWebhook() posts what the reference implementation of the standard verifies, and no nonce", async () => {
  await using server = receiver(() => new Response(null, { status: 204 }));
  const { show, edits, listen, refusal } = openWebhook({ url: server.url, secret: SECRET }, CONTEXT);
  const post = samplePost({ text: "Line one\nLine\u2028two ❤" });
  const handle = await show(post, SHOWN);
  const [received] = server.received;
  assert.ok(received);
  const { timestamp, ...event } = JSON.parse(received.body);
  assert.deepEqual(event, {
    type: "gate.plan",
    data: {
      title: "auth-refresh: the plan is ready",
      isSettled: false,
      text: "shop · planning · 12m 04s · $1.20 of $50.00\n\nLine one\nLine\u2028two ❤",
      project: "shop",
      session: "auth-refresh",
      planSha256: "ab".repeat(32),
    },
  });
  assert.equal(new Date(timestamp).toISOString(), timestamp);
  assert.deepEqual(new Webhook(SECRET).verify(received.body, received.headers), JSON.parse(received.body));
  assert.equal(received.headers["webhook-id"], handle);
  assert.match(handle, /^msg_[0-9a-f]{32}$/);
  for (const { nonce } of OFFERS) assert.ok(!received.body.includes(nonce));
  assert.deepEqual([edits, listen, typeof await refusal()], [false, undefined, "string"]);
});

Deno.test("openWebhook() keeps a version's id across retries and processes, and gives each version its own", async () => {
  await using server = receiver(() => new Response());
  let now = 1_000_000;
  const ids: string[] = [];
  const versions = [
    samplePost(),
    // Other nonces for the same acts, as after a restart, are no news.
    samplePost({ offers: [{ label: "Approve", nonce: "9".repeat(32) }] }),
    samplePost({ id: "plan-8" }),
    samplePost({ isSettled: true, offers: [] }),
  ];
  for (const post of versions) {
    const channel = openWebhook({ url: server.url, secret: SECRET }, CONTEXT, { now: () => now += 60_000 });
    ids.push(await channel.show(post, SHOWN));
  }
  assert.deepEqual(ids.map((id) => ids.indexOf(id)), [0, 0, 2, 3]);
  assert.equal(new Set(server.received.map(({ headers }) => headers["webhook-timestamp"])).size, 4);
});

Deno.test("openWebhook() counts only 2xx as delivered, says when to retry, and never reveals its URL", async () => {
  const rows = [
    [new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }), "302", undefined],
    [new Response(null, { status: 304 }), "304", undefined],
    [new Response("no", { status: 400 }), "400", undefined],
    [new Response("no", { status: 410 }), "410", undefined],
    [new Response("no", { status: 408 }), "408", 0],
    [new Response("no", { status: 429, headers: { "retry-after": "7" } }), "429", 7000],
    [new Response("no", { status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:30 GMT" } }), "429", 10_000],
    [new Response("no", { status: 503, headers: { "retry-after": "soon" } }), "503", 0],
    [new Response("no", { status: 429, headers: { "retry-after": "31536000" } }), "429", 3_600_000],
  ] as const;
  await using server = receiver((count) => rows[count - 1]?.[0] ?? new Response());
  const { show } = openWebhook({ url: server.url, secret: SECRET }, CONTEXT, { now: () => 20_000 });
  for (const [, status, retryAfterMs] of rows) {
    await assert.rejects(
      show(samplePost(), SHOWN),
      (error) => {
        assert.ok(error instanceof ChannelError);
        assert.deepEqual([error.message, error.retryAfterMs, error.cause], [
          `Your webhook answered ${status}`,
          retryAfterMs,
          undefined,
        ]);
        return true;
      },
    );
  }
  // A redirect is not followed.
  assert.equal(server.received.length, rows.length);
});

Deno.test("openWebhook() gives up on a timeout or a missing server, without revealing its URL", async () => {
  await using silent = receiver(() => new Response(new ReadableStream()));
  const rejects = async (url: string, message: string): Promise<void> => {
    const { show } = openWebhook({ url, secret: SECRET }, CONTEXT, { timeoutMs: 50 });
    await assert.rejects(show(samplePost(), SHOWN), { name: "ChannelError", message, retryAfterMs: 0 });
  };
  await rejects(silent.url, "Cannot reach your webhook: no answer within 0.05 s");
  await rejects("http://127.0.0.1:1/secret", "Cannot reach your webhook: no connection");
});

Deno.test("openWebhook() and its check refuse an unencrypted URL and an invalid secret", async () => {
  const url = "https://hooks.example/x";
  const rows = [
    [{ url: "http://hooks.example/x", secret: SECRET }, "SAMOCODE_WEBHOOK_URL does not use https"],
    [{ url: "http://127.0.0.1.example/x", secret: SECRET }, "SAMOCODE_WEBHOOK_URL does not use https"],
    ...["plain", "whsec_", "whsec_!!!!", `whsec_${btoa("short")}`, `whsec_${btoa("x".repeat(65))}`].map((secret) =>
      [
        { url, secret },
        "SAMOCODE_WEBHOOK_SECRET is not a webhook secret: whsec_ followed by 24 to 64 bytes in base64",
      ] as const
    ),
  ] as const;
  for (const [settings, text] of rows) {
    const unreachable = { fetch: () => assert.fail("it was called") };
    await assert.rejects(openWebhook(settings, CONTEXT, unreachable).show(samplePost(), SHOWN), {
      message: `Cannot use your webhook: ${text}`,
      retryAfterMs: undefined,
    });
    const [finding] = await examineWebhook(settings);
    assert.deepEqual([finding?.level, finding?.text], ["problem", text]);
  }
  for (const local of ["http://localhost:1/x", "http://[::1]:1/x", "http://127.0.0.1/x", url]) {
    assert.equal((await examineWebhook({ url: local, secret: SECRET }))[0]?.level, "ok");
  }
});

Deno.test("openWebhook() does not repeat a report or a notice when it is settled", async () => {
  await using server = receiver(() => new Response());
  const { show } = openWebhook({ url: server.url, secret: SECRET }, CONTEXT);
  for (const topic of ["gate", "blocked", "done", "limit"] as const) {
    await show(samplePost({ id: topic, topic, isSettled: true, offers: [] }), SHOWN);
  }
  assert.equal(server.received.length, 2);
});

Deno.test("openWebhook() masks a key that an agent wrote into a plan", async () => {
  learnSecrets(['sk-hooked-4711"0815']);
  await using server = receiver(() => new Response());
  const { show } = openWebhook({ url: server.url, secret: SECRET }, CONTEXT);
  await show(samplePost({ text: 'Use sk-hooked-4711"0815 here' }), SHOWN);
  const { data } = JSON.parse(server.received[0]?.body ?? "");
  assert.match(data.text, /Use \[secret\]\*+ here$/);
});

Deno.test("openWebhook() sends nothing that contains a nonce", async () => {
  await using server = receiver(() => new Response());
  const { show } = openWebhook({ url: server.url, secret: SECRET }, CONTEXT);
  const post = samplePost({ data: { ...samplePost().data, buttons: [OFFERS[0]?.nonce ?? ""] } });
  await assert.rejects(show(post, SHOWN), new Error("A post's data hold the nonce of an offer"));
  assert.deepEqual(server.received, []);
});
