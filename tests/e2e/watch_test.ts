import assert from "node:assert/strict";
import { join } from "node:path";
import { VirtualTerminal } from "../console/virtual_terminal.ts";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "work", "--task", "Work"];

/** What the view shows of tokens and cost after each call. */
const SEEN = {
  claude: ["$0.80 · 100k tokens in, 20.0k out", "$1.60 · 200k tokens in, 40.0k out"],
  codex: ["$1.10 · 100k tokens in, 20.0k out", "$2.20 · 200k tokens in, 40.0k out"],
};

for (const name of ["claude", "codex"] as const) {
  clientTest(`status --watch shows tokens and cost grow while the real ${name} works`, name, async (client) => {
    let root = "";
    let calls = 0;
    // Each call has a command run until the test has seen what the call used.
    const scenario = {
      rules: [{
        name: "work",
        when: { any: "Session path" },
        play: () => ({
          tools: [{ bash: `until [ -e ${root}/go-${++calls} ]; do sleep 0.05; done` }],
          usage: { input: 100_000, output: 20_000, cache_read: 0, cache_write: 0 },
        }),
      }],
    };
    await using model = await startFakeModel(client.fakeModel, scenario);
    using project = projectOf(name, client.path, model);
    root = project.root;
    const worker = project.start(RUN);
    const end = finished(worker);
    try {
      await project.until((events) => events.some(({ type }) => type === "agent.started"));
      await using watch = new Watch(project);
      for (const [index, figures] of SEEN[name].entries()) {
        await watch.sees(`about ${figures}`);
        await watch.sees(`▸ running until [ -e ${root}/go-${index + 1}`.slice(0, 40));
        const { costUsd, estimatedUsd, tokens } = JSON.parse((await project.run(["status", "work", "--json"])).stdout);
        assert.equal(tokens.input, 100_000 * (index + 1));
        assert.equal(`$${((costUsd ?? 0) + estimatedUsd).toFixed(2)}`, figures.slice(0, 5));
        Deno.writeTextFileSync(join(root, `go-${index + 1}`), "");
      }
      await project.until((events) => events.some(({ type }) => type === "agent.resumed"));
    } finally {
      worker.kill("SIGINT");
      await end;
    }
  });
}

function projectOf(name: "claude" | "codex", path: string, model: FakeModel): TempProject {
  return name === "claude" ? new TempProject(claudeEnvironment(path, model)) : new CodexProject({ path }, model);
}

/** `status --watch` in a terminal of 80 columns. */
class Watch implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #terminal = new VirtualTerminal(80);
  readonly #reading: Promise<void>;
  #wake = () => {};

  constructor(project: TempProject) {
    const command = [...programUnderTest(), "status", "work", "--watch"].map((word) => `'${word}'`).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", `stty cols 80 rows 24; exec ${command}`, "/dev/null"],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh", NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Resolves as soon as the screen shows a text. */
  async sees(text: string): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!this.#terminal.rows.some((row) => row.includes(text))) {
      assert.ok(performance.now() < deadline, `no "${text}" in:\n${this.#terminal.rows.join("\n")}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1_000);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#terminal.write(text);
      this.#wake();
    }
  }
}
