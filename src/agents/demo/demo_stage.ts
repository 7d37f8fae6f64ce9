/**
 * Where one scripted iteration plays: its folders and documents, and its voice.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { readTextIfExists, writeAtomic } from "../../system/files/files.ts";
import type { Phase } from "../../workflow/phases.ts";
import type { DemoLine } from "./demo_line.ts";
import { type DemoProject, projectOf } from "./demo_project.ts";

/** What one iteration of the scripted agent is told. */
export interface DemoIteration {
  readonly phase: Phase;
  readonly sessionFolder: string;
  readonly worktree: string;
  /** What stands before its lines in the notebook: `[003 @ 11-20 14:37]`. */
  readonly stamp: string;
  /** What its documents' names begin with: `11-20-14:37`. */
  readonly documentStamp: string;
  /** What a human wants this iteration to know; empty for nothing. */
  readonly feedback: string;
  readonly iteration: number;
  readonly hasGit: boolean;
}

/** How an iteration is heard, and how it takes its time. */
export interface DemoVoice {
  emit(line: DemoLine): void;
  pause(ms: number): Promise<void>;
}

/** One iteration under way. */
export interface DemoStage {
  readonly iteration: DemoIteration;
  readonly project: DemoProject;
  /** Thinks for a moment, then says something. */
  say(text: string): Promise<void>;
  /** Tells what it is about to do, and takes its time over it. */
  act(tool: "Read" | "Write" | "Edit" | "Bash", about: string): Promise<void>;
}

/** Pauses in milliseconds: with them a whole session takes about seven seconds, slow enough to be read along. */
const THINK_MS = 125;
const ACT_MS = 70;

/** Sets the stage for an iteration. */
export function setStage(iteration: DemoIteration, { emit, pause }: DemoVoice): DemoStage {
  return {
    iteration,
    project: projectOf(iteration.worktree),
    async say(text): Promise<void> {
      await pause(THINK_MS);
      emit({ type: "agent.said", text });
    },
    async act(tool, about): Promise<void> {
      emit({ type: "agent.acted", tool, about });
      await pause(ACT_MS);
    },
  };
}

/** Reads a file of the session; `undefined` where it is not there. */
export async function readSessionFile(stage: DemoStage, name: string): Promise<string | undefined> {
  const text = readTextIfExists(join(stage.iteration.sessionFolder, name));
  if (text !== undefined) await stage.act("Read", name);
  return text;
}

/** Writes a file of the session, unless it says the same already. */
export async function writeSessionFile(
  stage: DemoStage,
  name: string,
  { text, tool = "Write" }: { readonly text: string; readonly tool?: "Write" | "Edit" },
): Promise<void> {
  const path = join(stage.iteration.sessionFolder, name);
  if (readTextIfExists(path) === text) return;
  await stage.act(tool, name);
  writeAtomic(path, text);
}

/** The name that a document of this iteration gets. */
export function documentName(stage: DemoStage, topic: string): string {
  return `${stage.iteration.documentStamp}-${topic}.md`;
}

/**
 * Finds the newest document on a topic, of this or an earlier iteration.
 *
 * @param topic All that follows the stamp, or its beginning where it ends in `*`.
 */
export function findDocument(stage: DemoStage, topic: string): string | undefined {
  const names = [...Deno.readDirSync(stage.iteration.sessionFolder)].map(({ name }) => name).sort();
  return names.findLast((name) => {
    const rest = /^\d\d-\d\d-\d\d:?\d\d-(.+)\.md$/.exec(name)?.[1];
    if (rest === undefined) return false;
    return topic.endsWith("*") ? rest.startsWith(topic.slice(0, -1)) : rest === topic;
  });
}

/**
 * Reads a document that an earlier phase must have left.
 *
 * @throws {SamocodeError} Where it is not there.
 */
export async function readDocument(
  stage: DemoStage,
  topic: string,
): Promise<{ readonly name: string; readonly text: string }> {
  const name = findDocument(stage, topic);
  const text = name === undefined ? undefined : await readSessionFile(stage, name);
  if (name !== undefined && text !== undefined) return { name, text };
  throw new SamocodeError("conflict", `Cannot go on with ${stage.iteration.phase}: no ${topic} document is there`, {
    hint: "Move Phase back to the one that writes it",
  });
}
