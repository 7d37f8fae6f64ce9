/**
 * The local copies of one fleet project's sessions, and the decisions that go from them to the fleet.
 *
 * @module
 */
import { basename, join } from "node:path";
import {
  type Act,
  type ActOutcome,
  type Awaited,
  type Copies,
  type Elsewhere,
  type StartElsewhere,
  tellCopies,
  UNREACHED,
} from "../session/elsewhere.ts";
import { SamocodeError } from "../text/errors.ts";
import { type ActPlace, recordAct } from "./acts.ts";
import type { Engine } from "./engine.ts";
import { mirrorSession } from "./mirror.ts";
import { type FleetRow, readRows } from "./rows.ts";

/** Options of a project's copies. */
export interface CopiesOptions {
  readonly project: string;
  /** The folder with the copies. */
  readonly sessions: string;
  readonly stateFolder: string;
  /** Submits a session to the project. */
  readonly start: (request: StartElsewhere) => Promise<string>;
}

/** The copies of one project's sessions. */
export class FleetCopies implements Copies {
  readonly #engine: Engine;
  readonly #options: CopiesOptions;
  /** By folder name, or by session name while there is no folder. */
  #rows: ReadonlyMap<string, FleetRow> = new Map();

  constructor(engine: Engine, options: CopiesOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Reads the sessions' rows again. Call it before anything is shown, and after every change. */
  async refresh(session?: string): Promise<void> {
    const { project } = this.#options;
    const rows = await readRows(this.#engine, { project, session });
    const read = new Set(rows.map(({ id }) => id));
    const known = session === undefined ? [] : [...this.#rows].filter(([, { id }]) => !read.has(id));
    this.#rows = new Map([...known, ...rows.map((row) => [row.folder ?? row.name, row] as const)]);
    for (const { folder, name } of rows) tellCopies(join(this.#options.sessions, folder ?? name));
  }

  find(folder: string): Elsewhere {
    const row = this.#rows.get(basename(folder));
    return row === undefined ? UNREACHED : this.#of(row);
  }

  awaited(): readonly Awaited[] {
    return [...this.#rows.values()].filter(({ lines }) => lines === 0).map((row) => {
      const { name, task, createdAt: since } = row;
      return { name, task, since, elsewhere: this.#of(row) };
    });
  }

  async start(request: StartElsewhere): Promise<string> {
    const name = await this.#options.start(request);
    await this.refresh(name);
    return name;
  }

  #of(row: FleetRow): Elsewhere {
    return {
      holder: row.worker,
      epoch: row.epoch,
      state: stateOf(row),
      detail: row.state === "taken" || stateOf(row) !== "resting" ? row.detail : "",
      act: (act, by) => this.#act(row, { act, by }),
    };
  }

  async #act(row: FleetRow, { act, by }: { readonly act: Act; readonly by: string }): Promise<ActOutcome> {
    const [now = row] = await readRows(this.#engine, { project: row.project, session: row.name });
    if (now.state === "taken") throw taken(now);
    const place: ActPlace = { ...now, needs: now.summary.needs };
    const outcome = await recordAct(this.#engine, place, { act, by });
    await this.refresh(row.name);
    const { sessions, stateFolder } = this.#options;
    // The session may have started meanwhile, and have a folder now.
    const { folder } = [...this.#rows.values()].find(({ id }) => id === row.id) ?? row;
    if (folder !== undefined) {
      await mirrorSession(this.#engine, { id: row.id, folder: join(sessions, folder), stateFolder });
    }
    return outcome ?? { ok: true, text: "Recorded; the next worker that takes the session applies it", hint: "" };
  }
}

function stateOf({ state, lines }: FleetRow): Elsewhere["state"] {
  if (state === "queued" || state === "running" || state === "taken") return state;
  // A failure before the first event, or before a run, is in no journal.
  return state === "failed" || lines === 0 ? "failed" : "resting";
}

function taken({ name, detail }: FleetRow): SamocodeError {
  return new SamocodeError(
    "conflict",
    `Cannot decide on ${name}: ${detail || "somebody took it to another machine"}`,
    {
      hint: "Decide on that machine",
    },
  );
}
