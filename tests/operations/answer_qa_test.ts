import assert from "node:assert/strict";
import { CommandLine, START, WHOLE_AGENT } from "../cli/command_line.ts";

async function waitingForAnswers(): Promise<CommandLine> {
  const line = new CommandLine();
  const { code, error } = await line.typeWithAgent(WHOLE_AGENT, START);
  assert.deepEqual({ code, error }, { code: 10, error: "" });
  return line;
}

Deno.test("answer writes answers by id, in either case, with = in the text", async () => {
  using line = await waitingForAnswers();
  const { code, out } = await line.type(["answer", "top", "q1=b", "Q2=a = b, c"]);
  assert.equal(code, 0);
  assert.match(out, /^Answered Q1, Q2\.\n\n/);
  assert.deepEqual(
    Deno.readTextFileSync(line.path("_qa.md")).match(/^\*\*Answer:.*$/gm),
    ["**Answer:** B", "**Answer:** a = b, c"],
  );
  assert.equal((await line.status("top")).needs, "none");
});

Deno.test("answer takes some now and the rest later; the gate opens with the last", async () => {
  using line = await waitingForAnswers();
  assert.equal((await line.type(["answer", "top", "Q1=A"])).code, 0);
  const { needs, questions } = await line.status("top");
  assert.deepEqual({ needs, ids: questions.map(({ id }) => id) }, { needs: "answers", ids: ["Q2"] });
  assert.equal(line.project.events().some(({ type }) => type === "gate.opened"), false);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
  assert.equal((await line.type(["answer", "top", "Q2=so"])).code, 0);
  assert.equal(line.project.events().filter(({ type }) => type === "gate.opened").length, 1);
});

Deno.test("answer with no question open says what can be done instead", async () => {
  using line = await waitingForAnswers();
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  assert.match((await line.type(["answer", "top"])).out, /^Nothing was answered\.\n[^]*next {2}samocode run top\n/);
  assert.deepEqual(await line.type(["answer", "top", "Q9=A"]), {
    code: 2,
    out: "",
    error: "samocode: Cannot answer: there is no question Q9; no question is open\n  Resume it: samocode run top\n",
  });
});

Deno.test("repeating an answer changes nothing", async () => {
  using line = await waitingForAnswers();
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  const before = line.listing();
  assert.equal((await line.type(["answer", "top", "Q1=A", "Q2=so"])).code, 0);
  assert.deepEqual(line.listing(), before);
});

Deno.test("answer --accept-suggestions leaves questions without a suggestion open", async () => {
  using line = await waitingForAnswers();
  const { out } = await line.type(["answer", "top", "--accept-suggestions"]);
  assert.match(out, /^Answered Q1\.\n/);
  const { needs, questions } = await line.status("top");
  assert.deepEqual({ needs, ids: questions.map(({ id }) => id) }, { needs: "answers", ids: ["Q2"] });
});

Deno.test("answer refuses an unknown id, a wrong letter and a second answer to one id, and writes nothing", async () => {
  using line = await waitingForAnswers();
  const before = line.listing();
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["Q9=A", "Q2=so"], "Cannot answer: there is no question Q9\n  Open questions: Q1, Q2; nothing was written\n"],
    [
      ["Q1=Z", "Q2=so"],
      "Cannot answer: Q1 cannot be Z: the options are A, B\n  Open questions: Q1, Q2; nothing was written\n",
    ],
    [
      ["Q2=", "Q1=A"],
      "Cannot answer: Q2 needs an answer\n  Open questions: Q1, Q2; nothing was written\n",
    ],
    [["Q1=A", "q1=B"], 'Cannot answer: there are two answers to "Q1"\n  Give one; nothing was written\n'],
    [["__proto__=A"], "Cannot answer: there is no question __PROTO__\n  Open questions: Q1, Q2; nothing was written\n"],
    [["so"], 'Unexpected argument "so": the session is already top\n  Quote text that has spaces\n'],
    [
      ["q1"],
      'Cannot answer Q1: it has no value\n  Write Q1=A, or Q1="a text"\n',
    ],
  ];
  for (const [words, error] of cases) {
    assert.deepEqual(await line.type(["answer", "top", ...words]), { code: 2, out: "", error: `samocode: ${error}` });
    assert.deepEqual(line.listing(), before);
  }
});

Deno.test("answer without a terminal asks for answers as arguments", async () => {
  using line = await waitingForAnswers();
  assert.deepEqual(await line.type(["answer", "top"]), {
    code: 2,
    out: "",
    error:
      "samocode: Cannot prompt for answers: stdin is not a terminal\n  Pass them as Q1=A Q2=B, or use --accept-suggestions\n",
  });
});

Deno.test("answer at a terminal keeps what was typed before the end of input", async () => {
  using line = await waitingForAnswers();
  const { code, out } = await line.type(["answer", "top"], { answers: ["A"] });
  assert.equal(code, 0);
  assert.match(out, /Answered Q1\.\n/);
  assert.deepEqual((await line.status("top")).questions.map(({ id }) => id), ["Q2"]);
});

Deno.test("answers written into _qa.md by hand open the gate at the next run", async () => {
  using line = await waitingForAnswers();
  line.edit("_qa.md", (text) => text.replaceAll("_waiting_", "A"));
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
  assert.equal((await line.status("top")).needs, "approval");
  const opened = line.project.events().flatMap((event) => event.type === "gate.opened" ? [event.by] : []);
  assert.deepEqual(opened, ["answers written into _qa.md by hand"]);
});

Deno.test("answers that the agent wrote do not open the gate; a person's decision does", async () => {
  using line = new CommandLine();
  const cheating = `
case $phase in
  requirements)
    printf '### Q1: Which?\\n\\nA) This\\n\\n**Answer:** A\\n' > "$folder/_qa.md"
    echo '{"status":"continue","phase":"planning"}' > "$signal" ;;
  *) ${WHOLE_AGENT} ;;
esac`;
  for (const args of [START, ["run", "top"], ["run", "top"]]) {
    assert.equal((await line.typeWithAgent(cheating, args)).code, 10);
    const { phase, needs, iteration } = await line.status("top");
    assert.deepEqual({ phase, needs, iteration }, { phase: "requirements", needs: "answers", iteration: 2 });
  }
  assert.equal((await line.type(["answer", "top"], { answers: ["n"] })).code, 0);
  assert.equal((await line.status("top")).needs, "answers");
  assert.equal((await line.type(["answer", "top"], { answers: ["y"] })).code, 0);
  assert.equal((await line.typeWithAgent(cheating, ["run", "top"])).code, 10);
  assert.equal((await line.status("top")).phase, "planning");
});

Deno.test("a question that is reopened after the answers closes the gate, and the status asks for it", async () => {
  using line = await waitingForAnswers();
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  line.edit("_qa.md", (text) => text.replace("**Answer:** so", "**Answer:** _waiting_"));
  const { needs, questions } = await line.status("top");
  assert.deepEqual({ needs, ids: questions.map(({ id }) => id) }, { needs: "answers", ids: ["Q2"] });
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
  assert.equal((await line.status("top")).phase, "requirements");
});

Deno.test("answer refuses other answers once the agent has used the first ones, and writes nothing", async () => {
  using line = await waitingForAnswers();
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  assert.equal((await line.type(["answer", "top", "Q1=B"])).code, 0, "nobody has read them yet");
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
  const before = line.listing();
  const late = "samocode: Cannot answer: the agent has already used the first answers\n";
  assert.equal(
    (await line.type(["answer", "top", "Q1=A"])).error,
    `${late}  Send the plan back and say what to change: samocode approve top --reject "what to change"\n`,
  );
  assert.deepEqual(line.listing(), before);
  await line.type(["approve", "top"]);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
  assert.match(
    (await line.type(["answer", "top", "Q1=A"])).error,
    /already used the first answers\n {2}Give it a new task: samocode continue top --task /,
  );
  assert.equal((await line.type(["answer", "top", "Q1=B"])).code, 0, "the same again is no mistake");
});
