/**
 * The scripted agent of the `demo` provider. Everything that it says, writes and changes comes from `demo/`;
 * `demo/script.md` describes the language of its script.
 *
 * @module
 */
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readTextIfExists, writeAtomic } from "../../system/files/files.ts";
import { platform } from "../../system/platform.ts";
import { SamocodeError } from "../../text/errors.ts";
import { documentStamp, iterationStamp } from "../../text/format.ts";
import { plainText } from "../../text/terminal_text.ts";
import { updateStatus } from "../../workflow/notebook.ts";
import { readQuestions } from "../../workflow/questions.ts";
import { NO_USAGE } from "../../workflow/usage.ts";
import type { AgentIteration } from "../agent_runner.ts";
import { DemoProject, type DemoTools, type Facts, fill } from "./project.ts";

/** What the agent is told: the only argument of `samocode demo-agent`, as JSON. */
export type DemoRequest =
  & Pick<AgentIteration, "phase" | "iteration" | "guidance" | "sessionFolder" | "workingDirectory" | "hasGit">
  & { readonly startedAt: string; readonly pace: number };

/** Pauses in milliseconds: a whole session takes about seven seconds, slow enough to read along. */
const THINK_MS = 125;
const ACT_MS = 70;

/** Plays one iteration. All state is on disk, so an interrupted iteration can be played again. */
export class DemoPlayer {
  readonly #request: DemoRequest;
  readonly #tools: DemoTools;
  readonly #project: DemoProject;
  readonly #facts: Record<string, string>;
  #signal: Facts | undefined;

  constructor(request: DemoRequest, tools: DemoTools) {
    this.#request = request;
    this.#tools = tools;
    this.#project = new DemoProject(request.workingDirectory, tools);
    this.#facts = { ...readFacts(request), folder: this.#project.folder };
  }

  /** Does one piece of work, updates the notebook and writes the signal last. */
  async play(): Promise<void> {
    const { emit } = this.#tools;
    const { iteration, startedAt } = this.#request;
    emit({ type: "agent.started", model: "scripted", version: "demo", id: `demo-${iteration}` });
    await this.#act("Read", "_overview.md");
    try {
      await this.#playScenes();
    } catch (error) {
      // A problem that the user can fix blocks the session, as with a real agent; anything else is a crash.
      if (!(error instanceof SamocodeError)) throw error;
      const reason = plainText(`${error.message}. ${error.hint}`, 1000);
      Object.assign(this.#facts, { did: `Blocked: ${reason}`, next: error.hint });
      this.#signal = { status: "blocked", needs: "error_resolution", reason };
    }
    const { did = "", next = "" } = this.#facts;
    const line = `- ${iterationStamp(iteration, new Date(startedAt))} ${did}\n`;
    const notebook = this.#read("_overview.md")
      .replace(/^## Flow Log.*\n(?:.+\n)*/m, (log) => log.endsWith(line) ? log : log + line);
    await this.#save("_overview.md", updateStatus(notebook, { "Last Action": did, Next: next }));
    await this.#save("_signal.json", `${JSON.stringify(this.#signal, null, 2)}\n`);
    // No model was called, so nothing was used.
    emit({ type: "verdict", ok: true, cause: "unknown", detail: "", usage: { ...NO_USAGE, costUsd: 0 } });
  }

  async #playScenes(): Promise<void> {
    const { phase } = this.#request;
    for (const scene of this.#readData("script").split(/^## /m)) {
      const [title = "", ...lines] = scene.split("\n");
      if (!isDue(title, { phase, facts: this.#facts })) continue;
      for (const line of lines) await this.#playLine(line);
      if (this.#signal !== undefined) return;
    }
    throw new Error(`The demo's script gives no signal in ${phase}`);
  }

  async #playLine(line: string): Promise<void> {
    const [, verb = "", rest = ""] = /^(>|\w+:?) (.*)$/.exec(line) ?? [];
    const text = fill(rest, this.#facts);
    if (verb.endsWith(":")) this.#facts[verb.slice(0, -1).toLowerCase()] = text;
    switch (verb) {
      case ">":
        await pause(THINK_MS * this.#request.pace);
        return this.#tools.emit({ type: "agent.said", text });
      case "Read":
        return await this.#act("Read", text);
      case "Run":
        await this.#act("Bash", text);
        return void Object.assign(this.#facts, await this.#project.run(text));
      case "Write":
        return await this.#write(...text.split(" as "));
      case "Apply":
        return await this.#apply(text);
      case "Signal": {
        const [, status = "", field = "", value = ""] = /^(\w+) (\w+) (.*)$/.exec(text) ?? [];
        this.#signal = { status, ...(status === "blocked" && { needs: "error_resolution" }), [field]: value };
      }
    }
  }

  /** Fills in texts and saves them as one document; reuses that of an interrupted iteration. */
  async #write(texts = "", topic = ""): Promise<void> {
    const stamp = documentStamp(new Date(this.#request.startedAt), { colon: platform().allowsColon });
    const document = topic === "_qa" ? "_qa.md" : this.#facts[topic] ?? `${stamp}-${topic}.md`;
    this.#facts["document"] = document;
    const text = texts.split("+").map((name) => this.#readData(join("texts", name))).join("");
    await this.#save(document, fill(text, this.#facts));
  }

  /** Applies and commits a patch, and ticks its phase in the plan. */
  async #apply(subject: string): Promise<void> {
    const { "plan-tally-top": plan = "", step, session } = this.#facts;
    const files = await this.#project.apply(subject, this.#facts);
    for (const file of files) await this.#act("Edit", join(this.#project.folder, file));
    if (this.#request.hasGit) {
      await this.#act("Bash", `git commit -m "${subject}"`);
      await this.#project.commit(files, `${subject}\n\nSamocode-Session: ${session}`);
    }
    await this.#save(plan, this.#read(plan).replace(`- [ ] ${step}: ${subject}`, `- [x] ${step}: ${subject}`));
    Object.assign(this.#facts, readFacts(this.#request));
  }

  async #act(tool: string, about: string): Promise<void> {
    this.#tools.emit({ type: "agent.acted", tool, about });
    await pause(ACT_MS * this.#request.pace);
  }

  #readData(name: string): string {
    return Deno.readTextFileSync(join(this.#tools.data, `${name}.md`));
  }

  #read(name: string): string {
    return readTextIfExists(join(this.#request.sessionFolder, name)) ?? "";
  }

  /** Writes a file of the session, unless it is up to date. */
  async #save(name: string, text: string): Promise<void> {
    const before = this.#read(name);
    if (before === text) return;
    await this.#act(before === "" ? "Write" : "Edit", name);
    writeAtomic(join(this.#request.sessionFolder, name), text);
  }
}

/** Tells whether a scene is played: its title names the phase, and facts that hold. An empty fact counts as none. */
export function isDue(title: string, { phase, facts }: { readonly phase: string; readonly facts: Facts }): boolean {
  const [name = "", conditions = ""] = title.split(": ");
  if (name !== phase && name !== "always") return false;
  return [...conditions.matchAll(/([\w-]+) (\w+)/g)].every(([, fact = "", value]) => {
    const known = facts[fact] ?? "";
    return value === "some" ? known !== "" : known === (value === "none" ? "" : value);
  });
}

/** The facts at the start of an iteration, all of them read from the session's folder. */
export function readFacts({ sessionFolder, guidance }: Pick<DemoRequest, "sessionFolder" | "guidance">): Facts {
  const names = [...Deno.readDirSync(sessionFolder)].map(({ name }) => name);
  const documents = Object.fromEntries(names.map((name) => [name.replace(/^\d\d-\d\d-\d\d:?\d\d-|\.md$/g, ""), name]));
  const read = (name = ""): string => name === "" ? "" : readTextIfExists(join(sessionFolder, name)) ?? "";
  const questions = readQuestions(read(documents["_qa"]));
  const plan = read(documents["plan-tally-top"]);
  const [, step = "", title = ""] = /^- \[ \] (Phase \d+): (.*?)[ \t]*$/m.exec(plan) ?? [];
  return {
    ...documents,
    ...Object.fromEntries(questions.map(({ id, answer = "" }) => [id, /^[A-Z](?!\w)/.exec(answer)?.[0] ?? ""])),
    open: questions.filter(({ answer }) => answer === undefined).map(({ id }) => id).join(", "),
    step,
    title,
    feedback: /^> (.+)$/m.exec(plan)?.[1] ?? "",
    guidance: plainText(guidance, 600),
    result: /^Result: (.+)$/m.exec(read(documents["test-report"]))?.[1] ?? "tests were not run",
    session: basename(sessionFolder),
  };
}
