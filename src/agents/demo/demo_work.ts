/**
 * The scripted agent's phases after the plan: it changes files, commits, tests, reviews and sums up.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { writeAtomic } from "../../system/files/files.ts";
import { readQuestions } from "../../workflow/questions.ts";
import { choicesFrom } from "./demo_choices.ts";
import { type DemoPlan, planPhases, readPlan, tickPhase } from "./demo_plan.ts";
import { applyEdit, commitWork, type DemoEdit, prepareProject, runShell } from "./demo_project.ts";
import type { DemoEnding } from "./demo_proposals.ts";
import { DEMO_STEPS, FIX_SUBJECT, FLAW_FIX, FLAW_PROBE, FLAW_PROBE_REFUSED } from "./demo_script.ts";
import {
  type DemoStage,
  documentName,
  findDocument,
  readDocument,
  readSessionFile,
  writeSessionFile,
} from "./demo_stage.ts";
import { AFTER_QUALITY, FIRST_TESTS, latestResult, runTests } from "./demo_tests.ts";

const QUALITY = "quality-report";
const NOTES = "NOTES.md";

/** Does the plan's first phase that is not ticked. */
export async function implement(stage: DemoStage): Promise<DemoEnding> {
  const { name, text } = await readDocument(stage, "plan-*");
  const phases = planPhases(text);
  const phase = phases.find(({ ticked }) => !ticked);
  if (phase === undefined) return await implemented(stage, phases.length);
  const step = DEMO_STEPS.find(({ title }) => title === phase.title);
  if (step === undefined) {
    throw new SamocodeError("conflict", `Cannot do the plan's phase ${phase.number}: it is not in the demo's script`, {
      hint: "Tick it or take it out of the plan, or let a real agent go on",
    });
  }
  const plan = readPlan(text, choicesFrom(readQuestions(await readSessionFile(stage, "_qa.md") ?? "")));
  await stage.say(`Phase ${phase.number}: ${step.title}.`);
  const edits = step.edits(plan.choices);
  const notes = step === DEMO_STEPS.at(-1) && plan.remarks.length > 0;
  await change(stage, { subject: step.subject, edits, write: notes ? [{ name: NOTES, text: notesText(plan) }] : [] });
  await writeSessionFile(stage, name, { text: tickPhase(text, phase), tool: "Edit" });
  const left = phases.filter(({ ticked }) => !ticked).length - 1;
  return {
    did: `Phase ${phase.number} of ${phases.length} done: ${step.title}`,
    next: left > 0 ? "Work on the plan's next phase" : "Run the tests",
    signal: { status: "continue", phase: left > 0 ? "implementation" : "testing" },
  };
}

/** Runs the tests and reports what they really said. */
export async function test(stage: DemoStage): Promise<DemoEnding> {
  prepareProject(stage.project);
  const reviewed = findDocument(stage, QUALITY) !== undefined;
  await stage.say(reviewed ? "Once more, now that the review changed something." : "Now for the tests.");
  const { result, name } = await runTests(stage, reviewed ? AFTER_QUALITY : FIRST_TESTS);
  await stage.say(`Result: ${result.inWords}.`);
  if (result.failed) {
    return {
      did: `Ran the tests, ${result.inWords}: ${name}`,
      next: "Find out why the tests fail",
      signal: { status: "continue", phase: "implementation" },
    };
  }
  return {
    did: `Ran the tests, ${result.inWords}: ${name}`,
    next: reviewed ? "Sum up" : "Review the change",
    signal: { status: "continue", phase: reviewed ? "done" : "quality" },
  };
}

/** Reviews the change: tries what the tests do not, and mends what it finds. */
export async function review(stage: DemoStage): Promise<DemoEnding> {
  if (findDocument(stage, QUALITY) !== undefined) return await reviewed(stage);
  prepareProject(stage.project);
  await stage.say("The tests pass what they know. What if N is no number?");
  const probe = `sh ${FLAW_PROBE.join(" ")}`;
  await stage.act("Bash", probe);
  const before = await runShell(stage.project, FLAW_PROBE);
  if (before?.code === 0) await stage.say("It prints everything and calls that a success. That is a flaw.");
  await change(stage, { subject: FIX_SUBJECT, edits: FLAW_FIX, write: [] });
  const after = await runShell(stage.project, FLAW_PROBE);
  const name = documentName(stage, QUALITY);
  await writeSessionFile(stage, name, {
    text: `# Quality report

## Found: --top takes anything for a number

\`${probe}\` must be refused.

- Before: ${probeInWords(before)}${
      before?.code === FLAW_PROBE_REFUSED ? ", fixed by an iteration that was interrupted" : ""
    }
- After: ${probeInWords(after)}

Fixed in \`tally.sh\`: what is no whole number ends with code 2 and says why. Two tests in \`test.sh\` hold it.

## Looked at, and fine

- Quoting: every expansion that can hold a file's name is quoted.
- Portability: POSIX sh only, no bashisms.
`,
  });
  return {
    did: `Reviewed the change, found and fixed a flaw: ${FIX_SUBJECT} (${name})`,
    next: "Run the tests again",
    signal: { status: "continue", phase: "testing" },
  };
}

async function implemented(stage: DemoStage, count: number): Promise<DemoEnding> {
  const ending: DemoEnding = {
    did: `All ${count} phases of the plan are done`,
    next: "Run the tests",
    signal: { status: "continue", phase: "testing" },
  };
  const last = await latestResult(stage);
  if (last?.failed !== true) return ending;
  await stage.say("The tests failed, though all is done. Running them here.");
  const { result } = await runTests(stage, FIRST_TESTS);
  if (!result.failed) return ending;
  // Going back and forth between testing and here would never end: a script has no second idea.
  throw new SamocodeError("conflict", `Cannot mend the tests: ${result.inWords}`, {
    hint: "Look at the test report and at what was changed by hand, then resume",
  });
}

async function reviewed(stage: DemoStage): Promise<DemoEnding> {
  const tested = findDocument(stage, AFTER_QUALITY) !== undefined;
  await stage.say(tested ? "Nothing more to find." : "The review is written; the tests have not seen its change yet.");
  return {
    did: tested ? "Reviewed again: nothing more to find" : "The review is written already",
    next: tested ? "Sum up" : "Run the tests again",
    signal: { status: "continue", phase: tested ? "done" : "testing" },
  };
}

async function change(
  stage: DemoStage,
  { subject, edits, write }: {
    readonly subject: string;
    readonly edits: readonly DemoEdit[];
    readonly write: readonly { readonly name: string; readonly text: string }[];
  },
): Promise<void> {
  const { project, iteration } = stage;
  if (prepareProject(project)) await stage.act("Write", `${project.prefix}tally.sh`);
  const files = [...new Set([...edits.map(({ file }) => file), ...write.map(({ name }) => name)])];
  for (const file of files) {
    await stage.act(edits.some((edit) => edit.file === file) ? "Edit" : "Write", `${project.prefix}${file}`);
  }
  for (const edit of edits) applyEdit(project, edit);
  for (const { name, text } of write) writeAtomic(join(project.root, name), text);
  if (!iteration.hasGit) return;
  await stage.act("Bash", `git commit -m "${subject}"`);
  await commitWork(project, { subject, files, sessionFolder: iteration.sessionFolder });
}

function notesText({ remarks }: DemoPlan): string {
  return `# Notes from the plan's review

What reviewers said of the plan for \`--top\`, for whoever works on it next.

${remarks.map((remark) => `> ${remark}`).join("\n\n")}
`;
}

function probeInWords(run: { readonly code: number; readonly stdout: string } | undefined): string {
  if (run === undefined) return "not tried, there is no sh on this machine";
  return `exit code ${run.code}, ${run.stdout.split("\n").length - 1} lines printed`;
}
