import assert from "node:assert/strict";
import { whoActedAlone, whoTyped, whoWasAsked } from "../../src/messages/who_decided.ts";

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
