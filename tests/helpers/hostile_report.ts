/**
 * A report whose every text tries to run something or to load something.
 *
 * @module
 */
import type { Report } from "../../src/report/report.ts";
import { nightStory, sampleReport } from "./sample_report.ts";

/** In HTML it would run `hacked`, which browser tests listen for. */
export const EVIL = [
  `"'></title></style></textarea></script><script>hacked('script')</script>`,
  `<img src=x onerror="hacked('img')"><svg onload="hacked('svg')"><iframe srcdoc="<script>parent.hacked('frame')</script>">`,
  `[a](javascript:hacked('link')) ![b](http://evil.example/pixel.png) <javascript:hacked('auto')>`,
  `<style>@import url(http://evil.example/x.css)</style><base href="http://evil.example/"><meta http-equiv=refresh content="0;url=http://evil.example/">`,
].join("\n\n");

/** The report. */
export function hostileReport(): Report {
  const line = EVIL.replaceAll("\n", " ");
  const sample = sampleReport();
  const [question] = sample.questions;
  return sampleReport({
    ...{
      project: EVIL,
      session: EVIL,
      task: EVIL,
      state: "waiting",
      detail: EVIL,
      branch: EVIL,
      guard: EVIL,
      route: EVIL,
    },
    summary: { name: EVIL, text: EVIL },
    pullRequest: { title: line, body: EVIL },
    questions: question === undefined ? [] : [{
      ...{ id: EVIL, text: EVIL, options: [{ letter: "A", text: EVIL }], suggestion: { letter: "A", text: EVIL } },
      ...{ answer: EVIL, answered: { by: EVIL, at: EVIL } },
    }],
    plan: { name: EVIL, text: EVIL, sha256: EVIL, done: 0, total: 1, isApproved: false },
    story: nightStory([
      { type: "session.created", name: EVIL, task: EVIL, dive: EVIL, by: EVIL },
      { type: "session.started", provider: EVIL, version: EVIL, pid: 1 },
      {
        ...{ type: "iteration.started", iteration: 1, attempt: 1, phase: "planning", marker: "m", log: "l" },
        ...{ provider: EVIL, model: EVIL },
      },
      { type: "agent.denied", tool: EVIL, detail: EVIL },
      { type: "iteration.retried", iteration: 1, attempt: 2, because: EVIL, delayMs: 0, repair: false },
      { type: "guidance.given", text: EVIL, by: EVIL },
      { type: "session.stopped", outcome: { kind: "failed", reason: EVIL } },
    ]),
    checks: {
      words: EVIL,
      rounds: sample.checks.rounds.map(({ stage, runs }) => ({
        stage,
        runs: runs.map((run) => ({ ...run, command: [EVIL], detail: EVIL, commit: EVIL, tail: EVIL })),
      })),
    },
    changes: {
      commits: [{ hash: EVIL, at: EVIL, subject: EVIL }],
      diff: `diff --git a/${line} b/${line}\n--- a/${line}\n+++ b/${line}\n@@ -1 +1 @@ ${line}\n-${line}\n+${line}\n` +
        `diff --cc ${line}\n--- a/x\n+++ b/x\n@@@ -1 -1 +1 @@@\n+${line}\n ${line}\n`,
      left: EVIL,
    },
    finish: { how: "pushed", into: EVIL, head: EVIL, commit: EVIL, url: `https://ok.example/${line}`, by: EVIL },
  });
}
