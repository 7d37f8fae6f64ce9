/**
 * The project that the demo works on. Every step can be done again after an interruption.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists, removeIfExists, writeAtomic } from "../../system/files/files.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { SamocodeError } from "../../text/errors.ts";
import type { Observation } from "../observation.ts";

/** What is known, by name. */
export type Facts = Readonly<Record<string, string>>;

/** What the agent works with. */
export interface DemoTools {
  /** The shipped folder `demo/`. */
  readonly data: string;
  /** Runs git in a folder and returns its output, or `undefined` if git refuses. */
  readonly git: (folder: string, ...args: readonly string[]) => Promise<string | undefined>;
  /** Prints what the agent does. */
  readonly emit: (observation: Observation) => void;
}

/** The worktree if it is the sample, otherwise a copy of the sample in a folder of the demo's own. */
export class DemoProject {
  /** The path from the worktree to the project. */
  readonly folder: "" | "samocode-demo";
  readonly #root: string;
  readonly #data: string;
  readonly #git: (...args: readonly string[]) => Promise<string | undefined>;

  constructor(worktree: string, { data, git }: Pick<DemoTools, "data" | "git">) {
    this.folder = lstatIfExists(join(worktree, "tally.sh")) === undefined ? "samocode-demo" : "";
    this.#root = join(worktree, this.folder);
    this.#data = data;
    this.#git = (...args) => git(this.#root, ...args);
  }

  /** Applies the patch with this subject and returns the files it changes. Skips those that are patched already. */
  async apply(subject: string, facts: Facts): Promise<readonly string[]> {
    this.#prepare();
    const folder = join(this.#data, "patches");
    const texts = [...Deno.readDirSync(folder)].map(({ name }) => Deno.readTextFileSync(join(folder, name)));
    const patch = texts.find((text) => text.startsWith(`Subject: ${subject}\n`));
    if (patch === undefined) throw cannot(`do "${subject}": the demo has no patch for it`);
    const files = [...patch.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, file = ""]) => file);
    const path = Deno.makeTempFileSync({ suffix: ".patch" });
    try {
      Deno.writeTextFileSync(path, fill(patch, facts));
      for (const file of files) {
        const apply = ["apply", "--whitespace=nowarn", `--include=*${file}`, path];
        if (await this.#git(...apply, "--reverse", "--check") !== undefined) continue;
        if (await this.#git(...apply) === undefined) throw cannot(`edit ${file}: the demo's patch does not match it`);
      }
    } finally {
      removeIfExists(path);
    }
    return files;
  }

  /** Commits these files, or all of the demo's own folder. What else is staged stays staged. */
  async commit(files: readonly string[], message: string): Promise<void> {
    const paths = ["--", ...(this.folder === "" ? files : ["."])];
    // --force, because the user's ignore list may match the files.
    await this.#git("add", "--force", ...paths);
    if (await this.#git("diff", "--cached", "--quiet", ...paths) !== undefined) return;
    const author = ["-c", "user.name=samocode demo", "-c", "user.email=demo@localhost"];
    const done = await this.#git(...author, "commit", "--quiet", "--message", message, ...paths);
    if (done === undefined) throw cannot(`commit in ${this.#root}: git refuses, perhaps because of a hook`);
  }

  /** Runs a command and returns how that went. A missing program has exit code 127, as in a shell. */
  async run(command: string): Promise<Facts> {
    this.#prepare();
    const [program = "", ...args] = command.split(" ");
    const { code, stdout, stderr } = await runCommand(program, args, { cwd: this.#root }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return { code: 127, stdout: "", stderr: `no ${program} on this machine` };
    });
    const lines = `${stdout}${stderr}`.trimEnd().split("\n");
    // Indented, so that nothing in the output can end the code block.
    const output = lines.map((line) => `    ${line}`).join("\n");
    return { code: String(code), lines: String(lines.length), last: lines.at(-1) || `exit code ${code}`, output };
  }

  /** Creates the demo's own folder if the project belongs there. */
  #prepare(): void {
    if (this.folder === "") return;
    // A symbolic link would lead out of the worktree.
    if (lstatIfExists(this.#root)?.isDirectory === false) {
      throw cannot(`work in ${this.folder}: something else has that name`);
    }
    Deno.mkdirSync(this.#root, { recursive: true });
    copySample(this.#data, this.#root);
  }
}

/** Copies what is missing of the sample into a folder. */
export function copySample(data: string, folder: string): void {
  for (const { name } of Deno.readDirSync(join(data, "sample"))) {
    if (lstatIfExists(join(folder, name)) !== undefined) continue;
    writeAtomic(join(folder, name), Deno.readTextFileSync(join(data, "sample", name)));
  }
}

/**
 * Replaces each `{{name}}` in a text. Values are not scanned again, so a `{{name}}` in user input stays as it is.
 *
 * @throws {SamocodeError} If a fact is missing, as when a human moves the session to a later phase.
 */
export function fill(text: string, facts: Facts): string {
  return text.replace(/\{\{([\w-]+)\}\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact !== undefined) return fact;
    throw new SamocodeError("conflict", `Cannot play the demo from here: the session has no ${name}`, {
      hint: "Move it back to an earlier phase with samocode phase",
    });
  });
}

function cannot(what: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot ${what}`, {
    hint: "Undo what was changed by hand, or continue with another provider",
  });
}
