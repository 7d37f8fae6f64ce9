/**
 * The scripted agent's last phase: the summary, from the git log and the reports, and the text of a pull request.
 *
 * @module
 */
import { basename } from "node:path";
import { formatCount } from "../../text/format.ts";
import { readQuestions } from "../../workflow/questions.ts";
import { choicesFrom, type DemoChoices, limitInWords, tiesInFull } from "./demo_choices.ts";
import { gitOutput } from "./demo_git.ts";
import { readPlan } from "./demo_plan.ts";
import { OWN_FOLDER, sessionCommits } from "./demo_project.ts";
import type { DemoEnding } from "./demo_proposals.ts";
import { type DemoStage, documentName, findDocument, readSessionFile, writeSessionFile } from "./demo_stage.ts";
import { latestResult } from "./demo_tests.ts";

/** Sums the session up. */
export async function sumUp(stage: DemoStage): Promise<DemoEnding> {
  const { worktree, sessionFolder, hasGit } = stage.iteration;
  const choices = await settledChoices(stage);
  const tests = (await latestResult(stage))?.inWords ?? "tests were not run";
  if (hasGit) await stage.act("Bash", "git log --oneline");
  const commits = hasGit ? await sessionCommits(worktree, sessionFolder) : [];
  const branch = hasGit ? await branchName(worktree) : undefined;
  const made = hasGit ? ` in ${formatCount(commits.length, "commit")}` : ", without commits as there is no git";
  const where = stage.project.isSample ? "" : `, as a demo in ${OWN_FOLDER}/`;
  const onBranch = branch === undefined ? "" : ` on ${branch}`;
  const summary = `Added --top N to tally${where}${made}${onBranch}; ${tests}`;
  const name = findDocument(stage, "summary") ?? documentName(stage, "summary");
  await writeSessionFile(stage, name, {
    text: `# Summary

${summary}.

## Commits

${commits.map((commit) => `- ${commit}`).join("\n") || "None: this project has no git."}

## Pull request

**Title:** Add --top N to tally

**Body:**

\`tally.sh --top N\` prints only the N most frequent words.

- Without \`--top\` it prints ${limitInWords(choices.limit)}; \`--top 0\` prints all.
- Equally frequent words come ${tiesInFull(choices.ties)}.
- What is no whole number is refused with exit code 2.

At the last run, ${tests}. Session: ${basename(sessionFolder)}.
`,
  });
  await stage.say(`${summary}.`);
  return {
    did: `Summed up: ${name}`,
    next: "Review the branch",
    signal: { status: "done", summary, phase: undefined },
  };
}

async function settledChoices(stage: DemoStage): Promise<DemoChoices> {
  const answered = choicesFrom(readQuestions(await readSessionFile(stage, "_qa.md") ?? ""));
  const name = findDocument(stage, "plan-*");
  const text = name === undefined ? undefined : await readSessionFile(stage, name);
  return text === undefined ? answered : readPlan(text, answered).choices;
}

async function branchName(worktree: string): Promise<string | undefined> {
  const name = (await gitOutput(["rev-parse", "--abbrev-ref", "HEAD"], { cwd: worktree })).trim();
  return name === "HEAD" ? undefined : name;
}
