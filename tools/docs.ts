/**
 * `deno task docs`: writes what documents repeat from the code into their marked regions, as between
 * `<!-- generated: settings -->` and `<!-- /generated -->`. With `--check` it only compares.
 *
 * @module
 */
import { join } from "node:path";
import { EXIT_CODES, type Flag } from "../src/cli/command.ts";
import { allCommands } from "../src/cli/commands.ts";
import { COMMON_FLAGS } from "../src/cli/parse_command.ts";
import type { SettingRow } from "../src/contract/setting_row.ts";
import { describeKind, SETTINGS } from "../src/settings/settings_table.ts";
import { SECRET_VARIABLES } from "../src/settings/secret_values.ts";
import { SamocodeError } from "../src/text/errors.ts";
import { ERROR_CLASSES, type ErrorClass } from "../src/workflow/error_classes.ts";
import { type GateRule, GATES } from "../src/workflow/gates.ts";
import { agentOf, PHASE_NAMES, PHASES } from "../src/workflow/phases.ts";
import { MAY_IMPORT } from "./lint/layer.ts";
import { runTool } from "./run_tool.ts";

const COMMANDS = await allCommands();

/** The documents that have regions. */
const PAGES = [
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/commands.md",
  "docs/protocol.md",
  "docs/security.md",
  "docs/settings.md",
];

type Row = readonly string[];

/** Each region's name, and the Markdown that belongs in it. */
const REGIONS: Readonly<Record<string, (root: string) => string>> = {
  commands: commandReference,
  "error-classes": () =>
    table(["class", "what it is", "what follows", "fallback takes over"], Object.entries(ERROR_CLASSES).map(classRow)),
  "exit-codes": () => table(["code", "meaning"], EXIT_CODES),
  gates: () => table(["gate", "shown", "opened with", "or by editing", "then"], Object.entries(GATES).map(gateRow)),
  layers: () =>
    table(
      ["folder", "may import"],
      [...MAY_IMPORT].map(([layer, may]) => [code(layer), may.length === 0 ? "nothing" : may.map(code).join(", ")]),
    ),
  phases: () => table(["phase", "next", "gate", "allowed signals", "iterations per visit"], PHASE_NAMES.map(phaseRow)),
  secrets: () => SECRET_VARIABLES.map(code).join(", "),
  settings: () =>
    table(["setting", "default", "value", "set in", "what it does"], [...SETTINGS.values()].map(settingRow)),
  tasks: (root) => table(["command", "what it does"], taskRows(root)),
};

/** Replaces each region of a page by its text. */
export function fillRegions(page: string, textOf: (region: string) => string): string {
  return page.replaceAll(
    /(<!-- generated: ([\w-]+) -->\n).*?(<!-- \/generated -->)/gs,
    (_, begin: string, region: string, end: string) => `${begin}\n${textOf(region)}\n\n${end}`,
  );
}

/** A Markdown table, padded as `deno fmt` pads it. */
export function table(head: Row, rows: readonly Row[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row): string => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [first = "", ...others] = cells.map(line);
  return [first, line(widths.map((width) => "-".repeat(width))), ...others].join("\n");
}

function commandReference(): string {
  return COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name, summary, operands = "", flags }) => {
    const rows = Object.entries(flags).map(flagRow);
    const usage = `samocode ${name} ${operands}`.trim();
    return `### ${name}\n\n${summary}.\n\n\`\`\`text\n${usage}\n\`\`\`${rows.length === 0 ? "" : "\n\n"}${
      rows.length === 0 ? "" : table(["flag", "what it does"], rows)
    }`;
  }).concat(`### Every command\n\n${table(["flag", "what it does"], Object.entries(COMMON_FLAGS).map(flagRow))}`)
    .join("\n\n");
}

function flagRow([name, { value, short, help }]: [string, Flag]): Row {
  return [code(`${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`), help];
}

function phaseRow(phase: typeof PHASE_NAMES[number]): Row {
  const { next, lightNext, gate = "", maySignal, maxIterations } = PHASES[phase];
  if (agentOf(phase) === undefined) return [phase, next.join(", "), gate, "none: no agent runs", ""];
  const light = lightNext === undefined ? "" : ` (light: ${lightNext.join(", ")})`;
  return [phase, next.join(", ") + light, gate, maySignal.join(", "), String(maxIterations)];
}

const FOLLOWS: Readonly<Record<ErrorClass["then"], string>> = {
  block: "blocked at once: a retry would fail the same way",
  fail: "failed at once",
  wait: "waited for, until 15 s after it ends",
  outlast: "waited out",
  retry: "a retry, after the usual pause",
};

function classRow([name, { what, then, fallback }]: [string, ErrorClass]): Row {
  return [code(name), what, FOLLOWS[then], fallback === "never" ? "" : fallback];
}

function gateRow([name, { document, verb, opensByHand, endsPhase }]: [string, GateRule]): Row {
  const then = endsPhase ? "the next phase" : "the same phase continues";
  return [code(name), `the ${document}`, code(`samocode ${verb}`), opensByHand ? "yes" : "no", then];
}

function settingRow({ name, place, kind, default: preset, flag, help }: SettingRow): Row {
  const where = place === "project"
    ? code(".samocode")
    : place === "user"
    ? "environment, not a project's"
    : flag === undefined
    ? "environment"
    : `environment, ${code(`--${flag}`)}`;
  return [
    code(name),
    preset === undefined ? "required" : preset === "" ? "" : code(preset),
    describeKind(kind),
    where,
    help,
  ];
}

function taskRows(root: string): readonly Row[] {
  const { tasks }: { tasks: Readonly<Record<string, { readonly description: string }>> } = JSON.parse(
    Deno.readTextFileSync(join(root, "deno.json")),
  );
  return Object.entries(tasks).map(([name, { description }]) => [code(`deno task ${name}`), description]);
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  await runTool(() => {
    const root = join(import.meta.dirname ?? ".", "..");
    const stale = PAGES.filter((page) => {
      const path = join(root, page);
      const before = Deno.readTextFileSync(path);
      const after = fillRegions(before, (region) => {
        const make = REGIONS[region];
        if (make === undefined) throw new Error(`${page} has an unknown region: ${region}`);
        return make(root);
      });
      if (after !== before && !Deno.args.includes("--check")) Deno.writeTextFileSync(path, after);
      return after !== before;
    });
    if (stale.length > 0 && Deno.args.includes("--check")) {
      throw new SamocodeError("usage", `Out of date: ${stale.join(", ")}`, {
        hint: "Update them with: deno task docs",
      });
    }
    return Promise.resolve();
  });
}
