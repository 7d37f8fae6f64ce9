import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { slowTest } from "../helpers/slow.ts";
import type { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "gate", "--task", "Ask"];

const ASK = `printf '### Q1: Which?\\n\\n**Answer:** %s\\n'`;

/** Goes to the questions' gate with what the given lines make of `_qa.md`. */
function asking(make: string, signal: string): string {
  return `cd "$folder"
case $phase in
  investigation) echo '{"status":"continue","phase":"requirements"}' > "$SAMOCODE_SIGNAL" ;;
  requirements)
    if [ ! -e asked ]; then touch asked; ${make}; fi
    echo '${signal}' > "$SAMOCODE_SIGNAL" ;;
  *) touch passed; echo '{"status":"blocked","reason":"got through","needs":"clarification"}' > "$SAMOCODE_SIGNAL" ;;
esac`;
}

const CONTINUE = `{"status":"continue","phase":"planning"}`;
const WAIT = `{"status":"waiting","for":"qa_answers"}`;

/** The agent answers itself, and the file changes once more after it was shown, by the worker's own hand. */
const LINKS: Readonly<Record<string, { readonly make: string; readonly signal?: string; readonly says: RegExp }>> = {
  "a symbolic link to the notebook": {
    make: `${ASK} A >> _overview.md; ln -s _overview.md _qa.md`,
    says: /Failed: Cannot read \S+_qa\.md: it is a link/,
  },
  "a hard link to session.log": {
    make: `${ASK} A >> session.log; ln session.log _qa.md`,
    says: /Failed: Cannot read \S+_qa\.md: it is a hard link/,
  },
  "a hard link to session.log, whose last question the next line of the log answers": {
    make: `${ASK} "" | tr -d '\\n' | sed 's/Which?/Which?\\n\\n/' >> session.log; ln session.log _qa.md`,
    signal: WAIT,
    says: /Failed: Cannot read \S+_qa\.md: it is a hard link/,
  },
  "a symbolic link to worker.log": {
    make: `${ASK} A > worker.log; ln -s worker.log _qa.md`,
    says: /Failed: Cannot read \S+_qa\.md: it is a link/,
  },
  "a folder": { make: "mkdir _qa.md", says: /Failed: Cannot read \S+_qa\.md: not a regular file/ },
  "a pipe": { make: "mkfifo _qa.md", says: /Failed: Cannot read \S+_qa\.md: not a regular file/ },
  "a device": { make: "ln -s /dev/zero _qa.md", says: /Failed: Cannot read \S+_qa\.md: it is a link/ },
  "a file of 5 MB": { make: "head -c 5000000 /dev/zero > _qa.md", says: /Failed: Cannot read \S+_qa\.md: over 4 MiB/ },
};

for (const [what, { make, signal = CONTINUE, says }] of Object.entries(LINKS)) {
  slowTest(`the questions' gate stays shut where the agent makes _qa.md ${what}`, async () => {
    using project = hostileProject(asking(make, signal));
    for (const args of [RUN, ["run", "gate"], ["run", "gate"]]) {
      const { code, stdout } = await project.run(args);
      assert.notEqual(code, 0);
      assert.match(stdout, says);
      assertShut(project);
    }
  });
}

Deno.test("answers by hand do not count where no question was open when they were shown", async () => {
  using project = hostileProject(asking(`${ASK} A > _qa.md`, CONTINUE));
  assert.equal((await project.run(RUN)).code, 10);
  const questions = join(project.sessionFolder(), "_qa.md");
  // As a process does that the agent left behind.
  Deno.writeTextFileSync(questions, Deno.readTextFileSync(questions).replace("** A", "** A, of course"));
  assert.equal((await project.run(["run", "gate"])).code, 10);
  assertShut(project);
  // A person still can: by their own command.
  assert.equal((await project.run(["answer", "gate", "Q1=B"])).code, 0);
  assert.match((await project.run(["run", "gate"])).stdout, /got through/);
});

Deno.test("answers by hand count where a question was open, also at a gate that an older version reached", async () => {
  for (const isOld of [false, true]) {
    using project = hostileProject(asking(`${ASK} _waiting_ > _qa.md`, WAIT));
    assert.equal((await project.run(RUN)).code, 10);
    const shown = project.events().find(({ type }) => type === "gate.reached");
    assert.equal(shown?.type === "gate.reached" && shown.openQuestions, 1);
    if (isOld) {
      const journal = join(project.sessionFolder(), "_journal.jsonl");
      Deno.writeTextFileSync(journal, Deno.readTextFileSync(journal).replace(',"openQuestions":1', ""));
      project.own();
    }
    const questions = join(project.sessionFolder(), "_qa.md");
    Deno.writeTextFileSync(questions, Deno.readTextFileSync(questions).replace("_waiting_", "B"));
    await project.run(["run", "gate"]);
    assert.deepEqual(project.events().flatMap((event) => event.type === "gate.opened" ? [event.by] : []), [
      "answers written into _qa.md by hand",
    ]);
  }
});

Deno.test("a notebook that the agent turned into a link becomes a file again before anyone reads it", async () => {
  using project = hostileProject(
    asking(`${ASK} _waiting_ > _qa.md; mv _overview.md other.md; ln other.md _overview.md`, WAIT),
  );
  assert.equal((await project.run(RUN)).code, 10);
  const other = join(project.sessionFolder(), "other.md");
  Deno.writeTextFileSync(other, Deno.readTextFileSync(other).replace("Phase: requirements", "Phase: planning"));
  assert.equal((await project.run(["run", "gate"])).code, 10);
  assertShut(project);
});

function assertShut(project: TempProject): void {
  assert.deepEqual(project.events().filter(({ type }) => type === "gate.opened"), []);
  assert.equal([...Deno.readDirSync(project.sessionFolder())].some(({ name }) => name === "passed"), false);
}
