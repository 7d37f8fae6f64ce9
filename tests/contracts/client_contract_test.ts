/**
 * What holds for a session with each real agent CLI, if its model's service fails.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import { CodexProject, type Service } from "../helpers/codex_project.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest, type FoundClient } from "../helpers/find_clients.ts";
import { SilentService } from "../helpers/silent_service.ts";
import { markedProcesses, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "greet", "--dive", "what is here", "--task", "Add a greeting"];

type MakeProject = (found: FoundClient, service: Service, env: Readonly<Record<string, string>>) => TempProject;

const PROJECTS: Readonly<Record<"claude" | "codex", MakeProject>> = {
  claude: ({ path }, service, env) =>
    new TempProject({ ...claudeEnvironment(path, service), CLAUDE_CODE_MAX_RETRIES: "0", ...env }),
  codex: (found, service, env) => new CodexProject(found, service, env),
};

for (const client of ["claude", "codex"] as const) {
  const makeProject = PROJECTS[client];
  const once = { SAMOCODE_MAX_RETRIES: "0" };

  clientTest(`a ${client} that gets no answer is ended when its time is over`, client, async (found) => {
    using service = new SilentService();
    using project = makeProject(found, service, { ...once, [`${client.toUpperCase()}_TIMEOUT`]: "900" });
    const { code, stdout } = await project.run([...RUN, "--timeout", "2"]);
    assert.equal(code, 1, stdout);
    assert.deepEqual(endOf(project), { kind: "timed-out", afterMs: 2000 });
    assert.deepEqual(markedProcesses(project.events()), []);
  });

  clientTest(`a ${client} that gets no answer is ended when it was silent for too long`, client, async (found) => {
    using service = new SilentService();
    using project = makeProject(found, service, { ...once, SAMOCODE_STALL_TIMEOUT: "2" });
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 1, stdout);
    assert.equal(endOf(project)?.kind, "stalled");
    assert.deepEqual(markedProcesses(project.events()), []);
  });

  clientTest(`a key that ${client} is refused blocks the session instead of trying again`, client, async (found) => {
    await using model = await startFakeModel(found.fakeModel, { rules: [{ reply: { error: "auth" } }] });
    using project = makeProject(found, model, {});
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 20, stdout);
    assert.match(stdout, /(?:Invalid|Incorrect) API key/);
    assert.deepEqual(project.attempts(), ["1.1"]);
    const log = Deno.readTextFileSync(join(project.sessionFolder(), "session.log"));
    assert.ok(!log.includes('fake"'), "no key in the log");
  });
}

function endOf(project: TempProject): IterationEnd | undefined {
  return project.events().find((event) => event.type === "iteration.ended")?.end;
}
