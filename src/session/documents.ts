/**
 * The documents that gates depend on: the plan and the questions.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { type Gate, type GateDocuments, gateOpenedBy, gateRule } from "../workflow/gates.ts";
import type { History } from "../workflow/history.ts";
import { openSteps, planText } from "../workflow/plan.ts";
import { openQuestions, readQuestions } from "../workflow/questions.ts";
import { readSoleTextIfExists, statIfExists } from "../system/files/files.ts";
import { encodeText } from "../text/lossless_text.ts";
import type { Layout } from "./layout.ts";

/** A document as it is now, and a hash to detect changes. */
export interface SessionDocument {
  /** The file's name in the session folder. */
  readonly name: string;
  readonly text: string;
  /** SHA-256, hexadecimal; a plan's ticked boxes do not count. */
  readonly sha256: string;
}

/** A plan's file: `11-20-1437-plan-greeting.md`, with `:` or without, or just `plan.md`. */
const PLAN_NAME = /(?:^|[-_])plan(?:[-_.].*)?\.md$/i;

/** A dive report may have "plan" in its topic, as in "pricing plan". */
const DIVE_NAME = /^[\d:-]*dive[-_]/i;

/**
 * The session's plan.
 *
 * @param name Its file name; by default the newest file that is named as a plan.
 */
export function readPlan(layout: Layout, name = newestPlan(layout)): SessionDocument | undefined {
  if (name === undefined || basename(name) !== name) return undefined;
  const text = readSoleTextIfExists(join(layout.folder, name));
  return text === undefined ? undefined : { name, text, sha256: hashOfPlan(text) };
}

/** The hash by which a plan is approved: ticks do not count. */
export function hashOfPlan(text: string): string {
  return sha256(planText(text));
}

function newestPlan(layout: Layout): string | undefined {
  const names = [...Deno.readDirSync(layout.folder)]
    .filter(({ name, isFile }) => isFile && PLAN_NAME.test(name) && !DIVE_NAME.test(name)).map(({ name }) => name);
  if (names.length <= 1) return names[0];
  const changedAt = (name: string): number => statIfExists(join(layout.folder, name))?.mtime?.getTime() ?? 0;
  const dated = names.map((name) => ({ name, at: changedAt(name) }));
  return dated.sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1))[0]?.name;
}

/** The steps of the approved plan that are not ticked and that no human waived. */
export function openStepsOf(layout: Layout, { gates, waived }: Pick<History, "gates" | "waived">): readonly string[] {
  const opened = gates[gateOpenedBy("approve")];
  // A gate that was opened by moving the phase by hand names no document: then it is the newest plan.
  const plan = opened === undefined ? undefined : readPlan(layout, opened.document);
  return openSteps(plan?.text ?? "").filter((step) => !waived.includes(step));
}

/** The session's questions, if any were asked. */
export function readQuestionsDocument(layout: Layout): SessionDocument | undefined {
  const text = readSoleTextIfExists(layout.questions);
  return text === undefined ? undefined : { name: "_qa.md", text, sha256: sha256(text) };
}

/** The document that the human is shown at a gate. */
export function readGateDocument(gate: Gate, layout: Layout): SessionDocument | undefined {
  return gateRule(gate).document === "plan" ? readPlan(layout) : readQuestionsDocument(layout);
}

/** What all gates depend on. */
export function gateDocuments(layout: Layout): GateDocuments {
  const { text = "" } = readQuestionsDocument(layout) ?? {};
  return {
    questions: readQuestions(text).length,
    openQuestions: openQuestions(text).length,
    plan: readPlan(layout),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(encodeText(text)).digest("hex");
}
