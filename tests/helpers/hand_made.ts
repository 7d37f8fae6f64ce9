/**
 * Folders of sessions that samocode did not begin, in the formats in which they are found.
 *
 * @module
 */
import { join } from "node:path";
import type { TempProject } from "./temp_project.ts";

/** Makes a session's folder with these files; returns its path. */
export function makeFolder(project: TempProject, name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(project.root, "sessions", name);
  Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
  for (const [file, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder, file), text);
  return folder;
}

/** A notebook as the skill `session-management` writes it; `head` are the lines below the title. */
export function notebook(
  { phase = "planning", head = "", status = "", task = "> Limit login attempts." }: {
    readonly phase?: string;
    readonly head?: string;
    readonly status?: string;
    readonly task?: string;
  } = {},
): string {
  return `# Session: login-limit

${head}

## Task

${task}

## Status

Phase: ${phase}
Iteration: 0
Total Iterations: 0
Blocked: no
Quality Iteration: 0
Last Action: Ann settled Q1 to Q3
Next: Write the plan
${status}

## Flow Log

- [000 @ 11-20 14:05] Session started

## Files

(none yet)
`;
}

/** The plan that stands in the folders made here. */
export const PLAN_FILE = "01-15-15:02-plan-login-limit.md";

/** What it says. */
export const PLAN = "# Plan: Login limit\n\n### Phase 1: Count\n- [x] Count attempts\n- [ ] Refuse the sixth\n";

const SIGNALS = [
  ["investigation", "continue", null],
  ["requirements", "continue", null],
  ["requirements", "waiting", "qa_answers"],
  ["planning", "waiting", "plan_approval"],
].map(([phase, status, waiting], index) =>
  JSON.stringify({
    timestamp: `2026-01-15 14:4${index}:07`,
    iteration: index + 1,
    phase,
    status,
    summary: null,
    reason: null,
    needs: null,
    for: waiting,
  }) + "\n"
).join("");

/**
 * A session as the original program, in Python, leaves it: its worktree is named after the folder, and the branch stands
 * nowhere but in git. The head of its notebook has no empty line, `Iteration` counts all of the session, and the task is
 * not quoted.
 */
export function makeOriginal(
  project: TempProject,
  { phase, name = "26-01-15-login-limit", files = {} }: {
    readonly phase: string;
    readonly name?: string;
    readonly files?: Readonly<Record<string, string>>;
  },
): { readonly folder: string; readonly worktree: string } {
  const worktree = join(project.root, "worktrees", name);
  const branch = name.replace(/^[\d-]{9}/, "");
  project.git("worktree", "add", "--quiet", "-b", branch, worktree);
  const folder = makeFolder(project, name, {
    "_overview.md": `# Session: ${branch}
Started: 01-15 14:37
Working Dir: ${worktree}

## Task
Limit login attempts.
Somebody tried 40,000 passwords last night.

## Status
Phase: ${phase}
Iteration: 6
Total Iterations: 9
Blocked: waiting_human
Last Action: Plan created
Next: Wait for approval

## Flow Log
- [001 @ 01-15 14:37] Session initialized
- [004 @ 01-15 15:02] Plan created -> ${PLAN_FILE}

## Files
- ${PLAN_FILE} - Plan: login limit

## Plans
- ${PLAN_FILE} - login limit
`,
    "_signal.json": '{"status": "waiting", "phase": "planning", "for": "plan_approval"}',
    "_signal_history.jsonl": SIGNALS,
    "session.log": "2026-01-15 14:37:00 INFO Iteration 1\n",
    [PLAN_FILE]: PLAN,
    ...files,
  });
  Deno.writeTextFileSync(join(folder, "_logs", "01-15-1437-001-investigation.jsonl"), '{"type":"system"}\n');
  return { folder, worktree };
}
