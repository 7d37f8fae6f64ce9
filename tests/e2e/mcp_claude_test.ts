/**
 * The real Claude Code as parent: it registers the server, and drives sessions through its tools.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest, slowClientTest } from "../helpers/find_clients.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { McpProject } from "../mcp/mcp_client.ts";

const STATUS = '"session":"top","state":';

/** A parent that does what each status says, and lets the person's decisions be known to the script. */
const PARENT = {
  strict: true,
  extract: { toolResult: ['"sha256":"(?<hash>[0-9a-f]{64})"'] },
  rules: [
    {
      name: "parent",
      when: { hasTool: ["ToolSearch"], prompt: "run samocode" },
      steps: [
        {
          tools: [{
            name: "mcp__samocode__start_session",
            input: { task: "Add --top", dive: "tally", session: "top" },
          }],
        },
        {
          text: "Two questions.",
          tools: [{ name: "mcp__samocode__answer_qa", input: { session: "top", answers: { Q1: "A", Q2: "B" } } }],
        },
        {
          tools: [{
            name: "mcp__samocode__approve_plan",
            input: { session: "top", decision: "approve", sha256: "{{hash}}" },
          }],
        },
        { text: "It is done." },
      ],
    },
  ],
};

/** The same parent for a session whose agents are real too: theirs are the other rules. */
function withAgents(): object {
  const scenario = JSON.parse(
    Deno.readTextFileSync(join(import.meta.dirname ?? ".", "..", "fixtures", "scenarios", "claude_session.json")),
  );
  const parent = JSON.parse(
    JSON.stringify(PARENT.rules[0]).replaceAll('"session":"top"', '"session":"greet"')
      .replace('"answers":{"Q1":"A","Q2":"B"}', '"answers":{"Q1":"B"}'),
  );
  return {
    ...scenario,
    extract: { ...scenario.extract, ...PARENT.extract },
    rules: [parent, ...scenario.rules],
  };
}

class Parent {
  readonly #project: McpProject;
  readonly #claude: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(project: McpProject, claude: string, env: Readonly<Record<string, string>>) {
    this.#project = project;
    this.#claude = claude;
    this.#env = env;
  }

  static with(
    project: McpProject,
    claude: string,
    options: { model: FakeModel; gate: string; provider?: string },
  ): Parent {
    return new Parent(project, claude, {
      ...claudeEnvironment(claude, options.model),
      DISABLE_AUTOUPDATER: "1",
      SAMOCODE_PROVIDER: options.provider ?? "demo",
      SAMOCODE_DEMO_PACE: "0",
      SAMOCODE_GATE: options.gate,
    });
  }

  async type(...args: readonly string[]): Promise<string> {
    const home = join(this.#project.root, "home");
    const { stdout, stderr, code } = await new Deno.Command(this.#claude, {
      args: [...args],
      cwd: this.#project.root,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: home,
        TMPDIR: this.#project.root,
        DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
        GIT_AUTHOR_NAME: "me",
        GIT_AUTHOR_EMAIL: "me@localhost",
        GIT_COMMITTER_NAME: "me",
        GIT_COMMITTER_EMAIL: "me@localhost",
        ...this.#env,
      },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.equal(code, 0, `claude ${args.join(" ")}\n${text}\n${new TextDecoder().decode(stderr)}`);
    return text;
  }
}

clientTest(
  "the real claude registers the server, finds it connected, and takes a session to its end",
  "claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, PARENT);
    using project = new McpProject();
    const parent = Parent.with(project, found.path, { model, gate: "agent" });
    await parent.type("mcp", "add", "samocode", "--", ...programUnderTest(), "mcp");
    assert.match(await parent.type("mcp", "list"), /samocode: .* - ✔ Connected/);

    const said = await parent.type(
      ...["-p", "run samocode: dive into tally, task: add --top"],
      ...["--allowedTools", "mcp__samocode", "--output-format", "stream-json", "--verbose"],
    );
    const results = said.split("\n").flatMap((line) => line.includes('"tool_result"') ? [line] : []);
    const states = results.join("\n").replaceAll("\\", "").match(/"session":"top","state":"(\w+)"/g) ?? [];
    assert.deepEqual(
      states.filter((state, index) => state !== states[index - 1]).map((state) => state.slice(STATUS.length)),
      ['"waiting"', '"done"'],
      said,
    );
    assert.equal(project.events().at(-1)?.type, "session.stopped");
    assert.deepEqual(
      project.events().flatMap((event) =>
        event.type === "gate.opened" ? [event.by.replace(/toolu_\w+/, "toolu_")] : []
      ),
      Array(2).fill("an agent on its own, through claude-code 2.1.328 (toolu_)"),
    );
    assert.deepEqual(project.workers(), []);
  },
);

clientTest(
  "claude -p, where nobody can be asked, can neither answer nor approve while the person holds the gates",
  "claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, PARENT);
    using project = new McpProject();
    const parent = Parent.with(project, found.path, { model, gate: "ask" });
    await parent.type("mcp", "add", "samocode", "--", ...programUnderTest(), "mcp");
    await parent.type("-p", "run samocode: dive into tally, task: add --top", "--allowedTools", "mcp__samocode");
    const { outcome } = project.events().findLast((event) => event.type === "session.stopped") ?? {};
    assert.deepEqual(outcome?.kind === "waiting" ? outcome.gate : outcome, "qa_answers");
    assert.ok(!project.events().some(({ type }) => type === "gate.opened" || type === "answers.given"));
  },
);

slowClientTest(
  "a session whose agents are the real claude runs to its end below a parent that is one",
  "claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, withAgents());
    using project = new McpProject();
    const parent = Parent.with(project, found.path, { model, gate: "agent", provider: "claude" });
    await parent.type("mcp", "add", "samocode", "--", ...programUnderTest(), "mcp");
    const said = await parent.type("-p", "run samocode: add a greeting", "--allowedTools", "mcp__samocode");
    assert.match(said, /It is done/);
    const { outcome } = project.events().findLast((event) => event.type === "session.stopped") ?? {};
    assert.deepEqual(outcome?.kind, "done", JSON.stringify(outcome));
    assert.equal(project.events().find((event) => event.type === "session.started")?.provider, "claude");
    assert.equal(project.git("log", "--format=%s", "greet"), "Test the greeting\nAdd the greeting\nBegin");
    assert.deepEqual(project.workers(), []);
  },
);
