/**
 * A model for a session with an approved plan, for either client. It notes each call, and a test decides
 * before each answer what goes wrong.
 *
 * @module
 */

import { join } from "node:path";
import { CodexProject } from "./codex_project.ts";
import { claudeEnvironment } from "./fake_model.ts";
import { TempProject } from "./temp_project.ts";

/** A call that the model took. */
export interface Call {
  readonly phase: string;
  /** How many answers its conversation had before. */
  readonly turn: number;
  /** Whether it was answered as scripted. */
  readonly isAnswered: boolean;
}

const PLAN = "# Plan\\n\\n- [ ] Phase 1: greet\\n";

/** A shell program that plays Claude Code until the plan is there. */
const EVENING = `#!/bin/sh
folder=$(dirname "$SAMOCODE_SIGNAL")
go() { printf '%s' "$1" > "$SAMOCODE_SIGNAL"; }
echo '{"type":"result","subtype":"success","is_error":false,"result":""}'
case "$(echo "$2" | sed 's/.* of the \\([a-z]*\\) phase.*/\\1/')" in
investigation) go '{"status":"continue","phase":"requirements"}' ;;
requirements)
  if [ -e "$folder/_qa.md" ]; then go '{"status":"continue","phase":"planning"}'; exit; fi
  printf '### Q1: Which greeting?\\n\\nA) good day\\nB) hello\\n\\n**Suggestion:** A - polite\\n**Answer:** _waiting_\\n' > "$folder/_qa.md"
  go '{"status":"waiting","for":"qa_answers"}' ;;
*) printf '${PLAN}' > "$folder/11-20-0500-plan-greet.md"
  go '{"status":"waiting","for":"plan_approval"}' ;;
esac
`;

/** The subject of the commit that it makes. */
export const COMMIT = "Add the greeting";

const IMPLEMENT = `cd {{W}} && echo good day > greet.txt && git add greet.txt && git commit -qm '${COMMIT}' &&
sed -i 's/\\[ \\]/[x]/' {{S}}/*plan-greet.md`;

/** A draft stays uncommitted from phase to phase. */
const STEPS: Readonly<Record<string, readonly Step[]>> = {
  implementation: [
    { bash: "echo one > {{W}}/draft.txt; sleep 0.5" },
    { bash: IMPLEMENT, signal: { status: "continue", phase: "testing" } },
  ],
  testing: [
    { bash: "grep -q good {{W}}/greet.txt; echo two >> {{W}}/draft.txt", report: ["test-report", "Verdict: pass"] },
    { signal: { status: "continue", phase: "done" } },
  ],
  done: [
    { bash: "rm {{W}}/draft.txt", report: ["summary", "Added a greeting."] },
    { report: ["pull-request", "Add it"], signal: { status: "done", summary: "Added a greeting" } },
  ],
};

interface Step {
  readonly bash?: string;
  readonly report?: readonly [kind: string, text: string];
  readonly signal?: object;
}

/**
 * Makes the scenario.
 *
 * @param told Where the client puts the context of an iteration.
 * @param answer Is asked before each answer; it may return a failure, or what to add to the step.
 */
export function nightScenario(
  told: "system" | "prompt",
  answer: (call: { readonly phase: string; readonly turn: number }) => object | undefined,
): { readonly scenario: object; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const rules = Object.entries(STEPS).map(([phase, steps]) => ({
    name: phase,
    when: { [told]: `^\\*\\*Phase:\\*\\* ${phase}$` },
    steps: [...steps.map(toolsOf), { text: "Done." }].map((step, turn) => () => {
      const changes = answer({ phase, turn }) ?? {};
      calls.push({ phase, turn, isAnswered: !("error" in changes) });
      return { ...step, ...changes };
    }),
  }));
  const names = ["Session path:\\*\\* (?<S>\\S+)", "Working directory:\\*\\* (?<W>\\S+)"].map((each) =>
    `\\*\\*${each}`
  );
  return {
    scenario: { strict: true, extract: { [told]: [...names, "`TIMESTAMP_FILE`: `(?<F>[^`]+)`"] }, rules },
    calls,
  };
}

function toolsOf({ bash, report, signal }: Step): object {
  const write = (path: string, content: string) => ({ write: { path, content } });
  return {
    tools: [
      ...(bash === undefined ? [] : [{ bash }]),
      ...(report === undefined ? [] : [write(`{{S}}/{{F}}-${report[0]}.md`, `${report[1]}\n`)]),
      ...(signal === undefined ? [] : [write("{{S}}/_signal.json", JSON.stringify(signal))]),
    ],
  };
}

/** The answer of a service whose usage limit ends then, in milliseconds since 1970. */
export function usageLimit(until: number): object {
  const seconds = Math.ceil(until / 1000);
  return {
    error: {
      kind: "usage-limit",
      headers: { "anthropic-ratelimit-unified-reset": String(seconds) },
      extra: { plan_type: "plus", resets_at: seconds },
    },
  };
}

/** Where each client puts the context of an iteration, and a project whose client talks to this model alone. */
export const NIGHT_CLIENTS = {
  claude: {
    told: "system",
    project: (path: string, model: { readonly url: string }, program: Program): TempProject => {
      const { ANTHROPIC_API_KEY: _, ...env } = claudeEnvironment(path, model);
      // Only a subscription has limits.
      const login = { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-fake", CLAUDE_CODE_MAX_RETRIES: "0" };
      return new TempProject({ ...env, ...login }, program);
    },
  },
  codex: {
    told: "prompt",
    project: (path: string, { url }: { readonly url: string }, program: Program): TempProject =>
      new CodexProject({ path }, { url, retries: 0 }, {}, program),
  },
} as const;

type Program = readonly [string, ...string[]];

/** How long a check takes at least. */
export const CHECK_MS = 300;

const CHECK = `sleep ${CHECK_MS / 1000}; [ ! -e greet.txt ] || grep -q good greet.txt\n`;

/** The person's evening: a project with a check, and a session with both gates open. */
export async function passEvening(project: TempProject): Promise<void> {
  const check = join(project.root, "check.sh");
  Deno.writeTextFileSync(check, CHECK);
  Deno.writeTextFileSync(join(project.root, ".samocode"), `CHECK=sh ${check}\n`, { append: true });
  project.trust();
  const agent = join(project.root, "evening.sh");
  Deno.writeTextFileSync(agent, EVENING, { mode: 0o755 });
  const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: agent };
  const run = ["run", "--session", "greet", "--dive", "here", "--task", "Add a greeting"];
  for (const args of [run, ["answer", "greet", "--accept-suggestions"], run]) await project.run(args, env);
  const { code, stderr } = await project.approve("greet");
  if (code !== 0) throw new Error(stderr);
}

/** The locks that some git left. */
export function gitLocks({ root }: TempProject): readonly string[] {
  const args = [root, "-name", "*.lock", "-path", "*/.git/*"];
  const { stdout } = new Deno.Command("find", { args }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "");
}
