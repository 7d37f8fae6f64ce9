import assert from "node:assert/strict";
import type { Act } from "../../src/listen/act.ts";
import { completeAct, readCommand } from "../../src/listen/read_reply.ts";

const RUN = "2026-01-02T03:04:05.000Z";
const Q2 = { id: "Q2", hash: "hash", answer: "" };

function answers(text: string, asked = [Q2]): unknown {
  const act = completeAct({ verb: "answer", run: RUN, questions: asked, replaces: true }, text);
  return act.verb === "answer" ? act.questions.map(({ id, hash, answer }) => [id, hash, answer]) : undefined;
}

Deno.test("a reply to a question is its answer, unless it names questions", () => {
  assert.deepEqual(answers("  my own words "), [["Q2", "hash", "my own words"]]);
  assert.deepEqual(answers("use a = b, and Q1=x"), [["Q2", "hash", "use a = b, and Q1=x"]]);
  assert.deepEqual(answers("q2 = B"), [["Q2", "hash", "B"]]);
  assert.deepEqual(answers("Q1=A Q2=two words, really\nQ3.1 = C"), [
    ["Q1", "", "A"],
    ["Q2", "hash", "two words, really"],
    ["Q3.1", "", "C"],
  ]);
  assert.deepEqual(
    answers("Q1=A,Q2=B", []),
    [["Q1", "", "A"], ["Q2", "", "B"]],
  );
  assert.deepEqual(answers("Q1: A\nq2 :B\nQ3=see Q1: it"), [
    ["Q1", "", "A"],
    ["Q2", "hash", "B"],
    ["Q3", "", "see Q1: it"],
  ]);
});

Deno.test("an invalid reply is refused with a reason", () => {
  const refused = (act: Act, text: string, why: RegExp) =>
    assert.throws(() => completeAct(act, text), (error: Error) => why.test(error.message));
  refused({ verb: "answer", run: RUN, questions: [], replaces: true }, "yes", /which question/);
  refused({ verb: "answer", run: RUN, questions: [Q2], replaces: true }, " ", /empty message/);
  refused(
    { verb: "answer", run: RUN, questions: [Q2], replaces: true },
    "x".repeat(4_001),
    /4001 characters, at most 4000/,
  );
  refused({ verb: "answer", run: RUN, questions: [], replaces: true }, "Q1= Q2=A", /empty message/);
  refused({ verb: "answer", run: RUN, questions: [], replaces: true }, "Q1=A ".repeat(201), /more than 200 answers/);
  refused({ verb: "revise", run: RUN, sha256: "", feedback: "" }, "\n", /empty message/);
  refused({ verb: "guide", text: "" }, "x".repeat(20_001), /at most 20000/);
  for (const text of ["a lot", "0", "-5", "1e9", "Infinity", "80 h", "1.000", ""]) {
    refused(
      { verb: "raise", run: RUN, raised: [{ measure: "cost", span: "session", to: 0 }] },
      text,
      /that is not a valid limit/,
    );
  }
});

Deno.test("a reply about a budget is the new limit, in the unit of what is limited", () => {
  const limits = (["cost", "tokens", "starts", "time"] as const).map((measure) =>
    ["80", "$80.50", "5M", "250k", "12h", "90 min"].map((text) => {
      try {
        const raised = [{ measure, span: "session", to: 0 } as const];
        const act = completeAct({ verb: "raise", run: RUN, raised }, text);
        return act.verb === "raise" ? act.raised[0]?.to : undefined;
      } catch {
        return "-";
      }
    })
  );
  assert.deepEqual(limits, [
    [80, 80.5, "-", "-", "-", "-"],
    [80, 80.5, 5_000_000, 250_000, "-", "-"],
    [80, 80.5, "-", "-", "-", "-"],
    ["-", "-", 300_000, "-", 43_200_000, 5_400_000],
  ]);
});

Deno.test("commands are read with a slash or without, and with the name of a bot", () => {
  assert.deepEqual(["/status@my_bot add-jwt", "STATUS", "list", "/start", "what?", ""].map(readCommand), [
    { verb: "status", session: "add-jwt", now: false },
    { verb: "status", session: "", now: false },
    { verb: "list" },
    { verb: "help" },
    { verb: "help" },
    { verb: "help" },
  ]);
  assert.deepEqual(["stop", "stop now", "/stop add-jwt now", "stop know"].map(readCommand), [
    { verb: "stop", session: "", now: false },
    { verb: "stop", session: "", now: true },
    { verb: "stop", session: "add-jwt", now: true },
    { verb: "stop", session: "know", now: false },
  ]);
  assert.deepEqual(readCommand("guide add-jwt use\nthe key store"), {
    verb: "guide",
    words: "add-jwt use\nthe key store",
  });
});
