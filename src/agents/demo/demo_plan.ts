/**
 * The scripted agent's plan: written, revised, read again and ticked, all from its own text.
 *
 * @module
 */
import { plainText } from "../../text/terminal_text.ts";
import { choicesIn, type DemoChoices, limitInWords, tiesInFull } from "./demo_choices.ts";
import { DEMO_STEPS, type DemoStep } from "./demo_script.ts";

/** What a plan says. */
export interface DemoPlan {
  readonly choices: DemoChoices;
  readonly testsFirst: boolean;
  /** What humans said of it, oldest first, one line each. */
  readonly remarks: readonly string[];
}

/** A phase of the plan as it stands in the text. */
export interface PlanPhase {
  /** Its whole line. */
  readonly line: string;
  readonly number: number;
  readonly title: string;
  readonly ticked: boolean;
}

/** The longest remark that is quoted, in columns. */
const MAX_REMARK = 600;

/** Takes a human's remark into a plan; one that is in there already changes nothing. */
export function revisedPlan(plan: DemoPlan, feedback: string): DemoPlan {
  const remark = plainText(feedback, MAX_REMARK);
  if (remark === "" || plan.remarks.includes(remark)) return plan;
  const { limit = plan.choices.limit, ties = plan.choices.ties } = choicesIn(remark);
  return {
    choices: { limit, ties },
    testsFirst: plan.testsFirst || TESTS_FIRST.test(remark),
    remarks: [...plan.remarks, remark],
  };
}

/** Writes a plan, with nothing done yet. */
export function demoPlanText(plan: DemoPlan, { place }: { readonly place: string }): string {
  const { limit, ties } = plan.choices;
  const phases = stepsOf(plan).map(({ title, details }, index) =>
    [`- [ ] Phase ${index + 1}: ${title}`, ...details(plan.choices).map((detail) => `  - ${detail}`)].join("\n")
  );
  return `# Plan: --top N for tally

Where: ${place}

## Decisions

- Without --top: ${limit === 0 ? "all" : limit} (${limitInWords(limit)})
- Equally frequent words: ${ties} (${tiesInFull(ties)})

## Phases

${phases.join("\n")}

Each phase ends in a commit, where there is git. Then testing runs \`sh test.sh\`, and a review tries what the tests do not.
${plan.remarks.length === 0 ? "" : `\n## ${REMARKS}\n\n${remarksText(plan)}`}`;
}

/** Reads a plan's decisions and remarks; what a human made unreadable is taken from `otherwise`. */
export function readPlan(text: string, otherwise: DemoChoices): DemoPlan {
  const limit = /^- Without --top: (all|\d{1,3})\b/m.exec(text)?.[1];
  const ties = /^- Equally frequent words: (alphabetical|first seen)\b/m.exec(text)?.[1];
  const remarks = text.split(new RegExp(`^## ${REMARKS}$`, "m"))[1] ?? "";
  const last = DEMO_STEPS.at(-1)?.title;
  return {
    choices: {
      limit: limit === undefined ? otherwise.limit : limit === "all" ? 0 : Number(limit),
      ties: ties === "alphabetical" || ties === "first seen" ? ties : otherwise.ties,
    },
    testsFirst: planPhases(text)[0]?.title === last,
    remarks: [...remarks.matchAll(/^> (.*)$/gm)].map(([, remark = ""]) => remark),
  };
}

/** The phases of a plan's text, in its order. */
export function planPhases(text: string): readonly PlanPhase[] {
  return [...text.matchAll(/^- \[([ xX])\] Phase (\d+): (.*?)[ \t]*$/gm)].map(([line, box, number, title = ""]) => ({
    line,
    number: Number(number),
    title,
    ticked: box !== " ",
  }));
}

/** Ticks one phase. */
export function tickPhase(text: string, { line }: PlanPhase): string {
  return text.replace(line, () => line.replace("[ ]", "[x]"));
}

const REMARKS = "What reviewers said";
const TESTS_FIRST = /\btests?\b.{0,30}\bfirst\b|\bfirst\b.{0,30}\btests?\b|test-driven|\btdd\b/i;

function stepsOf({ testsFirst }: DemoPlan): readonly DemoStep[] {
  return testsFirst ? [...DEMO_STEPS.slice(-1), ...DEMO_STEPS.slice(0, -1)] : DEMO_STEPS;
}

function remarksText({ remarks }: DemoPlan): string {
  return remarks.map((remark) => `> ${remark}\n\n${whatItCameTo(remark)}\n`).join("\n");
}

/** Honest about a script's wits: what it cannot follow it hands on. */
function whatItCameTo(remark: string): string {
  const { limit, ties } = choicesIn(remark);
  const results = [
    ...(limit === undefined ? [] : [`without --top, tally now prints ${limitInWords(limit)}`]),
    ...(ties === undefined ? [] : [`equally frequent words now come ${tiesInFull(ties)}`]),
    ...(TESTS_FIRST.test(remark) ? ["the tests now come first"] : []),
  ];
  if (results.length > 0) {
    return `Taken in: ${results.join("; ")}. The remark stands in \`NOTES.md\` too, in case it says more than that.`;
  }
  return "Kept for the reviewers in `NOTES.md`: this agent follows a script and cannot weigh it as a model would.";
}
