/**
 * Collects the settings' values from all sources and checks each against its row.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { statIfExists } from "../system/files/files.ts";
import { shellWord } from "../text/shell_word.ts";
import { AGENT_PHASES } from "../workflow/phases.ts";
import {
  describeKind,
  isOfNoPhase,
  isSettingName,
  phaseInName,
  SETTING_NAMES,
  type SettingName,
  settingRow,
} from "./settings_table.ts";

/** One place that values come from; the first that has a value wins. */
export interface Source {
  /** How a person calls it. */
  readonly label: string;
  readonly values: Readonly<Record<string, string>>;
  /** Relative folders are taken from here. */
  readonly folder: string;
  /** Whether somebody wrote it for this program: in an environment much may stand that is not meant for it. */
  readonly isFile: boolean;
}

/** Something that is wrong with the settings. */
export interface Problem {
  readonly source: string;
  readonly problem: string;
  readonly wayOut: string;
}

/** All sources, by the place that rows name. */
export interface Sources {
  readonly project: Source;
  readonly environment: readonly Source[];
  readonly flags: Source;
  readonly home: string;
}

/** What was read: a value for each setting, and every problem there is. */
export interface Reading {
  readonly values: Readonly<Record<SettingName, string>>;
  readonly problems: readonly Problem[];
}

/** The longest time that a timer can wait, in seconds: 2³¹−1 ms. */
const MAX_SECONDS = 2_147_483;

/** Reads all settings and reports all problems at once: nobody wants to meet them one by one. */
export function readValues(sources: Sources): Reading {
  const problems: Problem[] = [];
  const values: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) values[name] = readValue(name, sources, problems);
  for (const source of sources.environment) problems.push(...noPhases(source));
  for (const source of sources.environment.filter(({ isFile }) => isFile)) problems.push(...noSettings(source));
  problems.push(...misplaced(sources.project), ...noSettings(sources.project));
  return { values: complete(values), problems };
}

/** A slip in a phase's name would else go unseen until the wrong agent works. */
function noPhases({ label, values }: Source): readonly Problem[] {
  const names = Object.keys(values).filter((name) => isOfNoPhase(name) && values[name]?.trim() !== "");
  return names.sort().map((name) => ({
    source: `${label}: ${name}`,
    problem: "it ends in no phase that an agent works in",
    wayOut: `End it in one of ${AGENT_PHASES.map(phaseInName).join(", ")}`,
  }));
}

/** A slip in a cost limit's name would else go unseen until the night has cost too much. */
function noSettings({ label, values }: Source): readonly Problem[] {
  const isOurs = (name: string): boolean => name.startsWith("SAMOCODE_") && !isSettingName(name) && !isOfNoPhase(name);
  return Object.keys(values).filter(isOurs).sort().map((name) => ({
    source: `${label}: ${name}`,
    problem: "there is no such setting",
    wayOut: "Compare the name with samocode help settings, or delete the line",
  }));
}

/** A setting that nobody reads where it stands. */
function misplaced({ label, values }: Source): readonly Problem[] {
  const names = SETTING_NAMES.filter((name) => settingRow(name).place === "environment" && Object.hasOwn(values, name));
  return names.map((name) => ({
    source: `${label}: ${name}`,
    problem: "this file is for the three folders",
    wayOut: "Move the line to the file .env beside it",
  }));
}

function readValue(name: SettingName, sources: Sources, problems: Problem[]): string {
  const row = settingRow(name);
  const places = row.place === "project" ? [sources.project] : sources.environment;
  for (
    const { source, key } of [
      ...(row.flag === undefined ? [] : [{ source: sources.flags, key: row.flag }]),
      ...places.map((source) => ({ source, key: name })),
    ]
  ) {
    const found = source.values[key]?.trim();
    // An empty variable is one that somebody meant to unset.
    if (found === undefined || (found === "" && row.default !== undefined)) continue;
    const value = row.kind === "folder" || row.kind === "program"
      ? expandPath(found, row.kind, { source, home: sources.home })
      : found;
    const problem = problemWith(name, value);
    if (problem === undefined) return value;
    problems.push({ source: key === name ? `${source.label}: ${name}` : `${source.label}: --${key}`, ...problem });
    return value;
  }
  if (row.default === undefined) {
    const { label } = sources.project;
    problems.push({
      source: label,
      problem: `${name} is missing`,
      wayOut: `Add a line like ${name}=~/project/${exampleFolder(name)} to it`,
    });
  }
  return row.default ?? "";
}

function problemWith(name: SettingName, value: string): Omit<Problem, "source"> | undefined {
  const { kind } = settingRow(name);
  if (typeof kind !== "string") {
    return kind.includes(value)
      ? undefined
      : { problem: `${quote(value)} is not known`, wayOut: `Use one of ${describeKind(kind)}` };
  }
  switch (kind) {
    case "folder":
      return problemWithFolder(value);
    case "count":
      return /^\d{1,6}$/.test(value)
        ? undefined
        : { problem: `${quote(value)} is no whole number from 0 to 999999`, wayOut: "Use one of these" };
    case "seconds":
    case "delay": {
      const least = kind === "delay" ? 0 : 1;
      if (/^\d{1,7}(?:\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= MAX_SECONDS) return undefined;
      return { problem: `${quote(value)} is no time in seconds`, wayOut: `Use ${least} to ${MAX_SECONDS}` };
    }
    case "dollars":
      return value === "" || (/^\d{0,9}(?:\.\d+)?$/.test(value) && Number(value) > 0)
        ? undefined
        : { problem: `${quote(value)} is no amount in dollars`, wayOut: "Use a number above 0, or leave it empty" };
    case "url":
      return URL.canParse(value) && /^https?:/.test(value)
        ? undefined
        : { problem: `${quote(value)} is no URL`, wayOut: "Use one that begins with https:// or http://" };
    case "program":
    case "text":
    case "secret":
      return undefined;
  }
}

function problemWithFolder(path: string): Omit<Problem, "source"> | undefined {
  if (path === "") return { problem: "it is empty", wayOut: "Name a folder" };
  try {
    const stat = statIfExists(path);
    // Not made silently: a typing error must not start a new, empty record.
    if (stat === undefined) {
      return { problem: `${path} does not exist`, wayOut: `Make it with: mkdir -p ${shellWord(path)}` };
    }
    if (!stat.isDirectory) {
      return { problem: `${path} is a file, not a folder`, wayOut: "Name a folder, or move the file away" };
    }
    [...Deno.readDirSync(path)];
    return undefined;
  } catch {
    return { problem: `${path} cannot be read`, wayOut: "Give yourself the right to read and enter it (chmod u+rwx)" };
  }
}

/** A program may be a name that is looked up on PATH. */
function expandPath(
  path: string,
  kind: "folder" | "program",
  { source, home }: { readonly source: Source; readonly home: string },
): string {
  if (path === "") return path;
  const expanded = path === "~" || /^~[\\/]/.test(path) ? join(home, path.slice(1)) : path;
  if (kind === "program" && !/[\\/]/.test(expanded)) return expanded;
  return isAbsolute(expanded) ? resolve(expanded) : resolve(source.folder, expanded);
}

function complete(values: Readonly<Partial<Record<SettingName, string>>>): Readonly<Record<SettingName, string>> {
  const isComplete = (found: typeof values): found is Readonly<Record<SettingName, string>> =>
    SETTING_NAMES.every((name) => found[name] !== undefined);
  if (!isComplete(values)) throw new Error("a setting was not read");
  return values;
}

function exampleFolder(name: SettingName): string {
  return name === "MAIN_REPO" ? "repo" : name.toLowerCase();
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}
