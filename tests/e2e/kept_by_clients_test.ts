import assert from "node:assert/strict";
import { join } from "node:path";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** In the context of every agent. */
const TOLD = "zebra-crossing-4711";
/** What a tool prints; no request and no script has it as it is. */
const PRINTED = "printed-by-a-tool-0815";
const RUN = ["run", "--session", "work", "--task", `Look for the ${TOLD}`];

const SCENARIO = {
  strict: true,
  extract: { prompt: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"], system: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
  rules: ["system", "prompt"].map((where) => ({
    name: "work",
    when: { [where]: "^\\*\\*Phase:\\*\\* investigation$" },
    steps: [
      { tools: [{ bash: "for i in $(seq 3000); do echo printed-by-a'-tool-0815' $i; done" }] },
      {
        tools: [{
          bash: `echo '{"status":"blocked","reason":"Done","needs":"human_decision"}' > '{{S}}/_signal.json'`,
        }],
      },
      { text: "Done." },
    ],
  })),
};

clientTest(
  "the real claude keeps nothing of what it was told, nor of what its tools printed",
  "claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, SCENARIO);
    using project = new TempProject(claudeEnvironment(found.path, model));
    await checkNothingKept(project, join(project.root, "home", ".claude"));
  },
);

clientTest(
  "the real codex keeps nothing of what it was told, nor of what its tools printed",
  "codex",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, SCENARIO);
    using project = new CodexProject(found, model);
    await checkNothingKept(project, project.env["CODEX_HOME"] ?? "");
  },
);

async function checkNothingKept(project: TempProject, folder: string): Promise<void> {
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  const [log = ""] = filesBelow(join(project.sessionFolder(), "_logs")).filter((path) => path.endsWith(".jsonl"));
  assert.ok(bytesOf(log).includes(PRINTED), "the tool printed it");
  const files = filesBelow(folder);
  assert.ok(files.length > 0);
  for (const word of [TOLD, PRINTED]) assert.deepEqual(files.filter((path) => bytesOf(path).includes(word)), [], word);
}

function bytesOf(path: string): string {
  return new TextDecoder("latin1").decode(Deno.readFileSync(path));
}

function filesBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) => {
    const path = join(folder, name);
    return isDirectory ? filesBelow(path) : isFile ? [path] : [];
  });
}
