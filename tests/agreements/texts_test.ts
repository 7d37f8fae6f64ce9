/**
 * What the agents are told agrees with what the program does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { STATUS_KEYS } from "../../src/workflow/notebook.ts";
import { agentOf, nextPhases, type Phase, PHASE_NAMES, PHASES } from "../../src/workflow/phases.ts";
import { planProgress } from "../../src/workflow/plan.ts";
import { readQuestions } from "../../src/workflow/questions.ts";
import { MAX_ROUNDS, readReport } from "../../src/workflow/review.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import { EVENTS } from "../../src/workflow/session_event.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { MAX_SIGNAL_BYTES, readSignal } from "../../src/workflow/signal.ts";

const MAX_WORKFLOW_BYTES = 6_000;

const TOOLS = [
  "Read",
  "Write",
  "Edit",
  "Bash",
  "Glob",
  "Grep",
  "Skill",
  "Task",
  "WebFetch",
  "WebSearch",
  "TodoWrite",
];

const WORKING_PHASES = PHASE_NAMES.filter((phase) => agentOf(phase) !== undefined);

const workflow = textOf("workflow.md");
const protocol = textOf("docs/protocol.md");

Deno.test("workflow.md shows one legal signal for each status", () => {
  const shown = signalsIn(workflow);
  assert.deepEqual(shown.map(({ status }) => status), ["continue", "waiting", "blocked", "done"]);
  for (const signal of shown) assert.ok(WORKING_PHASES.some((phase) => isLegal(signal, phase)), inWords(signal));
});

for (const phase of WORKING_PHASES) {
  Deno.test(`${phase}-agent.md shows every status that its phase may signal, and only legal signals`, () => {
    const shown = signalsIn(agentFileOf(phase).body);
    for (const signal of shown) assert.ok(isLegal(signal, phase), `${phase} may not signal ${inWords(signal)}`);
    assert.deepEqual(sorted(new Set(shown.map(({ status }) => status))), sorted(PHASES[phase].maySignal));
  });

  Deno.test(`${phase}-agent.md shows the way to every phase that may follow`, () => {
    const targets = signalsIn(agentFileOf(phase).body).flatMap((signal) => targetsOf(signal, phase));
    assert.deepEqual(sorted(new Set(targets)), sorted(everyNext(phase)));
  });

  Deno.test(`${phase}-agent.md has front matter that Claude Code takes as it is meant`, () => {
    const { fields } = agentFileOf(phase);
    assert.deepEqual([...fields.keys()], ["name", "description", "tools"]);
    assert.equal(fields.get("name"), agentOf(phase));
    assert.notEqual(fields.get("description"), "");
    const tools = toolsOf(phase);
    assert.deepEqual(tools.filter((tool) => !TOOLS.includes(tool)), [], "unknown tools are dropped silently");
    assert.ok(tools.includes("Read") && tools.includes("Write") && tools.includes("Edit"), "the notebook needs these");
    if (tools.includes("Bash")) {
      assert.deepEqual(tools.filter((tool) => tool === "Glob" || tool === "Grep"), [], "not given beside Bash");
    }
  });
}

Deno.test("agents without Bash are not told to use git or a shell", () => {
  const told = WORKING_PHASES.filter((phase) => !toolsOf(phase).includes("Bash")).map((phase) => ({
    phase,
    words: agentFileOf(phase).body.match(/`git [^`]*`|\bcommit (it|them|what|each|by)\b/gi) ?? [],
  }));
  assert.deepEqual(told.filter(({ words }) => words.length > 0), []);
});

Deno.test("agents/ holds an agent for each phase that has one, and no other", () => {
  const files = [...Deno.readDirSync(new URL("../../agents/", import.meta.url))].map(({ name }) => name);
  assert.deepEqual(sorted(files), sorted(WORKING_PHASES.map((phase) => `${agentOf(phase)}.md`)));
});

Deno.test("workflow.md gives each phase's successors, gate and signals as PHASES has them", () => {
  const lines = workflow.split("\n").filter((line) => /^- \w+ → /.test(line));
  assert.deepEqual(lines, WORKING_PHASES.map(phaseLine));
});

Deno.test("readQuestions() reads the example in workflow.md as one open question", () => {
  const examples = fencesIn(workflow, "markdown");
  assert.equal(examples.length, 1);
  assert.deepEqual(fencesIn(protocol, "markdown"), examples, "docs/protocol.md shows the same");
  assert.deepEqual(readQuestions(`# Questions\n\n${examples[0]}`), [{
    id: "Q1",
    text: "Where are login attempts counted?",
    options: [
      { letter: "A", text: "In memory, per process" },
      { letter: "B", text: "In the database" },
    ],
    suggestion: { letter: "B", text: "B - the limit must survive a restart" },
    answer: undefined,
  }]);
});

Deno.test("planProgress() reads the example in planning-agent.md as a plan of three open phases", () => {
  const examples = fencesIn(agentFileOf("planning").body, "markdown");
  assert.deepEqual(examples.map(planProgress), [{ done: 0, total: 3 }]);
});

Deno.test("readReport() reads the example in quality-agent.md as a review that leaves one finding open", () => {
  const examples = fencesIn(agentFileOf("quality").body, "markdown");
  assert.deepEqual(examples.map(readReport), [{
    verdict: "open",
    findings: ["blocking, tests, `src/auth/login.ts:40`: phase 3 has no test for an unknown account"],
  }]);
  assert.match(agentFileOf("quality").body, /at most three rounds/);
  assert.equal(MAX_ROUNDS, 3);
});

Deno.test("workflow.md and docs/protocol.md name every key of the notebook's Status", () => {
  for (const key of STATUS_KEYS) {
    assert.ok(workflow.includes(`\`${key}\``), `workflow.md does not name ${key}`);
    assert.ok(rowsOf(protocol).some(([cell]) => cell === `\`${key}\``), `docs/protocol.md does not name ${key}`);
  }
});

Deno.test("docs/protocol.md names every event of the journal, and no other", () => {
  const documented = rowsOf(sectionOf(protocol, "Journal")).flatMap(([cell = ""]) =>
    captured(cell.matchAll(/^`([a-z]+\.[a-z_]+)`$/g))
  );
  assert.deepEqual(sorted(documented), sorted(Object.keys(EVENTS)));
});

Deno.test("docs/protocol.md shows signals and journal lines that the program reads", () => {
  assert.equal(signalsIn(protocol).length, 4);
  const lines = fencesIn(protocol, "jsonl").flatMap((fence) => fence.trimEnd().split("\n"));
  assert.ok(lines.length > 0);
  for (const line of lines) assert.notEqual(readEventLine(line), undefined, line);
  assert.ok(protocol.includes(`at most ${MAX_SIGNAL_BYTES / 1024} KiB`));
});

Deno.test("workflow.md stays small: it is paid for in every iteration", () => {
  const bytes = new TextEncoder().encode(workflow).length;
  assert.ok(bytes < MAX_WORKFLOW_BYTES, `workflow.md has ${bytes} bytes`);
});

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
}

function agentFileOf(phase: Phase): { readonly fields: ReadonlyMap<string, string>; readonly body: string } {
  const path = `agents/${agentOf(phase)}.md`;
  const [, head, body] = textOf(path).match(/^---\n(.*?)\n---\n(.*)$/s) ?? [];
  if (head === undefined || body === undefined) assert.fail(`${path} has no front matter`);
  const fields = head.split("\n").map((line): [string, string] => {
    const [, key, value] = line.match(/^(\w+): (.*)$/) ?? [];
    if (key === undefined || value === undefined) assert.fail(`${path} has the line ${JSON.stringify(line)}`);
    return [key, value.trim()];
  });
  return { fields: new Map(fields), body };
}

function toolsOf(phase: Phase): readonly string[] {
  return (agentFileOf(phase).fields.get("tools") ?? "").split(",").map((tool) => tool.trim());
}

/** The insides of all fences in a language; fails over one that is indented, unclosed or decorated. */
function fencesIn(markdown: string, language: string): readonly string[] {
  const fences = captured(markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms")));
  const begun = markdown.match(new RegExp(`(\`\`\`|~~~) *${language}\\b`, "gi")) ?? [];
  assert.equal(fences.length, begun.length, `each ${language} fence stands by itself and is closed`);
  return fences;
}

function sectionOf(markdown: string, title: string): string {
  return markdown.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? "";
}

/** The cells of all table rows. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

function signalsIn(markdown: string): readonly Signal[] {
  return fencesIn(markdown, "json").map((fence) => {
    const reading = readSignal(new TextEncoder().encode(fence));
    if (reading.kind !== "signal") assert.fail(`${JSON.stringify(reading)} in ${fence}`);
    return reading.signal;
  });
}

function isLegal(signal: Signal, phase: Phase): boolean {
  const { maySignal, gate } = PHASES[phase];
  const next = everyNext(phase);
  if (!maySignal.includes(signal.status)) return false;
  if (signal.status === "continue") {
    return signal.phase === undefined || signal.phase === phase || next.includes(signal.phase);
  }
  return signal.status !== "waiting" || signal.for !== "plan_approval" || gate === "plan_approval";
}

/** Where a phase may lead, in any session. */
function everyNext(phase: Phase): readonly Phase[] {
  return [false, true].flatMap((light) =>
    nextPhases(phase, { light }).filter((next) => !light || !PHASES[phase].next.includes(next))
  );
}

/** Where a signal leads, other than back into its phase. */
function targetsOf(signal: Signal, phase: Phase): readonly Phase[] {
  if (signal.status === "waiting" && signal.for === "plan_approval") return PHASES[phase].next;
  if (signal.status !== "continue" || signal.phase === undefined || signal.phase === phase) return [];
  return [signal.phase];
}

function phaseLine(phase: Phase): string {
  const { next, lightNext, gate, maySignal } = PHASES[phase];
  const light = lightNext === undefined ? "" : ` (light: ${lightNext.join(", ")})`;
  const parts = [
    `- ${phase} → ${next.length === 0 ? "end" : next.join(", ")}${light}`,
    ...(gate === undefined ? [] : [`gate: ${gate}`]),
    `signals: ${maySignal.join(", ")}`,
  ];
  return parts.join("; ");
}

function inWords(signal: Signal): string {
  return JSON.stringify(signal);
}

function captured(matches: Iterable<RegExpMatchArray>): readonly string[] {
  return [...matches].flatMap(([, group]) => group === undefined ? [] : [group]);
}

function sorted(values: Iterable<string>): readonly string[] {
  return [...values].sort();
}
