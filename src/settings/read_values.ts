/**
 * Reads the values of settings from all sources and checks each against its row.
 *
 * @module
 */
import { resolve } from "node:path";
import { statIfExists } from "../system/files/files.ts";
import { expandHome } from "../system/user_folders.ts";
import { shellWord } from "../text/terminal_text.ts";
import type { SettingKind, SettingRow, SettingRows, SettingValue, SettingValues } from "../contract/setting_row.ts";
import { AGENT_PHASES } from "../workflow/phases.ts";
import { problemWithHours, problemWithTopics } from "../channels/when_to_tell.ts";
import { problemWithCommands, readCommands } from "./project_lines.ts";
import { describeKind, isOfNoPhase, SETTING_NAMES, SETTINGS } from "./settings_table.ts";

/** One place that values come from. */
export interface Source {
  /** How messages name it. */
  readonly label: string;
  readonly values: Readonly<Record<string, string>>;
  /** Relative paths start here. */
  readonly folder: string;
  /** Whether it was written for samocode; an environment also holds other programs' variables. */
  readonly isFile: boolean;
  /** Whether it is a project's `.env`, which may be meant for the program that the project makes. */
  readonly isProjects?: boolean;
}

/** All sources, by the place that rows name. */
export interface Sources {
  readonly project: Source;
  /** The environment, then the files; the first one with a value wins. */
  readonly environment: readonly Source[];
  readonly flags: Source;
  readonly home: string;
}

/** Reads rows and collects all problems, so that they are reported together. */
export class SettingReader {
  readonly #sources: Sources;
  /** What is wrong: the source, the problem and its fix. A set, since settings may share a flag. */
  readonly problems = new Set<string>();
  /** What is wrong, and holds up nobody's work. */
  readonly warnings = new Set<string>();
  /** Programs and values of flags, as text by the names of settings. */
  readonly handedOn: Record<string, string> = {};

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The values of some rows. */
  values<Rows extends SettingRows>(rows: Rows, nameOf = ({ name }: SettingRow) => name): SettingValues<Rows> {
    const read = (row: SettingRow) => valueOf(row, this.#text({ ...row, name: nameOf(row) }));
    return Object.fromEntries(
      Object.entries(rows).map(([field, row]) => [field, read(row)]),
    ) as SettingValues<Rows>;
  }

  /** Reports lines without effect, so that a typo does not go unnoticed until the wrong agent works or costs run up. */
  findStrays(): void {
    const { environment, project } = this.#sources;
    for (const source of [...environment, project]) {
      for (const [name, text] of Object.entries(source.values).sort()) {
        const problem = whyIgnored(name, text, { isFile: source.isFile, isProject: source === project });
        if (problem !== undefined) this.problems.add(`${source.label}: ${name}: ${problem}`);
      }
    }
  }

  #text(row: SettingRow): string {
    const { project, environment, flags, home } = this.#sources;
    const sources = row.place === "project"
      ? [project]
      : environment.filter(({ isProjects }) => row.place !== "user" || !isProjects);
    const places = sources.map((source) => ({ source, key: row.name }));
    for (const { source, key } of row.flag === undefined ? places : [{ source: flags, key: row.flag }, ...places]) {
      const found = source.values[key]?.trim();
      // An empty variable counts as unset.
      if (found === undefined || (found === "" && row.default !== undefined)) continue;
      const isPath = row.kind === "folder" || row.kind === "program";
      const text = isPath ? expandPath(found, row.kind === "program", { source, home }) : found;
      const problem = problemWith(row.kind, text);
      if (source === flags || row.kind === "program") this.handedOn[row.name] = text;
      if (problem !== undefined) {
        this.problems.add(`${source.label}: ${source === flags ? "--" : ""}${key}: ${problem}`);
      }
      return text;
    }
    if (row.default !== undefined) return row.default;
    const folder = row.name === "MAIN_REPO" ? "repo" : row.name.toLowerCase();
    this.problems.add(
      `${project.label}: ${row.name} is missing. Add a line like ${row.name}=~/project/${folder} to it`,
    );
    return "";
  }
}

function valueOf({ kind }: SettingRow, text: string): SettingValue<SettingRow> {
  switch (kind) {
    case "seconds":
    case "delay":
      return Number(text) * 1000;
    case "count":
    case "positive":
      return Number(text);
    case "dollars":
    case "amount":
      return isOff(text) ? undefined : Number(text);
    case "period":
      return isOff(text) ? undefined : Number(text) * 1000;
    case "commands":
      return readCommands(text);
    default:
      return text === "" && typeof kind !== "string" ? undefined : text;
  }
}

/** Tells whether a limit's text means none. */
function isOff(text: string): boolean {
  return text === "off" || Number(text) === 0;
}

/** Why a variable has no effect in a source; `undefined` if it has one, or is not samocode's. */
function whyIgnored(
  name: string,
  text: string,
  { isFile, isProject }: { readonly isFile: boolean; readonly isProject: boolean },
): string | undefined {
  if (isOfNoPhase(name)) {
    const phases = AGENT_PHASES.map((phase) => phase.toUpperCase()).join(", ");
    return isProject || text.trim() === "" ? undefined : `the name must end in a phase. Use one of ${phases}`;
  }
  if (SETTING_NAMES.has(name)) {
    const place = SETTINGS.get(name)?.place;
    if (!isProject || place === "project") return undefined;
    const home = place === "user" ? "samocode/.env in your own configuration folder" : ".env in the same folder";
    return `this file holds the folders and checks only. Move the line to ${home}`;
  }
  return isFile && name.startsWith("SAMOCODE_")
    ? "there is no such setting. Correct the name, or delete the line"
    : undefined;
}

/** What is wrong with a value and how to fix it. */
function problemWith(kind: SettingKind, value: string): string | undefined {
  if (kind === "folder") return problemWithFolder(value);
  if (kind === "commands") return problemWithCommands(value);
  if (kind === "topics") return problemWithTopics(value);
  if (kind === "hours") return problemWithHours(value);
  const rule = typeof kind === "string" ? RULES[kind] : {
    accepts: (choice: string) => kind.includes(choice),
    otherwise: `not known. Use one of ${describeKind(kind)}`,
  };
  return rule === undefined || rule.accepts(value) ? undefined : `${quote(value)} is ${rule.otherwise}`;
}

/** Which texts are values of a kind, and what is said of the others. */
interface Rule {
  readonly accepts: (value: string) => boolean;
  readonly otherwise: string;
}

/** The longest that a timer can wait: 2³¹−1 ms. */
const MAX_SECONDS = 2_147_483;

function timeFrom(least: number): Rule {
  return {
    accepts: (value) => /^\d{1,7}(?:\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= MAX_SECONDS,
    otherwise: `not a time in seconds. Use ${least} to ${MAX_SECONDS}`,
  };
}

function limit(pattern: RegExp, otherwise: string): Rule {
  return {
    accepts: (value) => value === "off" || pattern.test(value),
    otherwise: `${otherwise}. Use a number, or off for no limit`,
  };
}

const RULES: Readonly<
  Record<Exclude<Extract<SettingKind, string>, "folder" | "commands" | "topics" | "hours">, Rule | undefined>
> = {
  count: {
    accepts: (value) => /^\d{1,6}$/.test(value),
    otherwise: "not a whole number. Use 0 to 999999",
  },
  positive: {
    accepts: (value) => /^\d{1,6}$/.test(value) && Number(value) > 0,
    otherwise: "not a whole number above 0. Use 1 to 999999",
  },
  seconds: timeFrom(1),
  delay: timeFrom(0),
  dollars: limit(/^\d{1,9}(?:\.\d+)?$|^\.\d+$/, "not an amount in dollars"),
  amount: limit(/^\d{1,15}$/, "not a whole number"),
  period: limit(/^\d{1,9}(?:\.\d+)?$/, "not a time in seconds"),
  url: {
    accepts: (value) => URL.canParse(value) && /^https?:/.test(value),
    otherwise: "not a URL. Use one that begins with https:// or http://",
  },
  program: undefined,
  text: undefined,
  secret: undefined,
};

function problemWithFolder(path: string): string | undefined {
  if (path === "") return "it is empty. Name a folder";
  try {
    const stat = statIfExists(path);
    // Not created silently: a typo must not start a new, empty record.
    if (stat === undefined) return `${path} does not exist. Create it with: mkdir -p ${shellWord(path)}`;
    if (!stat.isDirectory) return `${path} is a file, not a folder. Name a folder, or move the file away`;
    [...Deno.readDirSync(path)];
    return undefined;
  } catch {
    return `${path} cannot be read. Give yourself permission to read and enter it (chmod u+rwx)`;
  }
}

/** A program without a slash is looked up on PATH later. */
function expandPath(
  path: string,
  isProgram: boolean,
  { source, home }: { readonly source: Source; readonly home: string },
): string {
  if (path === "") return path;
  const expanded = expandHome(path, home);
  if (isProgram && !/[\\/]/.test(expanded)) return expanded;
  return resolve(source.folder, expanded);
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}
