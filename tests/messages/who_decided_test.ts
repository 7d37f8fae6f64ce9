import assert from "node:assert/strict";
import { describeWho, whoActedAlone, whoTyped, whoWasAsked } from "../../src/messages/who_decided.ts";

Deno.test("a person at a terminal, one whom a client asked, an agent and a script can be told apart", () => {
  const none = { isInputTerminal: false, isOutputTerminal: false };
  const typed = "a person at a terminal (samocode approve)";
  assert.equal(whoTyped("approve", { ...none, isInputTerminal: true }), typed);
  assert.equal(whoTyped("approve", { ...none, isOutputTerminal: true }), typed);
  assert.equal(whoTyped("approve", none), "the command line, without a terminal (samocode approve)");
  const client = "claude-code 2.1.328 (toolu_1)";
  assert.equal(whoWasAsked(client), `a person through ${client}`);
  assert.equal(whoActedAlone(client), `an agent on its own, through ${client}`);
});

Deno.test("describeWho() names the channel of a decision, and leaves other texts as they are", () => {
  const cases = [
    ["telegram:123456", "123456 on Telegram"],
    ["slack:U7", "U7 on Slack"],
    ["ntfy:alerts", "alerts on ntfy"],
    ["desktop:me", "me on the desktop"],
    ["a person at a terminal (samocode approve)", "a person at a terminal (samocode approve)"],
    ["strange:1", "strange:1"],
    ["constructor:1", "constructor:1"],
    ["telegram:1 and a person at a terminal", "telegram:1 and a person at a terminal"],
    ["", ""],
  ] as const;
  for (const [by, words] of cases) assert.equal(describeWho(by), words);
});
