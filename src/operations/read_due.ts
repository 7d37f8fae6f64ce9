/**
 * The text that a session at rest has for its person: the plan at its gate, or the summary at its end.
 *
 * @module
 */
import { basename } from "node:path";
import { planLabel } from "../messages/plan_label.ts";
import { readPlan } from "../session/documents.ts";
import { layoutOf } from "../session/layout.ts";
import { readSoleTextIfExists } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { encodeText } from "../text/lossless_text.ts";
import { plainBlock } from "../text/terminal_text.ts";
import type { Status } from "./status.ts";

/** The first page of a document. */
export interface DueText {
  /** Its file in the session's folder. */
  readonly name: string;
  /** Without control, bidi and invisible characters; lines and tabs stay. */
  readonly text: string;
  /** The byte at which the next page begins; `undefined` if this is all. */
  readonly next: number | undefined;
  /** The size of the whole document. */
  readonly bytes: number;
}

/** The plan, and the hash of the very text that is shown. */
export interface DuePlan extends DueText {
  /** The plan in one line, which the approval must repeat. */
  readonly label: string;
  readonly sha256: string;
}

/**
 * Reads the plan of a session that waits for its approval.
 *
 * @returns `undefined` at any other time, and if it cannot be read.
 */
export function readDuePlan({ needs, folder }: Status, limit: number): DuePlan | undefined {
  const plan = needs === "approval" ? unlessFailing(() => readPlan(layoutOf(folder))) : undefined;
  return plan && { ...firstPage(plan, limit), label: planLabel(plan), sha256: plan.sha256 };
}

/** Reads the summary of a finished session, if it has one. */
export function readDueSummary({ state, handover: { summary: path } }: Status, limit: number): DueText | undefined {
  const text = state === "done" && path !== undefined ? unlessFailing(() => readSoleTextIfExists(path)) : undefined;
  return path === undefined || text === undefined ? undefined : firstPage({ name: basename(path), text }, limit);
}

function firstPage({ name, text }: { readonly name: string; readonly text: string }, limit: number): DueText {
  const bytes = encodeText(text);
  let end = Math.min(limit, bytes.length);
  // The bytes inside a character begin with the bits 10.
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return {
    name,
    text: plainBlock(new TextDecoder().decode(bytes.subarray(0, end))).trim(),
    next: end < bytes.length ? end : undefined,
    bytes: bytes.length,
  };
}
