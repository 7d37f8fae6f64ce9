import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "plan", "--task", "Plan"];
const ON = ["run", "plan"];
const PLAN = "11-20-0500-plan-top.md";

/** Comes to the implementation in two gates; what its agent does there, the first time, is given. */
function planned(act: string): TempProject {
  return hostileProject(`
while [ $# -gt 0 ]; do [ "$1" = --append-system-prompt-file ] && cp "$2" "$root/context.$phase"; shift; done
cd "$folder"
say() { echo "$1" > "$SAMOCODE_SIGNAL"; }
case $phase in
  investigation) say '{"status":"continue","phase":"requirements"}' ;;
  requirements)
    if [ -e _qa.md ]; then say '{"status":"continue","phase":"planning"}'
    else printf '### Q1: Which?\\n\\n**Answer:** _waiting_\\n' > _qa.md; say '{"status":"waiting","for":"qa_answers"}'; fi ;;
  planning)
    if [ -e ${PLAN} ]; then echo '- [ ] as told' >> ${PLAN}; else printf '# Plan\\n\\n- [ ] one\\n- [ ] two\\n' > ${PLAN}; fi
    say '{"status":"waiting","for":"plan_approval"}' ;;
  implementation)
    if [ -e acted ]; then say '{"status":"blocked","reason":"went on","needs":"clarification"}'
    else touch acted; say '{"status":"continue","phase":"implementation"}'; ${act}; fi ;;
  *) say '{"status":"blocked","reason":"went on","needs":"clarification"}' ;;
esac`);
}

async function toApproval(project: TempProject): Promise<void> {
  assert.equal((await project.run(RUN)).code, 10);
  assert.equal((await project.run(["answer", "plan", "Q1=so"])).code, 0);
  const { code, stdout } = await project.run(ON);
  assert.equal(code, 10, stdout);
}

async function approve(project: TempProject, ...more: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await (
    more.length === 0 ? project.approve("plan") : project.run(["approve", "plan", ...more])
  );
  assert.equal(code, 0, stdout + stderr);
}

const REWRITES: Readonly<Record<string, string>> = {
  "adds a line to it": `echo '- [ ] and three' >> ${PLAN}`,
  "rewrites it and says the testing may begin":
    `echo '# Another' > ${PLAN}; say '{"status":"continue","phase":"testing"}'`,
  "replaces it by another file": `rm ${PLAN}; echo '- [ ] mine' > 11-20-0600-plan-mine.md`,
  "crashes after it rewrote it": `echo '- [ ] and three' >> ${PLAN}; rm "$SAMOCODE_SIGNAL"; exit 3`,
};

for (const [index, [what, act]] of Object.entries(REWRITES).entries()) {
  const test = index === 0 ? Deno.test : slowTest;
  test(`the plan's gate shuts again where the agent ${what} during the implementation`, async () => {
    using project = planned(act);
    await toApproval(project);
    await approve(project);
    for (const again of [false, true]) {
      const { code, stdout } = await project.run(ON);
      if (what.startsWith("crashes") && !again) {
        assert.equal(code, 1, stdout);
        continue;
      }
      assert.equal(code, 10, stdout);
      assert.match(stdout, /Waiting for you: The plan (?:was changed after it was approved and )?needs your approval/);
    }
    assert.equal(project.events().filter(({ type }) => type === "iteration.started").length, 5);
    await approve(project);
    assert.match((await project.run(ON)).stdout, /went on/);
    assert.match(
      Deno.readTextFileSync(join(project.root, "context.implementation")),
      /\*\*Approved plan:\*\* 11-20-0\d00-plan-/,
    );
  });
}

slowTest("a plan that was rewritten during the implementation can be sent back to the planning agent", async () => {
  using project = planned(`echo '# Another' > ${PLAN}`);
  await toApproval(project);
  await approve(project);
  assert.equal((await project.run(ON)).code, 10);
  await approve(project, "--reject", "as it was");
  assert.equal((await project.run(ON)).code, 10);
  assert.match(Deno.readTextFileSync(join(project.root, "context.planning")), /as it was/);
  await approve(project);
  assert.match((await project.run(ON)).stdout, /went on/);
});

Deno.test("ticking the plan's boxes and writing a second plan close no gate, and the agent is told which plan was approved", async () => {
  using project = planned(`sed -i 's/\\[ \\] one/[x] one/' ${PLAN}; echo '# Mine' > 12-31-2300-plan-mine.md`);
  await toApproval(project);
  await approve(project);
  const { code, stdout } = await project.run(ON);
  assert.equal(code, 20, stdout);
  assert.match(stdout, /went on/);
  assert.match(
    Deno.readTextFileSync(join(project.root, "context.implementation")),
    /^\*\*Approved plan:\*\* 11-20-0500-plan-top\.md, and no other$/m,
  );
});

slowTest(
  "a person who moves an approved session back to an earlier phase has it come through every gate again",
  async () => {
    using project = planned("true");
    await toApproval(project);
    await approve(project);
    assert.equal((await project.run(ON)).code, 20);
    const overview = join(project.sessionFolder(), "_overview.md");
    const text = Deno.readTextFileSync(overview);
    Deno.writeTextFileSync(overview, text.replace(/^Phase: \w+/m, "Phase: investigation"));
    Deno.removeSync(join(project.sessionFolder(), "_qa.md"));
    Deno.writeTextFileSync(join(project.sessionFolder(), PLAN), "# Another\n");
    assert.match(
      (await project.run(ON)).stdout,
      /Phase investigation[^]*Waiting for you: The agent's questions need your answers/,
    );
    assert.equal((await project.run(["answer", "plan", "Q1=new"])).code, 0);
    const { stdout } = await project.run(ON);
    assert.match(stdout, /Waiting for you: The plan needs your approval/);
    await approve(project);
    assert.match((await project.run(ON)).stdout, /went on/);
  },
);
