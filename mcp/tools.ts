/**
 * The table of tools: to add one is to add a file and a row.
 *
 * @module
 */
import type { AddTool } from "./tool.ts";
import { answerQaTool } from "./tools/answer_qa.ts";
import { approvePlanTool } from "./tools/approve_plan.ts";
import { readArtifactTool } from "./tools/read_artifact.ts";
import { readStatusTool } from "./tools/read_status.ts";
import { resumeSessionTool } from "./tools/resume_session.ts";
import { startSessionTool } from "./tools/start_session.ts";
import { stopSessionTool } from "./tools/stop_session.ts";
import { waitSessionTool } from "./tools/wait_session.ts";

/** All tools, in the order in which a parent meets them. */
export const TOOLS: readonly AddTool[] = [
  startSessionTool,
  waitSessionTool,
  readStatusTool,
  answerQaTool,
  approvePlanTool,
  resumeSessionTool,
  stopSessionTool,
  readArtifactTool,
];
