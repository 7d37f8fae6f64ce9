/**
 * How `install` and `uninstall` read where, ask whether, and show what.
 *
 * @module
 */
import { changes, type Step } from "../project/install/plan_steps.ts";
import { TARGETS } from "../agents/agents.ts";
import { type Place, SCOPES } from "../project/install/place.ts";
import type { Destination, Installation } from "../operations/install.ts";
import { SamocodeError } from "../system/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { confirm } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { paint } from "./paint.ts";

/**
 * Reads where to install.
 *
 * @throws {SamocodeError} For a place that there is not.
 */
export function destinationFrom({ values, switches }: Arguments): Destination {
  const { plugin, target = "claude", scope = "user" } = values;
  if (plugin !== undefined) {
    if (values["target"] === undefined && values["scope"] === undefined) {
      return { kind: "plugin", folder: plugin, mcp: !switches.has("no-mcp") };
    }
    throw new SamocodeError("usage", "Cannot use --plugin with --target or --scope: a plugin lies where you say", {
      hint: "Leave them out",
    });
  }
  return { kind: "client", target: oneOf(TARGETS, target, "--target"), scope: oneOf(SCOPES, scope, "--scope") };
}

function oneOf<T extends string>(names: readonly T[], typed: string, flag: string): T {
  const found = names.find((name) => name === typed);
  if (found !== undefined) return found;
  throw new SamocodeError("usage", `Cannot use ${flag} ${JSON.stringify(typed)}: it is not known`, {
    hint: `Use one of ${names.join(", ")}`,
  });
}

/**
 * Asks whether to go on.
 *
 * @throws {SamocodeError} Where nobody can be asked.
 */
export function mayGoOn(io: CliIo, { switches }: Arguments, question: string): boolean {
  if (switches.has("yes")) return true;
  if (io.isInputTerminal) return confirm(io, question);
  throw new SamocodeError("usage", "Cannot ask whether to go on: this is no terminal", {
    hint: "Take --yes to do what is said above, or --dry-run to only look",
  });
}

/** How each step is called before it is done, and after. */
const WORDS: Readonly<Record<Step["kind"], { readonly before: string; readonly after: string }>> = {
  add: { before: "write", after: "written" },
  update: { before: "update", after: "updated" },
  replace: { before: "replace", after: "replaced" },
  remove: { before: "remove", after: "removed" },
  "set-aside": { before: "move", after: "moved" },
  keep: { before: "leave", after: "left" },
  current: { before: "", after: "" },
  same: { before: "", after: "" },
  gone: { before: "", after: "" },
};

/** Shows an installation, file by file: what is to be done, or what was. */
export function renderInstallation(
  { place, steps }: Installation,
  { when, color }: { readonly when: keyof typeof WORDS["add"]; readonly color: boolean },
): string {
  const shown = steps.filter(({ kind }) => WORDS[kind][when] !== "");
  const lines = shown.map((step) => `  ${paintStep(step, WORDS[step.kind][when].padEnd(9), color)}${about(step)}`);
  const current = steps.filter(({ kind }) => kind === "current").length;
  const same = steps.filter(({ kind }) => kind === "same").length;
  return [
    head(place),
    ...lines,
    ...(current > 0 ? [`  ${current} ${current === 1 ? "file is" : "files are"} up to date`] : []),
    ...(same > 0 ? [`  ${same} not written by samocode, but with the same text: left`] : []),
    ...(lines.length + current + same === 0 ? ["  nothing"] : []),
  ].join("\n") + "\n";
}

/** Whether there is anything to do. */
export function isWork({ steps }: Installation): boolean {
  return changes(steps).length > 0;
}

/** Says what to do about files that were left. */
export function adviceOn({ steps }: Installation): string {
  const left = steps.filter(({ kind }) => kind === "keep").length;
  if (left === 0) return "";
  return `${left === 1 ? "One file was" : `${left} files were`} left as ${left === 1 ? "it is" : "they are"}; ` +
    "--force moves such a file to a backup beside it.\n";
}

function head({ label, root }: Place): string {
  return `${label}: ${plainText(root)}`;
}

function about(step: Step): string {
  const path = plainText(step.path);
  switch (step.kind) {
    case "keep":
      return `${path}: ${plainText(step.because)}`;
    case "replace":
    case "set-aside":
      return `${path}: ${plainText(step.because)}; kept as ${plainText(step.backup)}`;
    case "add":
    case "update":
    case "remove":
    case "current":
    case "same":
    case "gone":
      return path;
  }
}

function paintStep({ kind }: Step, word: string, color: boolean): string {
  return kind === "keep" ? paint("yellow", word, color) : word;
}
