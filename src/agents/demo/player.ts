/**
 * The scripted agent of the `demo` provider. It plays one iteration without a model; everything that it says, writes
 * and changes comes from `demo/`.
 *
 * @module
 */
import { basename, join } from "node:path";
import { SamocodeError } from "../../text/errors.ts";
import { readTextIfExists, writeAtomic } from "../../system/files/files.ts";
import { platform } from "../../system/platform.ts";
import { documentStamp, iterationStamp } from "../../text/stamp.ts";
import { plainText } from "../../text/terminal_text.ts";
import { updateStatus } from "../../workflow/notebook.ts";
import type { AgentEvent } from "../../workflow/session_event.ts";
import { fill, fillText, findScene, type Step } from "./data.ts";
import type { DemoIteration } from "./demo.ts";
import { commitFiles } from "./git.ts";
import { commitFacts, findDocument, sessionFacts, surveyFacts } from "./facts.ts";
import { applyPatch, type DemoProject, findPatch, prepareProject, projectIn, runInProject } from "./project.ts";

/** Where an iteration gets its data from, and where its output goes. */
export interface DemoOptions {
  /** The shipped folder `demo/`. */
  readonly data: string;
  readonly emit: (event: AgentEvent) => void;
  readonly pause: (ms: number) => Promise<void>;
}

/** Pauses in milliseconds: a whole session takes about seven seconds, slow enough to read along. */
const THINK_MS = 125;
const ACT_MS = 70;

/**
 * Plays one iteration: reads the notebook, does one piece of work, updates the notebook and writes the signal last. All
 * state is on disk, so an interrupted iteration can be played again.
 */
export async function playDemoIteration(iteration: DemoIteration, options: DemoOptions): Promise<void> {
  await new Player(iteration, options).play();
}

class Player {
  readonly #iteration: DemoIteration;
  readonly #options: DemoOptions;
  readonly #project: DemoProject;
  readonly #facts: Record<string, string | number> = {};

  /** What each verb of the script does. */
  readonly #verbs: Readonly<Record<string, (text: string) => Promise<void>>> = {
    ">": (text) => this.#say(text),
    Read: (name) => name === "" ? Promise.resolve() : this.#act("Read", name),
    Look: (text) => this.#look(text),
    Run: (command) => this.#run(command),
    Write: (line) => this.#writeDocument(line),
    Apply: (subject) => this.#apply(subject),
    Tick: () => this.#tick(),
    Block: (line) => Promise.reject(blocked(line)),
  };

  constructor(iteration: DemoIteration, options: DemoOptions) {
    this.#iteration = iteration;
    this.#options = options;
    this.#project = projectIn(iteration.workingDirectory, options.data);
  }

  async play(): Promise<void> {
    const { iteration, startedAt, sessionFolder } = this.#iteration;
    const id = `demo-${String(iteration).padStart(3, "0")}`;
    this.#options.emit({ type: "agent.started", model: "scripted", version: "demo", id });
    await this.#act("Read", "_overview.md");
    const signal = await this.#playScenes();
    const [did, next] = [this.#fact("did"), this.#fact("next")];
    const notebook = this.#read("_overview.md");
    if (notebook !== "") {
      const noted = withLogLine(notebook, `- ${iterationStamp(iteration, startedAt)} ${did}`);
      await this.#write("_overview.md", updateStatus(noted, { "Last Action": did, Next: next }));
    }
    await this.#act("Write", "_signal.json");
    writeAtomic(join(sessionFolder, "_signal.json"), `${JSON.stringify(signal, null, 2)}\n`);
  }

  /** Plays scenes until one gives a signal. */
  async #playScenes(): Promise<Readonly<Record<string, string>>> {
    const { data } = this.#options;
    try {
      Object.assign(this.#facts, sessionFacts(this.#iteration, { data, project: this.#project }));
      const note = this.#fact("note");
      if (note !== "") await this.#say(`Noted: ${note}`);
      while (this.#fact("signal") === "") {
        const scene = findScene(data, { phase: this.#iteration.phase, facts: this.#facts });
        for (const step of scene) await this.#playStep(step);
      }
      if (note !== "") this.#facts["did"] += ` (noted: ${note})`;
      return readSignalLine(this.#fact("signal"));
    } catch (error) {
      // A problem that the user can fix blocks the session, as with a real agent; anything else is a crash.
      if (!(error instanceof SamocodeError)) throw error;
      const reason = plainText(`${error.message}. ${error.hint}`, 1000);
      Object.assign(this.#facts, { did: `Blocked: ${reason}`, next: plainText(error.hint, 200) });
      return { status: "blocked", reason, needs: "error_resolution" };
    }
  }

  async #playStep({ verb, rest }: Step): Promise<void> {
    const text = fill(rest, this.#facts);
    if (verb.endsWith(":")) this.#facts[verb.slice(0, -1).toLowerCase()] = text;
    else await this.#verbs[verb]?.(text);
  }

  async #say(text: string): Promise<void> {
    await this.#options.pause(THINK_MS);
    this.#options.emit({ type: "agent.said", text });
  }

  async #act(tool: "Read" | "Write" | "Edit" | "Bash", about: string): Promise<void> {
    this.#options.emit({ type: "agent.acted", tool, about });
    await this.#options.pause(ACT_MS);
  }

  async #look(text: string): Promise<void> {
    const isAtFiles = text === "at the files";
    if (this.#iteration.hasGit) await this.#act("Bash", isAtFiles ? "git ls-files" : "git log --oneline");
    Object.assign(this.#facts, await (isAtFiles ? surveyFacts : commitFacts)(this.#iteration));
  }

  async #run(command: string): Promise<void> {
    prepareProject(this.#project, this.#options.data);
    await this.#act("Bash", command);
    Object.assign(this.#facts, await runInProject(this.#project, command));
  }

  /** `TEXT as TOPIC` or `TEXT as FILE.md`; reuses the document of an interrupted iteration. */
  async #writeDocument(line: string): Promise<void> {
    const { sessionFolder, startedAt } = this.#iteration;
    const [name = "", topic = ""] = line.split(" as ");
    const found = topic.endsWith(".md") ? topic : findDocument(sessionFolder, `${topic}.md`);
    const document = found || `${documentStamp(startedAt, { colon: platform().allowsColon })}-${topic}.md`;
    this.#facts["document"] = document;
    await this.#write(document, fillText(this.#options.data, { name, facts: this.#facts }));
  }

  async #apply(subject: string): Promise<void> {
    const { data } = this.#options;
    const { sessionFolder, hasGit } = this.#iteration;
    const { root, prefix } = this.#project;
    const patch = findPatch(data, { subject, facts: this.#facts });
    if (prepareProject(this.#project, data)) await this.#act("Write", `${prefix}tally.sh`);
    for (const file of patch.files) await this.#act("Edit", `${prefix}${file}`);
    await applyPatch(this.#project, patch);
    const notes = this.#fact("quotes") === "" ? [] : patch.also;
    for (const file of notes) {
      await this.#act("Write", `${prefix}${file}`);
      writeAtomic(join(root, file), fillText(data, { name: "notes", facts: this.#facts }));
    }
    if (!hasGit) return;
    await this.#act("Bash", `git commit -m "${subject}"`);
    await commitFiles(prefix === "" ? [...patch.files, ...notes] : ["."], {
      cwd: root,
      message: `${subject}\n\nSamocode-Session: ${basename(sessionFolder)}`,
    });
  }

  async #tick(): Promise<void> {
    const [plan, line] = [this.#fact("plan"), this.#fact("line")];
    await this.#write(plan, this.#read(plan).replace(line, () => line.replace("[ ]", "[x]")));
  }

  #fact(name: string): string {
    return String(this.#facts[name] ?? "");
  }

  #read(name: string): string {
    return readTextIfExists(join(this.#iteration.sessionFolder, name)) ?? "";
  }

  /** Writes a file of the session, unless it is up to date. */
  async #write(name: string, text: string): Promise<void> {
    const before = this.#read(name);
    if (before === text) return;
    await this.#act(before === "" ? "Write" : "Edit", name);
    writeAtomic(join(this.#iteration.sessionFolder, name), text);
  }
}

/** `REASON | HINT`. */
function blocked(line: string): SamocodeError {
  const [reason = "", hint = ""] = line.split(" | ");
  return new SamocodeError("conflict", reason, { hint });
}

/** `continue testing`, `waiting plan_approval`, or `done` and a summary. */
function readSignalLine(line: string): Readonly<Record<string, string>> {
  const [, status = "", value = ""] = /^(\w+) (.*)$/.exec(line) ?? [];
  return { status, [status === "continue" ? "phase" : status === "waiting" ? "for" : "summary"]: value };
}

/** Appends a line to the notebook's Flow Log, unless an interrupted iteration already did. */
function withLogLine(notebook: string, added: string): string {
  if (notebook.split(/\r?\n/).includes(added)) return notebook;
  const log = /^## Flow Log:?[ \t]*\r?\n(?:(?!#{1,2} ).*(?:\r?\n|$(?![^])))*/m.exec(notebook)?.[0];
  if (log === undefined) return `${notebook.trimEnd()}\n\n## Flow Log\n${added}\n`;
  const end = log.trimEnd();
  return notebook.replace(log, () => `${end}\n${added}${log.slice(end.length) || "\n"}`);
}
