import assert from "node:assert/strict";
import { withoutSecrets } from "../../src/session/without_secrets.ts";
import { learnSecrets } from "../../src/text/known_secrets.ts";

Deno.test("withoutSecrets() masks a key beside a password that is a number in the event", () => {
  learnSecrets(["npm_0123456789", "87654321"]);
  const event = {
    seq: 1,
    at: "2026-11-20T05:00:00.000Z",
    type: "agent.retried",
    attempt: 1,
    of: 2,
    delayMs: 87_654_321,
    detail: "npm_0123456789 refused",
  } as const;
  assert.deepEqual(withoutSecrets(event), { ...event, detail: "[secret]****** refused" });
});
