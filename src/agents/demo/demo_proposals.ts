/**
 * The scripted agent's phases up to the plan: it looks, asks and proposes, and changes nothing in the worktree.
 *
 * @module
 */
import { plainText } from "../../text/terminal_text.ts";
import type { Signal } from "../../workflow/signal.ts";
import { readQuestions } from "../../workflow/questions.ts";
import { choicesFrom, DEMO_QUESTIONS, limitInWords, tiesInFull } from "./demo_choices.ts";
import { demoPlanText, readPlan, revisedPlan } from "./demo_plan.ts";
import { OWN_FOLDER } from "./demo_project.ts";
import { type DemoStage, documentName, findDocument, readSessionFile, writeSessionFile } from "./demo_stage.ts";
import { surveyText } from "./demo_survey.ts";

/** How a phase's iteration ends. */
export interface DemoEnding {
  /** What happened, for the notebook. */
  readonly did: string;
  /** What is due next, for the notebook. */
  readonly next: string;
  readonly signal: Signal;
}

const PLAN = "plan-tally-top";

/** Looks at the repository and writes down what it found. */
export async function investigate(stage: DemoStage): Promise<DemoEnding> {
  const written = findDocument(stage, "dive-tally");
  if (written === undefined) {
    await stage.say("A scripted agent here, no model behind it. First a look at what is there.");
    const text = await surveyText(stage);
    await writeSessionFile(stage, documentName(stage, "dive-tally"), { text });
    await stage.say(
      stage.project.isSample
        ? "Words go through tr, sort and uniq, so --top can simply cut the end of that pipeline."
        : `This is not the demo's sample. I play in ${OWN_FOLDER}/ and touch nothing else.`,
    );
  } else {
    await stage.say(`The dive is written already: ${written}.`);
  }
  return {
    did: `Looked into the project: ${written ?? documentName(stage, "dive-tally")}`,
    next: "Settle what --top is to do",
    signal: { status: "continue", phase: "requirements" },
  };
}

/** Asks what only a human can say, and writes down the answers. */
export async function settleRequirements(stage: DemoStage): Promise<DemoEnding> {
  const asked = await readSessionFile(stage, "_qa.md") ?? "";
  const questions = readQuestions(asked);
  if (questions.length === 0) {
    await stage.say("Two things are a matter of taste. I ask rather than guess.");
    const text = `${asked.trim() === "" ? "# Questions" : asked.trimEnd()}\n\n${DEMO_QUESTIONS}`;
    await writeSessionFile(stage, "_qa.md", { text });
    return waitingForAnswers(`Asked ${readQuestions(DEMO_QUESTIONS).length} questions`);
  }
  const open = questions.filter(({ answer }) => answer === undefined);
  if (open.length > 0) {
    const ids = open.map(({ id }) => id).join(", ");
    await stage.say(`No answer yet to ${ids}.`);
    return waitingForAnswers(`Still waiting for an answer to ${ids}`);
  }
  const { limit, ties } = choicesFrom(questions);
  const name = findDocument(stage, "requirements-tally-top") ?? documentName(stage, "requirements-tally-top");
  const answers = questions.map(({ id, text, answer = "" }) =>
    `- **${plainText(id, 20)}** ${plainText(text, 200)}\n  - Answer: ${plainText(answer, 400)}`
  );
  await writeSessionFile(stage, name, {
    text: `# Requirements: --top N for tally

1. \`tally.sh --top N\` prints only the N most frequent words; \`--top 0\` prints all.
2. Without \`--top\` it prints ${limitInWords(limit)}.
3. Equally frequent words come ${tiesInFull(ties)}.
4. All that works today goes on working, and tests show it.

## What was answered

${answers.join("\n")}

Where an answer named none of what this script knows, its own suggestion stands above.
`,
  });
  await stage.say(`So without --top it is ${limitInWords(limit)}, and equals come ${tiesInFull(ties)}.`);
  return {
    did: `Wrote the requirements from the answers: ${name}`,
    next: "Plan the work",
    signal: { status: "continue", phase: "planning" },
  };
}

/** Proposes a plan, or a better one after a human's remarks. */
export async function plan(stage: DemoStage): Promise<DemoEnding> {
  const { feedback } = stage.iteration;
  const choices = choicesFrom(readQuestions(await readSessionFile(stage, "_qa.md") ?? ""));
  const found = findDocument(stage, "plan-*");
  const before = found === undefined ? undefined : await readSessionFile(stage, found);
  if (before !== undefined && feedback.trim() === "") {
    await stage.say("The plan stands.");
    return {
      did: `The plan stands: ${found}`,
      next: "Work on the plan's first phase",
      signal: { status: "continue", phase: "implementation" },
    };
  }
  const draft = before === undefined ? { choices, testsFirst: false, remarks: [] } : readPlan(before, choices);
  const revised = revisedPlan(draft, feedback);
  await stage.say(before === undefined ? "Three small phases will do." : "The plan came back. Taking the remarks in.");
  // One plan, revised in place: two of them would leave open which one was approved.
  const name = found ?? documentName(stage, PLAN);
  await writeSessionFile(stage, name, {
    text: demoPlanText(revised, {
      place: stage.project.isSample
        ? "this project"
        : `\`${OWN_FOLDER}/\`, a folder of the demo's own; nothing else in this project is touched`,
    }),
    tool: before === undefined ? "Write" : "Edit",
  });
  return {
    did: before === undefined ? `Wrote the plan: ${name}` : `Revised the plan: ${name}`,
    next: "Approve the plan, or say what should change",
    signal: { status: "waiting", for: "plan_approval", phase: undefined },
  };
}

function waitingForAnswers(did: string): DemoEnding {
  return {
    did,
    next: "Answer the questions in _qa.md",
    signal: { status: "waiting", for: "qa_answers", phase: undefined },
  };
}
