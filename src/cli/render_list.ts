/**
 * Renders sessions as a table that fits the terminal.
 *
 * @module
 */
import type { ListedSession } from "../operations/list_sessions.ts";
import type { FleetPlace } from "../operations/status.ts";
import { formatAge, formatCost } from "../text/format.ts";
import { cutToWidth, displayWidth, paint, plainText } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";
import { STATE } from "./render_status.ts";

/** What the table depends on, beside the sessions. */
export type ListView = Pick<CliIo, "color" | "columns"> & {
  readonly nowMs: number;
  /** Whether the sessions are of more than one project. */
  readonly isOfSeveral: boolean;
};

interface Column {
  readonly title: string;
  readonly cell: (session: ListedSession, nowMs: number) => string;
  readonly isNumber?: true;
}

/** In the order of the table. */
const COLUMNS = {
  state: { title: "STATE", cell: ({ state }) => `${STATE[state].mark} ${state}` },
  project: { title: "PROJECT", cell: ({ project }) => plainText(project) },
  session: { title: "SESSION", cell: ({ session }) => plainText(session) },
  age: { title: "AGE", cell: ({ startedAt }, nowMs) => ageOf(startedAt, nowMs), isNumber: true },
  phase: { title: "PHASE", cell: ({ phase }) => phase },
  iteration: { title: "IT", cell: ({ iteration }) => String(iteration), isNumber: true },
  worker: { title: "WORKER", cell: ({ fleet }) => plainText(fleet?.worker ?? queuePlace(fleet)) },
  account: { title: "ACCOUNT", cell: ({ fleet }) => plainText(fleet?.account ?? "") },
  plan: { title: "PLAN", cell: ({ plan }) => plan === undefined ? "" : `${plan.done}/${plan.total}`, isNumber: true },
  cost: { title: "COST", cell: costOf, isNumber: true },
  about: { title: "ABOUT", cell: ({ activity, detail, task }) => plainText(activity || detail || task, 300) },
} as const satisfies Readonly<Record<string, Column>>;

type ColumnName = keyof typeof COLUMNS;

/** The most important first: what has no room is left out. */
const BY_IMPORTANCE: readonly ColumnName[] = ["worker", "age", "phase", "plan", "cost", "account", "iteration"];

const GAP = 2;
/** A name is cut before the age or the phase is left out, but never below this. */
const LEAST_NAME = 12;
const LEAST_ABOUT = 20;

/** Renders sessions, one line each, below a header. */
export function renderList(sessions: readonly ListedSession[], view: ListView): string {
  if (sessions.length === 0) return 'No session yet. Start one: samocode run "what to do"\n';
  const { color, nowMs } = view;
  const room = view.columns() - 1;
  const cells = (name: ColumnName): readonly string[] => sessions.map((session) => COLUMNS[name].cell(session, nowMs));
  const widthOf = (name: ColumnName): number =>
    Math.max(...[COLUMNS[name].title, ...cells(name)].map((text) => displayWidth(text)));

  const widths = new Map<ColumnName, number>([["state", widthOf("state")]]);
  const used = (): number => [...widths.values()].reduce((sum, width) => sum + width + GAP, -GAP);
  const fits = (name: ColumnName): boolean => used() + GAP + widthOf(name) <= room;
  widths.set("session", Math.min(widthOf("session"), LEAST_NAME));
  for (const name of view.isOfSeveral ? ["project" as const, ...BY_IMPORTANCE] : BY_IMPORTANCE) {
    // The iteration says little without its phase, and an empty column nothing.
    if (name === "iteration" && !widths.has("phase")) continue;
    if (cells(name).some((cell) => cell !== "") && fits(name)) widths.set(name, widthOf(name));
  }
  const nameWidth = LEAST_NAME + Math.max(0, room - used());
  widths.set("session", Math.min(widthOf("session"), Math.max(nameWidth, LEAST_NAME)));
  if (room - used() - GAP >= LEAST_ABOUT) widths.set("about", room - used() - GAP);

  const shown = Object.keys(COLUMNS).filter((name): name is ColumnName => widths.has(name as ColumnName));
  const line = (textOf: (name: ColumnName) => string): string =>
    shown.map((name) => fitted(textOf(name), widths.get(name) ?? 0, COLUMNS[name])).join(" ".repeat(GAP)).trimEnd();
  const header = paint("dim", line((name) => COLUMNS[name].title), color);
  const rows = sessions.map((session) => {
    const text = line((name) => COLUMNS[name].cell(session, nowMs));
    const stateWidth = widths.get("state") ?? 0;
    return paint(STATE[session.state].color, text.slice(0, stateWidth), color) + text.slice(stateWidth);
  });
  return [header, ...rows].map((row) => `${row}\n`).join("");
}

function fitted(text: string, width: number, { isNumber }: Column): string {
  const cut = cutToWidth(text, width);
  const gap = " ".repeat(width - displayWidth(cut));
  return isNumber ? gap + cut : cut + gap;
}

function ageOf(startedAt: string | undefined, nowMs: number): string {
  return startedAt === undefined ? "" : formatAge(nowMs - Date.parse(startedAt));
}

function queuePlace({ place }: Partial<FleetPlace> = {}): string {
  return place === undefined ? "" : `queue: ${place}`;
}

/** What includes list prices is told apart. */
function costOf({ costUsd, estimatedUsd = 0 }: ListedSession): string {
  if (estimatedUsd > 0) return `~${formatCost((costUsd ?? 0) + estimatedUsd)}`;
  return costUsd === undefined ? "" : formatCost(costUsd);
}
