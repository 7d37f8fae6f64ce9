/**
 * Real shells that complete command lines with the scripts, in a project with sessions.
 *
 * @module
 */
import { join } from "node:path";
import { COMPLETION_SCRIPTS } from "../../src/cli/commands/completions.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** The shells that can be driven here; PowerShell is not among them. */
export type DrivenShell = "bash" | "zsh" | "fish";

/** What a shell offered for each line, and what it printed beside that. */
export interface Completed {
  readonly offers: readonly (readonly string[])[];
  readonly stderr: string;
}

/** A project, and `samocode` on the path of whoever types there. */
export class CompletingShells implements Disposable {
  readonly project = new TempProject();
  readonly #bin = join(this.project.root, "bin");
  readonly #home = join(this.project.root, "home");

  /** @param program Whether there is a `samocode` to ask. */
  constructor({ program }: { readonly program: boolean } = { program: true }) {
    Deno.mkdirSync(this.#bin);
    if (!program) return;
    const call = programUnderTest(["--no-check"]).map((word) => `'${word}'`);
    Deno.writeTextFileSync(join(this.#bin, "samocode"), `#!/bin/sh\nexec ${call.join(" ")} "$@"\n`, { mode: 0o755 });
  }

  /** Makes the folder of a session. */
  addSession(folder: string): void {
    const path = join(this.project.root, "sessions", folder);
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(join(path, "_journal.jsonl"), "");
  }

  /** Completes each line at its end. */
  complete(shell: DrivenShell, lines: readonly string[]): Completed {
    const script = join(this.project.root, shell === "zsh" ? "_samocode" : `samocode.${shell}`);
    Deno.writeTextFileSync(script, COMPLETION_SCRIPTS[shell]);
    return DRIVERS[shell]({ script, lines, home: this.#home, run: (args, words) => this.#run(shell, args, words) });
  }

  /** Runs a shell with a script of the test's own. */
  #run(
    shell: DrivenShell,
    script: string,
    words: readonly string[],
  ): { readonly out: string; readonly stderr: string } {
    const file = join(this.#home, `driver.${shell}`);
    Deno.writeTextFileSync(file, script);
    const { stdout, stderr } = new Deno.Command(shell, {
      args: [...FLAGS[shell], file, ...words],
      cwd: this.project.root,
      clearEnv: true,
      env: {
        PATH: `${this.#bin}:${Deno.env.get("PATH") ?? ""}`,
        HOME: this.#home,
        ZDOTDIR: this.#home,
        DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
        DENO_NO_UPDATE_CHECK: "1",
        LANG: "C.UTF-8",
        TERM: "xterm",
      },
      stdin: "null",
    }).outputSync();
    return { out: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
  }
}

/** Tells whether a program can be started here, whatever it makes of the question. */
export function isInstalled(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch {
    return false;
  }
}

/** None reads the settings of whoever runs the tests. */
const FLAGS: Readonly<Record<DrivenShell, readonly string[]>> = {
  bash: ["--noprofile", "--norc"],
  zsh: ["-f"],
  fish: ["--no-config"],
};

interface Drive {
  readonly script: string;
  readonly lines: readonly string[];
  readonly home: string;
  readonly run: (script: string, words: readonly string[]) => { readonly out: string; readonly stderr: string };
}

const DRIVERS: Readonly<Record<DrivenShell, (drive: Drive) => Completed>> = { bash, zsh, fish };

/** Stands between the answers; no shell offers a word with a space. */
const NEXT = "- next -";

/** Calls the function as readline does: the words broken at spaces and at =. */
function bash({ script, lines, run }: Drive): Completed {
  const asked = lines.map((line) => {
    const words = line.split(/ +/).flatMap((word) => word.split(/(=)/).filter((part, at) => part !== "" || at === 0));
    return `ask ${words.map((word) => `'${word}'`).join(" ")}`;
  });
  return answered(run(
    `. '${script}'
compopt() { return 1; }
ask() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _samocode
  for word in "\${COMPREPLY[@]}"; do printf '%s\\n' "$word"; done
  echo '${NEXT}'
}
${asked.join("\n")}
`,
    [],
  ));
}

function fish({ script, lines, run }: Drive): Completed {
  return answered(run(
    `source '${script}'
for line in $argv
    complete -C "$line"
    echo '${NEXT}'
end
`,
    lines,
  ));
}

/** Completes in a line editor on a pseudo-terminal: elsewhere zsh cannot. */
function zsh({ script, lines, home, run }: Drive): Completed {
  const found = join(home, "found");
  Deno.writeTextFileSync(
    join(home, ".zshrc"),
    `PROMPT=
fpath=('${script.slice(0, script.lastIndexOf("/"))}' $fpath)
autoload -Uz compinit
compinit -u -D
exec 3>'${found}'
# Writes down what is added; calls that only reckon are passed on.
compadd() {
  if [[ " \${(j: :)@[1,(i)--]} " == *' -'(O|A|D)' '* ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rlu3 -- $hits
  builtin compadd "$@"
}
zle -C capture .list-choices _main_complete
zle-line-init() {
  local line
  for line in ${lines.map((line) => `'${line}'`).join(" ")}; do
    BUFFER=$line CURSOR=$#line
    zle capture 2>&3
    print -ru3 -- '${NEXT}'
  done
  exit
}
zle -N zle-line-init
`,
  );
  const { stderr } = run(
    "zmodload zsh/zpty\nzpty inner zsh -d -i\nwhile zpty -r inner text; do :; done\nzpty -d inner\n",
    [],
  );
  return answered({ out: Deno.readTextFileSync(found), stderr });
}

/** Sorted, each once, without descriptions and what a shell adds to say that something may follow. */
function answered({ out, stderr }: { readonly out: string; readonly stderr: string }): Completed {
  const offers = out.split(`${NEXT}\n`).slice(0, -1).map((part) => {
    const words = part.split("\n").filter((line) => line !== "").map((line) => line.replace(/\t.*$/, ""))
      .map((word) => word.replace(/^--[a-z]+=(?=.)/, "").replace(/[/=]$/, ""));
    return [...new Set(words)].sort();
  });
  return { offers, stderr };
}
