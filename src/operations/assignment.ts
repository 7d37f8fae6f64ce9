/**
 * What a person gives a session to do: a task, and the plan for it if they bring one along.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { hashOfPlan } from "../session/documents.ts";
import type { Layout } from "../session/layout.ts";
import { lstatIfExists, readTextIfExists, statIfExists, writeAll } from "../system/files/files.ts";
import { platform } from "../system/platform.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { documentStamp } from "../text/format.ts";
import { shellWord } from "../text/terminal_text.ts";
import { encodeText } from "../text/lossless_text.ts";
import { planProblem, planTitle } from "../workflow/plan.ts";
import type { Assignment as Assigned } from "../workflow/session_event.ts";
import { expandHome, homeFolder } from "../system/user_folders.ts";
import { MAX, type Samocode } from "./samocode.ts";

/** What a session is about. */
export interface Assignment {
  readonly task: string | undefined;
  /** What to look into first. */
  readonly dive: string | undefined;
  /** Whether it is a small change: nothing is asked, and the plan has one step. */
  readonly light?: boolean | undefined;
  /** The text of a plan that the person approves by giving it. */
  readonly plan?: string | undefined;
}

/**
 * Reads the file of a plan that a person names.
 *
 * @throws {SamocodeError} If it cannot be read, or nobody could carry it out.
 */
export function readGivenPlan(
  path: string,
  { workingDirectory, env }: { readonly workingDirectory: string; readonly env: Samocode["env"] },
): string {
  // No shell replaces the ~ in --plan=~/x.
  const full = resolve(workingDirectory, expandHome(path, homeFolder(env)));
  const found = path.trim() === "" ? undefined : statIfExists(full);
  const text = found?.isFile ? readTextIfExists(full) : undefined;
  const problem = text === undefined
    ? found === undefined ? "there is no such file" : "it is not a regular file"
    : text.length > MAX.assignment
    ? `it has more than ${MAX.assignment} characters`
    : planProblem(text);
  if (text !== undefined && problem === undefined) return text;
  throw new SamocodeError("usage", `Cannot use ${shellWord(path)} as a plan: ${problem}`, {
    hint: "A plan is Markdown with an unticked checkbox for each step, as docs/guide.md shows",
  });
}

/** What it is about, for a name; `undefined` if nothing is given. */
export function subjectOf({ task = "", dive = "", plan }: Assignment): string | undefined {
  const title = plan === undefined ? "" : planTitle(plan) || "plan";
  return [task, dive, title].map((text) => text.trim()).find((text) => text !== "");
}

/**
 * Checks what is given before anything is changed.
 *
 * @throws {SamocodeError} If it is too long, or its parts do not go together.
 */
export function checkAssignment({ task = "", dive = "", light = false, plan }: Assignment): void {
  if (task.length + dive.length > MAX.assignment) {
    throw new SamocodeError("usage", `Cannot give a session this task: it has more than ${MAX.assignment} characters`, {
      hint: "Put the details in a file in the repository, and name the file in the task",
    });
  }
  if (plan === undefined || (dive.trim() === "" && !light)) return;
  const other = light ? "--light" : "--dive";
  throw new SamocodeError("usage", `Cannot use ${other} with --plan: an approved plan is carried out at once`, {
    hint: `Leave out ${other}, or give the plan's idea as the task instead`,
  });
}

/** Puts the plan into the session's folder, and returns what the journal records. */
export function recordable(layout: Layout, assignment: Assignment, now: Date): Assigned {
  const { task: given = "", dive = "", light = false, plan } = assignment;
  const task = given.trim() === "" && plan !== undefined ? `Carry out the plan: ${planTitle(plan)}` : given;
  return {
    task,
    dive,
    ...(light && { light }),
    ...(plan !== undefined && { plan: { document: writePlan(layout, plan, now), sha256: hashOfPlan(plan) } }),
  };
}

/** Whether a file is named as the plan that a person gives. */
export function isGivenPlan(name: string): boolean {
  return GIVEN_PLAN.test(name);
}

const GIVEN_PLAN = /^[\d:-]+-plan-given(?:-\d+)?\.md$/;

/** Never writes over what another process, or an agent, has put there. */
function writePlan(layout: Layout, text: string, now: Date): string {
  const stem = `${documentStamp(now, { colon: platform().allowsColon })}-plan-given`;
  for (let count = 1;; count++) {
    const name = `${stem}${count === 1 ? "" : `-${count}`}.md`;
    const path = join(layout.folder, name);
    if (lstatIfExists(path) !== undefined) continue;
    try {
      using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
      writeAll(file, encodeText(text));
      file.syncDataSync();
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      const hint = "Check the disk's free space and the folder's permissions, then type the same again";
      throw systemError(`Cannot copy the plan to ${path}`, { error, hint });
    }
    return name;
  }
}
