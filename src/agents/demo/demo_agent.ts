/**
 * The scripted agent of the `demo` provider: one iteration, played from what lies on the disk, without a model.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { readTextIfExists, writeAtomic } from "../../system/files/files.ts";
import { plainText } from "../../text/terminal_text.ts";
import { updateStatus } from "../../workflow/notebook.ts";
import type { Phase } from "../../workflow/phases.ts";
import { NO_USAGE } from "../../workflow/session_event.ts";
import { appendFlowLine } from "./demo_flow_log.ts";
import { type DemoEnding, investigate, plan, settleRequirements } from "./demo_proposals.ts";
import { type DemoIteration, type DemoStage, type DemoVoice, readSessionFile, setStage } from "./demo_stage.ts";
import { sumUp } from "./demo_summary.ts";
import { implement, review, test } from "./demo_work.ts";

type PlayedPhase = Exclude<Phase, "init">;

/** The script: what the agent does in each phase. */
const SCRIPT: Readonly<Record<PlayedPhase, (stage: DemoStage) => Promise<DemoEnding>>> = {
  investigation: investigate,
  requirements: settleRequirements,
  planning: plan,
  implementation: implement,
  testing: test,
  quality: review,
  done: sumUp,
};

/**
 * Plays one iteration: reads the notebook, does one piece of work, notes it down and leaves a signal last. It knows
 * nothing but what is on the disk, so an iteration that was ended halfway can be played again.
 *
 * @throws {SamocodeError} In `init`, which no agent plays.
 */
export async function playDemoIteration(iteration: DemoIteration, voice: DemoVoice): Promise<void> {
  const { phase } = iteration;
  if (phase === "init") {
    throw new SamocodeError("usage", "Cannot play init: no agent works there", { hint: "Let the worker do it" });
  }
  const stage = setStage(iteration, voice);
  const id = `demo-${String(iteration.iteration).padStart(3, "0")}`;
  voice.emit({ type: "agent.started", model: "scripted", version: "demo", id });
  await readSessionFile(stage, "_overview.md");
  const ending = await endingOf(stage, phase);
  await noteDown(stage, ending);
  await stage.act("Write", "_signal.json");
  writeAtomic(join(iteration.sessionFolder, "_signal.json"), `${JSON.stringify(ending.signal, null, 2)}\n`);
  // No model was asked, so nothing was used and nothing is owed.
  voice.emit({ type: "demo.result", usage: { ...NO_USAGE, costUsd: 0 } });
}

async function endingOf(stage: DemoStage, phase: PlayedPhase): Promise<DemoEnding> {
  const note = phase === "planning" ? "" : plainText(stage.iteration.feedback, 200);
  if (note !== "") await stage.say(`Noted: ${note}`);
  try {
    const ending = await SCRIPT[phase](stage);
    return note === "" ? ending : { ...ending, did: `${ending.did} (noted: ${note})` };
  } catch (error) {
    // What a person can mend is a reason to stop and say so, as a real agent would; anything else is a crash.
    if (!(error instanceof SamocodeError)) throw error;
    return blockedBy(error);
  }
}

function blockedBy(error: SamocodeError): DemoEnding {
  const reason = plainText(`${error.message}. ${error.hint}`, 1000);
  return {
    did: `Blocked: ${reason}`,
    next: plainText(error.hint, 200),
    signal: { status: "blocked", reason, needs: "error_resolution", phase: undefined },
  };
}

async function noteDown(stage: DemoStage, { did, next }: DemoEnding): Promise<void> {
  const path = join(stage.iteration.sessionFolder, "_overview.md");
  const text = readTextIfExists(path);
  if (text === undefined) return;
  const noted = appendFlowLine(text, `- ${stage.iteration.stamp} ${did}`);
  await stage.act("Edit", "_overview.md");
  writeAtomic(path, updateStatus(noted, { "Last Action": did, Next: next }));
}
