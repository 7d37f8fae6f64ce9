/**
 * What the scripted agent knows, all of it read from disk. In the script's conditions, a missing or empty fact is
 * `none`.
 *
 * @module
 */
import { basename, join } from "node:path";
import { readTextIfExists } from "../../system/files/files.ts";
import { formatCount } from "../../text/format.ts";
import { plainText } from "../../text/terminal_text.ts";
import { gateRule } from "../../workflow/gates.ts";
import { PHASES } from "../../workflow/phases.ts";
import { readQuestions } from "../../workflow/questions.ts";
import { answeredChoices, choiceFacts, choicesIn, type DemoChoices } from "./choices.ts";
import { type Facts, fillText } from "./data.ts";
import type { DemoIteration } from "./demo.ts";
import { git, tryGit } from "./git.ts";
import { type DemoProject, OWN_FOLDER, readIfText } from "./project.ts";

const TESTS_FIRST = /\btests?\b.{0,30}\bfirst\b|\bfirst\b.{0,30}\btests?\b|test-driven|\btdd\b/i;

/** The facts at the start of an iteration. */
export function sessionFacts(
  { sessionFolder, phase, guidance }: DemoIteration,
  { data, project: { prefix } }: { readonly data: string; readonly project: DemoProject },
): Facts {
  const find = (topic: string): string => findDocument(sessionFolder, topic);
  const read = (name: string): string => name === "" ? "" : readTextIfExists(join(sessionFolder, name)) ?? "";
  const qa = read("_qa.md");
  const plan = find("plan-");
  const report = find("test-report-after-quality.md") || find("test-report.md");
  const result = /^Result: (.*)$/m.exec(read(report))?.[1] ?? "tests were not run";
  const { gate } = PHASES[phase];
  const isFeedback = gate !== undefined && gateRule(gate).takesFeedback;
  return {
    ...questionFacts(qa),
    ...planFacts(read(plan), {
      data,
      feedback: isFeedback ? plainText(guidance, 600) : "",
      answered: answeredChoices(qa),
    }),
    ...{ plan, report, result },
    note: isFeedback ? "" : plainText(guidance, 200),
    project: prefix === "" ? "sample" : "other",
    place: prefix === "" ? "this project" : `\`${OWN_FOLDER}/\`, the demo's own folder; nothing else is touched`,
    where: prefix === "" ? "" : `, as a demo in ${OWN_FOLDER}/`,
    folder: `${OWN_FOLDER}/`,
    session: basename(sessionFolder),
    tests: result.startsWith("tests fail") ? "failed" : "",
    review: find("quality-report"),
    retest: find("test-report-after-quality"),
  };
}

/** Finds the newest document whose name starts with a topic after its stamp; empty if there is none. */
export function findDocument(sessionFolder: string, topic: string): string {
  const names = [...Deno.readDirSync(sessionFolder)].map(({ name }) => name).sort();
  return names.findLast((name) => name.replace(/^\d\d-\d\d-\d\d:?\d\d-/, "\0").startsWith(`\0${topic}`)) ?? "";
}

function questionFacts(qa: string): Facts {
  const questions = readQuestions(qa);
  const open = questions.filter(({ answer }) => answer === undefined).map(({ id }) => id).join(", ");
  const answers = questions.map(({ id, text, answer = "" }) =>
    `- **${plainText(id, 20)}** ${plainText(text, 200)}\n  - Answer: ${plainText(answer, 400)}`
  );
  return {
    questions: questions.length === 0 ? "" : open === "" ? "answered" : "open",
    heading: qa.trim() || "# Questions",
    answers: answers.join("\n"),
    open,
  };
}

/** Reads the plan back from its own text, so that edits by hand count; falls back to the answers. */
function planFacts(
  text: string,
  { data, feedback, answered }: {
    readonly data: string;
    readonly feedback: string;
    readonly answered: DemoChoices;
  },
): Facts {
  const decisions = text.split(/^## /m).find((section) => section.startsWith("Decisions")) ?? "";
  const kept = [...(text.split(/^## Feedback$/m)[1] ?? "").matchAll(/^> (.*)$/gm)].map(([, remark = ""]) => remark);
  const added = feedback === "" || kept.includes(feedback) ? [] : [feedback];
  const remarks = [...kept, ...added];
  const choices = { ...answered, ...choicesIn(decisions), ...choicesIn(added.join()) };
  const facts = choiceFacts(choices);
  const quotes = remarks.map((remark) => {
    const isApplied = TESTS_FIRST.test(remark) || Object.keys(choicesIn(remark)).length > 0;
    return fillText(data, { name: isApplied ? "feedback-applied" : "feedback-kept", facts: { remark } });
  });
  const isTestsFirst = remarks.some((remark) => TESTS_FIRST.test(remark));
  const phases = [...text.matchAll(/^- \[([ xX])\] Phase (\d+): (.*?)[ \t]*$/gm)];
  const left = phases.filter(([, box]) => box === " ");
  const [line = "", , number = "", title = ""] = left[0] ?? [];
  return {
    ...facts,
    ...{ feedback, line, number, title },
    count: phases.length,
    left: left.length,
    phases: fillText(data, { name: isTestsFirst ? "phases-tests-first" : "phases", facts }).trimEnd(),
    remarks: quotes.length === 0 ? "" : `\n\n## Feedback\n\n${quotes.join("\n").trimEnd()}`,
    quotes: remarks.map((remark) => `> ${remark}`).join("\n\n"),
  };
}

/** Counts the text files in the worktree and their lines. */
export async function surveyFacts({ workingDirectory: cwd, hasGit }: DemoIteration): Promise<Facts> {
  const here = hasGit ? [] : ["--no-index", "--max-depth", "0"];
  const { stdout } = await tryGit(["grep", "-I", "--no-color", "--count", "--null", ...here, "-e", ""], { cwd });
  const files = [...stdout.matchAll(/([^\0]+)\0(\d+)\n/g)];
  const tally = readIfText(join(cwd, "tally.sh")).split("\n");
  const quoted = (part: string): string => {
    const index = tally.findIndex((line) => line.includes(part));
    return `\`${tally[index]?.trim() ?? part}\` (tally.sh:${index + 1})`;
  };
  return {
    files: files.length,
    lines: files.reduce((sum, [, , count]) => sum + Number(count), 0),
    commits: hasGit ? (await tryGit(["rev-list", "--count", "HEAD"], { cwd })).stdout.trim() : "none",
    table: files.map(([, name = "", count]) => `| ${plainText(name, 80).replaceAll("|", "/")} | ${count} |`).join("\n"),
    input: quoted("cat --"),
    sorting: quoted("sort -k"),
    last: quoted('words "$@"'),
    checks: readIfText(join(cwd, "test.sh")).match(/^check "/gm)?.length ?? 0,
  };
}

/** The commits of the session, oldest first. */
export async function commitFacts({ workingDirectory: cwd, sessionFolder, hasGit }: DemoIteration): Promise<Facts> {
  if (!hasGit) return { made: ", without commits as there is no git", commits: "None: this project has no git." };
  const ofSession = `--grep=^Samocode-Session: ${basename(sessionFolder)}$`;
  const commits = (await git(["log", "--reverse", "--format=- %h %s", ofSession], { cwd })).trim();
  const branch = (await git(["rev-parse", "--abbrev-ref", "HEAD"], { cwd })).trim();
  const made = formatCount(commits === "" ? 0 : commits.split("\n").length, "commit");
  return { made: ` in ${made}${branch === "HEAD" ? "" : ` on ${branch}`}`, commits };
}
