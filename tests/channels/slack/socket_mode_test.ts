import assert from "node:assert/strict";
import { ChannelError } from "../../../src/channels/open_channel.ts";
import { followSocketMode } from "../../../src/channels/slack/socket_mode.ts";
import { SYSTEM_CLOCK } from "../../../src/system/clock.ts";

Deno.test("followSocketMode() ends when it is aborted, whatever it waits for", async () => {
  const silent = new AbortController();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    // It never says hello.
    socket.onopen = () => silent.abort();
    return response;
  });
  const url = `ws://127.0.0.1:${server.addr.port}`;
  const early = new AbortController();
  const addresses: readonly (readonly [AbortController, () => Promise<string>])[] = [
    [silent, () => Promise.resolve(url)],
    [early, () => {
      early.abort();
      return Promise.resolve(url);
    }],
  ];
  const begunAt = performance.now();
  for (const [{ signal: abort }, address] of addresses) {
    const take = () => Promise.resolve();
    await followSocketMode({ address, take, setTrouble: () => assert.fail(), abort, clock: SYSTEM_CLOCK });
  }
  // It waits 15 s for a hello.
  assert.ok(performance.now() - begunAt < 10_000);
});

Deno.test("followSocketMode() ends when it is aborted during a pause that Slack asked for", async () => {
  const ending = new AbortController();
  const begunAt = performance.now();
  await followSocketMode({
    address: () => Promise.reject(new ChannelError("Slack asks for a pause", { retryAfterMs: 20_000 })),
    take: () => assert.fail(),
    setTrouble: () => setTimeout(() => ending.abort()),
    abort: ending.signal,
    clock: SYSTEM_CLOCK,
  });
  assert.ok(performance.now() - begunAt < 10_000);
});
