/**
 * What skills and commands tell an agent agrees with the program, with `workflow.md`, with the agents and with each
 * other.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { COMMANDS } from "../helpers/all_commands.ts";
import { readPlan } from "../../src/session/documents.ts";
import { layoutOf } from "../../src/session/layout.ts";
import { readStatus, STATUS_KEYS } from "../../src/workflow/notebook.ts";
import { agentOf, type Phase, PHASE_NAMES, PHASES, readPhase } from "../../src/workflow/phases.ts";
import { planProgress } from "../../src/workflow/plan.ts";
import { readQuestions } from "../../src/workflow/questions.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { readSignal } from "../../src/workflow/signal.ts";
import { dayStamp, documentStamp } from "../../src/text/format.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** All skills, and the phase in which each may help an agent of the loop. */
const SKILLS: Readonly<Record<string, Phase | undefined>> = {
  "handover": "done",
  "implementation": "implementation",
  "investigation": "investigation",
  "planning": "planning",
  "quality": "quality",
  "samocode-run": undefined,
  "session-management": undefined,
  "task-definition": "requirements",
  "testing": "testing",
};

/** All commands, and the skill that each calls. */
const SLASH_COMMANDS: Readonly<Record<string, string>> = {
  "cleanup": "quality",
  "create-plan": "planning",
  "dive": "investigation",
  "do": "implementation",
  "do2": "implementation",
  "dop": "implementation",
  "dop2": "implementation",
  "multi-review": "quality",
  "samocode": "samocode-run",
  "session-archive": "session-management",
  "session-continue": "session-management",
  "session-start": "session-management",
  "session-sync": "session-management",
  "summary": "handover",
  "task": "task-definition",
};

const MODES = ["do", "do2", "dop", "dop2"];

const MCP_TOOLS = [
  "start_session",
  "wait_session",
  "read_status",
  "answer_qa",
  "approve_plan",
  "raise_budget",
  "resume_session",
  "stop_session",
  "finish_session",
  "read_artifact",
];

/** A skill is paid for whenever it is loaded; what is needed less often goes into a file beside it. */
const MAX_SKILL_BYTES = 6_500;

const skillNames = Object.keys(SKILLS);
const commandNames = Object.keys(SLASH_COMMANDS);

Deno.test("skills/ and commands/ hold what this test knows, and nothing else", () => {
  assert.deepEqual(namesIn("skills"), skillNames);
  assert.deepEqual(namesIn("commands"), commandNames.map((name) => `${name}.md`));
});

for (const skill of skillNames) {
  const path = `skills/${skill}/SKILL.md`;

  Deno.test(`${path} has front matter that says what it is and when to use it`, () => {
    const { fields } = partsOf(path);
    // No allowed-tools: a skill that brings tools along would widen the rights of an agent in the loop.
    assert.deepEqual([...fields.keys()], ["name", "description"]);
    assert.equal(fields.get("name"), skill);
    assert.match(skill, /^[a-z0-9-]{1,64}$/);
    const description = fields.get("description") ?? "";
    assert.ok(description.length <= 1024, `${description.length} characters`);
    assert.match(description, /\. Use (?:when|to|before) \S.{20,}/);
  });

  Deno.test(`${path} is short, and leads to every file beside it`, () => {
    const bytes = new TextEncoder().encode(textOf(path)).length;
    assert.ok(bytes <= MAX_SKILL_BYTES, `${bytes} bytes`);
    const beside = namesIn(`skills/${skill}`).filter((name) => name !== "SKILL.md");
    const named = spansIn(partsOf(path).body);
    assert.deepEqual(beside.filter((name) => !named.includes(name)), []);
  });

  Deno.test(`${path} says what holds inside an iteration and what holds stand-alone`, () => {
    const { body } = partsOf(path);
    const iteration = paragraphOf(body, "In an iteration of samocode");
    const alone = paragraphOf(body, "Stand-alone");
    assert.match(iteration, /"Session Context" with a signal file/);
    if (SKILLS[skill] === undefined) return assert.match(iteration, /do not use this skill/);
    assert.match(iteration, /your agent's instructions and `workflow\.md` come first/);
    assert.match(alone, /there is no signal/);
    assert.match(alone, /\(`session-management`\)/);
  });

  Deno.test(`${path} shows only signals that are legal in its phase`, () => {
    const phase = SKILLS[skill];
    const shown = filesOf(skill).flatMap((file) => signalsIn(textOf(file)));
    if (phase === undefined) return assert.deepEqual(shown, []);
    assert.ok(shown.length > 0);
    for (const signal of shown) assert.ok(isLegal(signal, phase), `${phase} may not signal ${JSON.stringify(signal)}`);
  });
}

for (const command of commandNames) {
  const path = `commands/${command}.md`;
  const skill = SLASH_COMMANDS[command] ?? "";

  Deno.test(`${path} has front matter that Claude Code takes as it is meant`, () => {
    const { fields } = partsOf(path);
    const known = ["description", "argument-hint", "disable-model-invocation", "allowed-tools"];
    assert.deepEqual([...fields.keys()], known);
    assert.match(fields.get("description") ?? "", /^[A-Z].{20,120}[^.]$/);
    assert.match(fields.get("argument-hint") ?? "", /^\[.+\]$/);
    // The person's own doors: for the model there are the skills, and no agent of the loop walks in here.
    assert.equal(fields.get("disable-model-invocation"), "true");
    // Installed, the skill has its own name; in a plugin, the plugin's before it.
    const [own, inPlugin, ...more] = (fields.get("allowed-tools") ?? "").split(", ");
    assert.deepEqual([own, inPlugin], [`Skill(${skill})`, `Skill(samocode:${skill})`]);
    for (const tool of more) assert.match(tool, /^(?:Bash\(date:\*\)|mcp__samocode__(?:wait_session|read_\w+))$/);
  });

  Deno.test(`${path} hands its arguments to one part of its skill`, () => {
    const { body } = partsOf(path);
    assert.equal(body.split("$ARGUMENTS").length, 2);
    assert.ok(body.length < 600, "a command is thin");
    assert.deepEqual(captured(body, /\bskill `([^`]+)`/g), [skill]);
    const headings = captured(partsOf(`skills/${skill}/SKILL.md`).body, /^## (.+)$/gm);
    const parts = captured(body, /\bits part "([^"]+)"/g);
    assert.deepEqual(parts.filter((part) => !headings.includes(part)), []);
    assert.deepEqual(captured(body, /\bthe mode `([^`]+)`/g), MODES.filter((mode) => mode === command));
  });
}

Deno.test("no command has the name of a skill: in ~/.claude the skill would hide it, in a plugin it the skill", () => {
  assert.deepEqual(commandNames.filter((name) => skillNames.includes(name)), []);
});

Deno.test("the implementation skill has a row for each mode", () => {
  const rows = captured(textOf("skills/implementation/SKILL.md"), /^\| `(\w+)` +\|/gm);
  assert.deepEqual(rows, MODES);
});

Deno.test("the samocode-run skill has a row for each MCP tool", () => {
  assert.deepEqual(captured(textOf("skills/samocode-run/SKILL.md"), /^\| `(\w+)` +\|/gm), MCP_TOOLS);
});

for (const path of [...skillNames.flatMap(filesOf), ...commandNames.map((name) => `commands/${name}.md`)]) {
  Deno.test(`${path} names nothing in code type that is not there`, () => {
    const text = textOf(path);
    assert.deepEqual(spansIn(text).filter((span) => !isKnown(span)), []);
  });

  Deno.test(`${path} tells nobody to do what workflow.md forbids`, () => {
    const forbidden = [
      /\bgit (?:push|reset|rebase|checkout|switch|config|branch|clean|stash)\b/,
      /git commit[^`\n]*(?:--amend|--no-verify|-n\b)/,
      /--dangerously|bypassPermissions|--no-verify|git add (?:-A|\.)/,
      // The program's own lines and files, in a session of the loop.
      /(?:edit|write|delete|append to)[^.\n]*`(?:_journal\.jsonl|_signal_history\.jsonl|session\.log|_logs\/?)`/i,
    ];
    assert.deepEqual(forbidden.flatMap((pattern) => textOf(path).match(pattern)?.[0] ?? []), []);
  });
}

Deno.test("skills for agents without Bash need no shell", () => {
  for (const [skill, phase] of Object.entries(SKILLS)) {
    if (phase === undefined || toolsOf(phase).includes("Bash")) continue;
    const shell = filesOf(skill).flatMap((file) => textOf(file).match(/^```sh$|`git [^`]*`|`date [^`]*`/gm) ?? []);
    assert.deepEqual(shell, [], skill);
  }
});

Deno.test("each agent names a skill that helps it, can load it, and the skill and its file are there", () => {
  for (const phase of PHASE_NAMES.flatMap((phase) => agentOf(phase) ?? [])) {
    const path = `agents/${phase}.md`;
    const text = textOf(path);
    const named = captured(text, /`samocode:([^`]+)`/g);
    assert.ok(named.length > 0, path);
    assert.deepEqual(named.filter((skill) => SKILLS[skill] === undefined), [], path);
    assert.match(text, /^tools: .*\bSkill\b/m, path);
    const files = captured(text, /`([a-z-]+\.md)` of the skill/g);
    assert.deepEqual(files.filter((file) => !named.some((skill) => isFile(`skills/${skill}/${file}`))), [], path);
  }
});

Deno.test("documents have the same names in skills and agents, and the program finds the plan among them", () => {
  const inAgents = namesIn("agents").flatMap((name) => captured(textOf(`agents/${name}`), /`TIMESTAMP_FILE-([^`]+)`/g));
  const inSkills = skillNames.flatMap(filesOf).flatMap((path) => captured(textOf(path), /`STAMP-([^`]+)`/g))
    .filter((name) => name !== "kind-topic.md");
  assert.deepEqual(uniqueOf(inSkills), uniqueOf(inAgents));
  using folder = new TempFolder();
  for (const name of uniqueOf(inSkills)) folder.file(`11-20-1437-${name}`, "");
  Deno.utimeSync(folder.at("11-20-1437-plan-topic.md"), 0, 0);
  assert.equal(readPlan(layoutOf(folder.path))?.name, "11-20-1437-plan-topic.md");
});

Deno.test("the session-management skill's date commands print the program's stamps", () => {
  const at = new Date(2026, 10, 5, 4, 7);
  const printed = captured(textOf("skills/session-management/folder.md"), /`date \+([^`]+)`/g).map((format) =>
    format.replace(/%[ymdHM]/g, (field) => (DATE_FIELDS[field]?.(at) ?? NaN).toString().padStart(2, "0"))
  );
  const stamps = [documentStamp(at, { colon: true }), documentStamp(at, { colon: false }), dayStamp(at)];
  assert.deepEqual(printed, stamps);
});

Deno.test("readStatus() reads the session-management skill's notebook as a whole one", () => {
  const [notebook = ""] = fencesIn(textOf("skills/session-management/folder.md"), "markdown");
  const status = readStatus(notebook);
  assert.deepEqual(Object.keys(status), STATUS_KEYS);
  assert.deepEqual([readPhase(status.Phase ?? ""), status.Blocked], ["planning", "no"]);
  const log = notebook.split("## Flow Log\n\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
  assert.equal(log.length, 3);
  for (const line of log) assert.match(line, /^- \[\d{3} @ \d\d-\d\d \d\d:\d\d\] \S/);
});

Deno.test("readQuestions() reads the task-definition skill's example as one open question", () => {
  const examples = fencesIn(textOf("skills/task-definition/SKILL.md"), "markdown").map(readQuestions);
  const shapes = examples.map((questions) =>
    questions.map(({ id, options, suggestion, answer }) => ({
      id,
      letters: options.map(({ letter }) => letter),
      suggested: suggestion?.letter,
      answer,
    }))
  );
  assert.deepEqual(shapes, [[{ id: "Q1", letters: ["A", "B"], suggested: "A", answer: undefined }]]);
});

Deno.test("planProgress() reads the planning skill's example as a plan of three open phases", () => {
  const examples = fencesIn(textOf("skills/planning/SKILL.md"), "markdown");
  assert.deepEqual(examples.map(planProgress), [{ done: 0, total: 3 }]);
  const agents = fencesIn(textOf("agents/planning-agent.md"), "markdown");
  const outline = (plan: string) => plan.match(/^(?:#+ .*|- \[.*| {2}- \w+:)/gm);
  assert.deepEqual(examples.map(outline), agents.map(outline), "planning-agent.md shows the same form");
});

const DATE_FIELDS: Readonly<Record<string, (at: Date) => number>> = {
  "%y": (at) => at.getFullYear() % 100,
  "%m": (at) => at.getMonth() + 1,
  "%d": (at) => at.getDate(),
  "%H": (at) => at.getHours(),
  "%M": (at) => at.getMinutes(),
};

/** Programs that a skill may call. */
const PROGRAMS = ["claude", "codex", "command", "date", "diff", "git", "mktemp", "timeout"];

/** Commands of the command line that are being built. */
const COMING = ["mcp"];

/** Code type that is neither a name nor a command: examples, marks, placeholders. */
const LITERALS = [
  "-",
  "--",
  "--force",
  "--help",
  "- [ ]",
  "- [x]",
  ".",
  "../",
  "??-??-??-name",
  "SESSIONS/YY-MM-DD-name/",
  "SESSIONS/_archive/",
  "STAMP",
  "STAMP-kind-topic.md",
  "_",
  "brief.md",
  "login-limit",
  "no",
  "path:line",
];

/** What an MCP answer and its calls are made of, as the tools' own design has it. */
const FIELDS = ["state", "needs", "next", "accept_suggestions", "budget"];

function isKnown(span: string): boolean {
  const called = captured(span, /(?:^|-- )samocode ([a-z]+)/g);
  if (called.length > 0) return called.every(isCommand);
  return [
    LITERALS.includes(span),
    FIELDS.includes(span),
    MODES.includes(span),
    STATUS_KEYS.some((key) => key === span),
    span === "samocode" || skillNames.includes(span),
    span.startsWith("/") && commandNames.includes(span.slice(1)),
    MCP_TOOLS.includes(span.replace(/^mcp__samocode__/, "")),
    [...SESSION_FILES, "workflow.md", ".samocode"].includes(span),
    DOCUMENTS.includes(span),
    skillNames.some((skill) => span.endsWith(".md") && isFile(`skills/${skill}/${span}`)),
    PROGRAMS.includes(span.split(" ")[0] ?? ""),
  ].includes(true);
}

const SESSION_FILES = Object.values(layoutOf("folder")).map((path) => basename(path));

const DOCUMENTS = ["dive-topic", "task-definition", "plan-topic", "test-report", "quality-N", "summary", "pull-request"]
  .map((name) => `STAMP-${name}.md`);

function isCommand(name: string): boolean {
  return COMING.includes(name) || COMMANDS.some((command) => command.name === name && command.hidden !== true);
}

function toolsOf(phase: Phase): readonly string[] {
  return captured(textOf(`agents/${agentOf(phase)}.md`), /^tools: (.*)$/gm).flatMap((tools) => tools.split(", "));
}

function isLegal(signal: Signal, phase: Phase): boolean {
  const { maySignal, next, gate } = PHASES[phase];
  if (!maySignal.includes(signal.status)) return false;
  if (signal.status === "waiting") return signal.for === gate;
  return signal.status !== "continue" || signal.phase === phase || next.some((name) => name === signal.phase);
}

function signalsIn(markdown: string): readonly Signal[] {
  return fencesIn(markdown, "json").map((fence) => {
    const reading = readSignal(new TextEncoder().encode(fence));
    if (reading.kind !== "signal") assert.fail(`${JSON.stringify(reading)} in ${fence}`);
    return reading.signal;
  });
}

/** The insides of all fences in a language; fails over one that is indented, unclosed or decorated. */
function fencesIn(markdown: string, language: string): readonly string[] {
  const fences = captured(markdown, new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"));
  const begun = markdown.match(new RegExp(`(\`\`\`|~~~) *${language}\\b`, "gi")) ?? [];
  assert.equal(fences.length, begun.length, `each ${language} fence stands by itself and is closed`);
  return fences;
}

/** All code type outside fences. */
function spansIn(markdown: string): readonly string[] {
  return captured(markdown.replace(/^```.*?^```$/gms, ""), /`([^`\n]+)`/g);
}

function paragraphOf(body: string, title: string): string {
  return body.split("\n\n").find((paragraph) => paragraph.startsWith(`**${title}**`)) ?? "";
}

/** Front matter as one-line values that YAML reads as the texts that they look like, then the body. */
function partsOf(path: string): { readonly fields: ReadonlyMap<string, string>; readonly body: string } {
  const [, head, body] = textOf(path).match(/^---\n(.*?)\n---\n\n(.*)$/s) ?? [];
  if (head === undefined || body === undefined) assert.fail(`${path} has no front matter`);
  const fields = head.split("\n").map((line): [string, string] => {
    const [, key, value] = line.match(/^([a-z-]+): (.*)$/) ?? [];
    if (key === undefined || value === undefined) assert.fail(`${path} has the line ${JSON.stringify(line)}`);
    return [key, yamlText(value)];
  });
  return { fields: new Map(fields), body };
}

function yamlText(value: string): string {
  if (value.startsWith('"')) return String(JSON.parse(value));
  assert.doesNotMatch(value, /^[^\p{L}]|: |:$| #|\s$/u, "needs quotes in YAML");
  return value;
}

function filesOf(skill: string): readonly string[] {
  return namesIn(`skills/${skill}`).map((name) => `skills/${skill}/${name}`);
}

function namesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => name).sort();
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(join(ROOT, path)).isFile;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

function captured(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, group]) => group === undefined ? [] : [group]);
}

function uniqueOf(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
