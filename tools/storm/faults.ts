/**
 * Faults: a whole session is played once and its file operations are counted; then, from a copy of the project as it
 * was before each command, one operation after another fails or is the last of its process.
 *
 * @module
 */
import { join } from "node:path";
import { type Action, actionsFor, injection, type Operation, takeReport } from "./injector.ts";
import type { Problem } from "./oracle.ts";
import { Play } from "./play.ts";
import { type Program, type Running, StormProject } from "./project.ts";

/** One fault of a storm. */
export interface Fault {
  /** Which command it hits: an index in {@linkcode COMMANDS}. */
  readonly command: number;
  readonly kind: Operation["kind"];
  readonly number: number;
  readonly action: Action;
}

/** How a fault went. */
export interface FaultResult {
  readonly fault: Fault;
  /** What was hit; `undefined` if the command had fewer operations this time. */
  readonly hit: Operation | undefined;
  readonly problems: readonly Problem[];
  /** How many locks of a killed git had to be deleted. */
  readonly gitLocks: number;
}

type Start = (play: Play, env: Readonly<Record<string, string>>) => Running;

/** The commands of a session, in order. */
const COMMANDS: readonly Start[] = [
  (play, env) => play.run(env),
  (play, env) => play.act("qa_answers", env),
  (play, env) => play.run(env),
  (play, env) => play.act("plan_approval", env),
  (play, env) => play.run(env),
];

/** Each operation costs a session: this one is as short as one with all that matters can be. */
const STEPS = 1;

/** A project that goes back to where it was before one of the commands. */
export class FaultStage {
  readonly #project: StormProject;
  readonly #folder: string;
  readonly #library: string;
  /** The operations of each command. */
  readonly #operations: (readonly Operation[])[] = [];

  private constructor(folder: string, { program, library }: { readonly program: Program; readonly library: string }) {
    this.#folder = folder;
    this.#library = library;
    this.#project = new StormProject(join(folder, "project"), { program, guard: false, steps: STEPS, pace: 0 });
  }

  /** Plays the session once, copies the project before each command, and counts. */
  static async prepare(
    folder: string,
    options: { readonly program: Program; readonly library: string },
  ): Promise<FaultStage> {
    const stage = new FaultStage(folder, options);
    const play = new Play(stage.#project, STEPS);
    for (const [index, start] of COMMANDS.entries()) {
      copy(stage.#project.root, stage.#snapshot(index));
      const end = await start(play, stage.#injection("count")).ended;
      if (end.code === undefined || end.code === 1) throw new Error(`the plain session failed: ${end.output}`);
      stage.#operations.push(takeReport(stage.#report));
    }
    return stage;
  }

  /** Every fault there can be; first at what changes files, where more can go wrong. */
  get faults(): readonly Fault[] {
    const all = this.#operations.flatMap((operations, command) =>
      operations.flatMap((operation) => {
        const { kind, number } = operation;
        return actionsFor(operation).map((action): Fault => ({ command, kind, number, action }));
      })
    );
    return [...all.filter(({ kind }) => kind === "w"), ...all.filter(({ kind }) => kind === "r")];
  }

  /** How many operations there are. */
  get size(): number {
    return this.#operations.reduce((sum, { length }) => sum + length, 0);
  }

  /** Lets one fault happen, and plays on to the end. */
  async strike(fault: Fault): Promise<FaultResult> {
    const { command, action, kind, number } = fault;
    const start = COMMANDS[command];
    if (start === undefined) throw new RangeError(`there is no command ${command}`);
    this.#project.remove();
    copy(this.#snapshot(command), this.#project.root);
    const play = new Play(this.#project, STEPS);
    const end = await start(play, this.#injection(`${action}:${kind}:${number}`)).ended;
    const [hit] = takeReport(this.#report);
    play.signalUnreadable = kind === "r" && hit?.path.endsWith("/_signal.json") === true;
    play.ended(end);
    const problems = await play.finish();
    // The next fault needs the project's place.
    if (problems.length > 0) copy(this.#project.root, this.keptFolder(fault));
    return { fault, hit, problems, gitLocks: play.gitLocks };
  }

  /** Where the project is kept if something is wrong after a fault. */
  keptFolder(fault: Fault): string {
    return `${this.#folder}-${faultName(fault).replaceAll(":", "-")}`;
  }

  /** Ends what is left, and removes the folder. */
  remove(): void {
    this.#project.remove();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  get #report(): string {
    return join(this.#folder, "report");
  }

  #snapshot(command: number): string {
    return join(this.#folder, `before-${command}`);
  }

  #injection(fault: string): Readonly<Record<string, string>> {
    return injection({ library: this.#library, root: this.#project.root, fault, report: this.#report });
  }
}

/** A fault as it is named on the command line. */
export function faultName({ command, kind, number, action }: Fault): string {
  return `${command}:${kind}:${number}:${action}`;
}

/** Reads a fault's name; `undefined` if it is none. */
export function readFault(text: string): Fault | undefined {
  const [, command, kind, number, action] = /^([0-4]):([rw]):(\d+):(crash|torn|full|io)$/.exec(text) ?? [];
  if ((kind !== "r" && kind !== "w") || !isAction(action)) return undefined;
  return { command: Number(command), kind, number: Number(number), action };
}

function isAction(text: string | undefined): text is Action {
  return text === "crash" || text === "torn" || text === "full" || text === "io";
}

/** With times and modes, as `cp` keeps them. */
function copy(from: string, to: string): void {
  const { success, stderr } = new Deno.Command("cp", { args: ["-a", from, to] }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
