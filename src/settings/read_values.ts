/**
 * Collects the settings' values from all sources and checks each against its row.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { statIfExists } from "../system/files/files.ts";
import { shellWord } from "../text/shell_word.ts";
import type { SettingRow, SettingRows, SettingValues } from "../contract/setting_row.ts";
import { AGENT_PHASES } from "../workflow/phases.ts";
import { describeKind, isOfNoPhase, SETTING_NAMES, SETTINGS } from "./settings_table.ts";

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
  /** The environment, then the files. */
  readonly environment: readonly Source[];
  readonly flags: Source;
  readonly home: string;
}

/** The longest time that a timer can wait, in seconds: 2³¹−1 ms. */
const MAX_SECONDS = 2_147_483;

/** Reads rows and collects all problems: nobody wants to meet them one by one. */
export class SettingReader {
  readonly #sources: Sources;
  readonly problems: Problem[] = [];
  /** Programs, and what flags say, as text by the names of settings. */
  readonly handedOn: Record<string, string> = {};

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The values of rows; a row's value is made of its text here and nowhere else. */
  values<Rows extends SettingRows>(rows: Rows, nameOf = ({ name }: SettingRow) => name): SettingValues<Rows> {
    const read = (row: SettingRow) => valueOf(row, this.#text({ ...row, name: nameOf(row) }));
    return Object.fromEntries(
      Object.entries(rows).map(([field, row]) => [field, read(row)]),
    ) as SettingValues<Rows>;
  }

  /** Looks for what somebody wrote that nobody would read. */
  findStrays(): void {
    const { environment, project } = this.#sources;
    const files = environment.filter(({ isFile }) => isFile);
    for (const source of environment) this.#report(source, NO_PHASE);
    for (const source of files) this.#report(source, NO_SETTING);
    this.#report(project, MISPLACED);
    this.#report(project, NO_SETTING);
  }

  #report({ label, values }: Source, { isStray, problem, wayOut }: Stray): void {
    const names = Object.keys(values).filter((name) => isStray(name, values[name] ?? "")).sort();
    this.problems.push(...names.map((name) => ({ source: `${label}: ${name}`, problem, wayOut })));
  }

  #text(row: SettingRow): string {
    const { project, environment, flags, home } = this.#sources;
    const places = row.place === "project" ? [project] : environment;
    for (
      const { source, key } of [
        ...(row.flag === undefined ? [] : [{ source: flags, key: row.flag }]),
        ...places.map((source) => ({ source, key: row.name })),
      ]
    ) {
      const found = source.values[key]?.trim();
      // An empty variable is one that somebody meant to unset.
      if (found === undefined || (found === "" && row.default !== undefined)) continue;
      const isPath = row.kind === "folder" || row.kind === "program";
      const text = isPath ? expandPath(found, row.kind === "program", { source, home }) : found;
      const problem = problemWith(row, text);
      if (source === flags || row.kind === "program") this.handedOn[row.name] = text;
      if (problem !== undefined) {
        const place = source === flags ? `--${key}` : key;
        this.problems.push({ source: `${source.label}: ${place}`, ...problem });
      }
      return text;
    }
    if (row.default === undefined) {
      this.problems.push({
        source: project.label,
        problem: `${row.name} is missing`,
        wayOut: `Add a line like ${row.name}=~/project/${exampleFolder(row.name)} to it`,
      });
    }
    return row.default ?? "";
  }
}

function valueOf({ kind }: SettingRow, text: string): string | number | undefined {
  switch (kind) {
    case "seconds":
    case "delay":
      return Number(text) * 1000;
    case "count":
      return Number(text);
    case "dollars":
      return text === "" ? undefined : Number(text);
    default:
      return text === "" && typeof kind !== "string" ? undefined : text;
  }
}

/** Something that nobody reads where it is written. */
interface Stray extends Omit<Problem, "source"> {
  readonly isStray: (name: string, text: string) => boolean;
}

/** A slip in a phase's name would else go unseen until the wrong agent works. */
const NO_PHASE: Stray = {
  isStray: (name, text) => isOfNoPhase(name) && text.trim() !== "",
  problem: "it ends in no phase that an agent works in",
  wayOut: `End it in one of ${AGENT_PHASES.map((phase) => phase.toUpperCase()).join(", ")}`,
};

/** A slip in a cost limit's name would else go unseen until the night has cost too much. */
const NO_SETTING: Stray = {
  isStray: (name) => name.startsWith("SAMOCODE_") && !SETTING_NAMES.has(name) && !isOfNoPhase(name),
  problem: "there is no such setting",
  wayOut: "Compare the name with samocode help settings, or delete the line",
};

const MISPLACED: Stray = {
  isStray: (name) => SETTING_NAMES.has(name) && SETTINGS.get(name)?.place !== "project",
  problem: "this file is for the three folders",
  wayOut: "Move the line to the file .env beside it",
};

function problemWith({ kind }: SettingRow, value: string): Omit<Problem, "source"> | undefined {
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
        : { problem: `${quote(value)} is not a whole number from 0 to 999999`, wayOut: "Use one of these" };
    case "seconds":
    case "delay": {
      const least = kind === "delay" ? 0 : 1;
      if (/^\d{1,7}(?:\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= MAX_SECONDS) return undefined;
      return { problem: `${quote(value)} is not a time in seconds`, wayOut: `Use ${least} to ${MAX_SECONDS}` };
    }
    case "dollars":
      return value === "" || (/^\d{0,9}(?:\.\d+)?$/.test(value) && Number(value) > 0)
        ? undefined
        : { problem: `${quote(value)} is not an amount in dollars`, wayOut: "Use a number above 0, or leave it empty" };
    case "url":
      return URL.canParse(value) && /^https?:/.test(value)
        ? undefined
        : { problem: `${quote(value)} is not a URL`, wayOut: "Use one that begins with https:// or http://" };
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
  isProgram: boolean,
  { source, home }: { readonly source: Source; readonly home: string },
): string {
  if (path === "") return path;
  const expanded = path === "~" || /^~[\\/]/.test(path) ? join(home, path.slice(1)) : path;
  if (isProgram && !/[\\/]/.test(expanded)) return expanded;
  return isAbsolute(expanded) ? resolve(expanded) : resolve(source.folder, expanded);
}

function exampleFolder(name: string): string {
  return name === "MAIN_REPO" ? "repo" : name.toLowerCase();
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}
