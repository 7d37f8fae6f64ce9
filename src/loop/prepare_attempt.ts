/**
 * What an agent is told and given for one attempt.
 *
 * @module
 */
import type { AgentIteration } from "../agents/agent_runner.ts";
import { namesOfChecks } from "../prompt/about_checks.ts";
import { iterationContext } from "../prompt/iteration_context.ts";
import { readAgent, readWorkflow, unpackPlugin } from "../prompt/shipped_files.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { recordOf } from "../session/layout.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { platform } from "../system/platform.ts";
import { boundDocuments, gateRule } from "../workflow/gates.ts";
import { agentOf, PHASES } from "../workflow/phases.ts";
import { readQuestions } from "../workflow/questions.ts";
import { describeEarlier, describeRoute } from "../workflow/route.ts";
import { attemptBudget } from "./budget.ts";
import { writeContext } from "./context_file.ts";
import type { LoopContext } from "./loop_context.ts";

/** What differs from one attempt to the next. */
export interface AttemptFacts {
  readonly iteration: number;
  readonly attempt: number;
  readonly marker: string;
  readonly log: string;
  readonly startedAt: Date;
  readonly timeoutMs: number;
  readonly trouble: string;
  readonly trustsRepository: boolean;
}

/** Writes the context, and returns all that the agent's runner needs. */
export function prepareAttempt(folder: SessionFolder, context: LoopContext, facts: AttemptFacts): AgentIteration {
  const { layout, history } = folder;
  const { phase, workplace } = history;
  const { gate } = PHASES[phase];
  const agentName = agentOf(phase);
  if (agentName === undefined || workplace === undefined) throw new Error(`no agent works in the phase ${phase}`);
  const asks = gate !== undefined && gateRule(gate).document === "questions";
  const questions = asks ? readQuestions(readQuestionsDocument(layout)?.text ?? "") : [];
  const text = iterationContext({
    workflow: readWorkflow(context.shippedRoot),
    name: layout.name,
    sessionFolder: layout.folder,
    workingDirectory: workplace.path,
    branch: workplace.branch,
    base: workplace.base,
    note: workplace.note,
    signalPath: layout.signal,
    phase,
    route: describeRoute(history),
    earlier: describeEarlier(history),
    approvedPlan: boundDocuments(history.gates)[0]?.document,
    checks: namesOfChecks(history.evidence),
    iteration: facts.iteration,
    timeLimitMs: facts.timeoutMs,
    now: facts.startedAt,
    colon: platform().allowsColon,
    task: history.task,
    dive: history.dive,
    questions,
    guidance: history.guidance,
    trouble: facts.trouble,
  });
  const owner = { cacheFolder: context.cacheFolder, sessionFolder: layout.folder };
  const contextPath = writeContext(owner, { marker: facts.marker, text });
  Deno.mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
  const [logPath, errorLogPath] = rawLogsOf(layout, facts.log);
  return {
    phase,
    iteration: facts.iteration,
    attempt: facts.attempt,
    agent: readAgent(context.shippedRoot, agentName),
    contextPath,
    guidance: history.guidance.join("\n\n"),
    workingDirectory: workplace.path,
    hasGit: workplace.branch !== undefined,
    trustsRepository: facts.trustsRepository,
    sessionFolder: layout.folder,
    signalPath: layout.signal,
    record: recordOf(layout),
    pluginFolder: context.plugin && unpackPlugin(context.plugin, context.cacheFolder),
    logPath,
    errorLogPath,
    marker: facts.marker,
    startedAt: facts.startedAt,
    budget: attemptBudget(folder, context),
  };
}
