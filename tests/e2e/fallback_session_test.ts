import assert from "node:assert/strict";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { findClient, slowClientTest } from "../helpers/find_clients.ts";

const RUN = ["run", "--session", "greet", "--dive", "what is here", "--task", "Add a greeting"];

const claude = findClient("claude");

// Both must be there; the one that is missing is named.
slowClientTest(
  "a session begun with claude and limited in the middle is finished by codex",
  claude === undefined ? "claude" : "codex",
  async ({ path, fakeModel }) => {
    await using limited = await startFakeModel(fakeModel, LIMITED_IN_PLANNING);
    await using model = await startFakeModel(fakeModel, "codex_session");
    const { ANTHROPIC_API_KEY: _, ...env } = claudeEnvironment(claude ?? "", limited);
    using project = new CodexProject({ path }, model, {
      ...env,
      CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-fake",
      SAMOCODE_PROVIDER: "claude",
      SAMOCODE_FALLBACK_PROVIDER: "codex",
    });
    const codes: number[] = [];
    for (const args of [RUN, ["answer", "greet", "Q1=B"], ["run", "greet"]]) codes.push((await project.run(args)).code);
    for (const args of [["approve", "greet", "--reject", "I want a test, too"], ["run", "greet"]]) {
      codes.push((await project.run(args)).code);
    }
    codes.push((await project.approve("greet")).code);
    const done = await project.run(["run", "greet"]);
    assert.deepEqual([...codes, done.code], [10, 0, 10, 0, 10, 0, 0], done.stdout + done.stderr);

    const events = project.events();
    const workers = events.flatMap((event) =>
      event.type === "iteration.started" ? [`${event.phase} ${event.attempt}: ${event.provider}`] : []
    );
    assert.deepEqual(workers.slice(0, 6), [
      "investigation 1: claude",
      "requirements 1: claude",
      "requirements 1: claude",
      "planning 1: claude",
      "planning 2: codex",
      // The forgotten signal is asked for.
      "planning 3: codex",
    ]);
    assert.ok(workers.slice(6).every((worker) => worker.endsWith(": codex")), "the limit is not over");
    const [end] = events.flatMap((event) =>
      event.type === "iteration.ended" && event.end.kind !== "finished" ? [event.end] : []
    );
    const [change, ...more] = events.flatMap((event) =>
      event.type === "iteration.retried" ? [event.fallback].filter((fallback) => fallback !== undefined) : []
    );
    assert.deepEqual(more, [], "one change is enough");
    assert.deepEqual([end?.kind, change?.instead, change?.provider], ["rate-limited", "claude", "codex"]);
    assert.ok(Date.parse(change?.until ?? "") > Date.now(), "the limit's end is known");
    assert.deepEqual(events.at(-1)?.type, "session.stopped");
    assert.equal(project.git("log", "--format=%s", "greet"), "Test the greeting\nAdd the greeting\nBegin");
  },
);

const PLANNING = "^\\*\\*Phase:\\*\\* planning$";

/** Claude's part: it comes to its limit when it has just begun to plan, and is asked for nothing afterwards. */
const LIMITED_IN_PLANNING = {
  strict: true,
  extract: { system: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
  rules: [
    {
      when: { system: "^\\*\\*Phase:\\*\\* investigation$" },
      steps: signalling('{"status":"continue","phase":"requirements"}'),
    },
    {
      when: { system: ["^\\*\\*Phase:\\*\\* requirements$", "## Answers"] },
      steps: signalling('{"status":"continue","phase":"planning"}'),
    },
    {
      when: { system: "^\\*\\*Phase:\\*\\* requirements$" },
      steps: [
        {
          tools: [{
            write: {
              path: "{{S}}/_qa.md",
              content: "### Q1: Which?\n\nA) hello\nB) good day\n\n**Answer:** _waiting_\n",
            },
          }],
        },
        ...signalling('{"status":"waiting","for":"qa_answers"}'),
      ],
    },
    { when: { system: PLANNING, totalTurns: 1 }, reply: { error: "usage-limit" } },
    { when: { system: PLANNING }, steps: [{ tools: [{ bash: "touch {{S}}/half-done" }] }] },
  ],
};

function signalling(content: string): readonly object[] {
  return [{ tools: [{ write: { path: "{{S}}/_signal.json", content } }] }, { text: "Done." }];
}
