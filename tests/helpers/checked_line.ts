/**
 * A project with checks of its own, and a shell program as its agent that does what is due in each phase.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, type Said, START } from "../cli/command_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";

/** What an honest agent does; `work` makes the change. */
const AGENT = `
context=$(cat "$HOME"/.cache/samocode/context/*/*.md)
say() { echo "$1" > "$signal"; }
go() { say '{"status":"continue","phase":"'$1'"}'; }
commit() { git add -A; git -c user.name=me -c user.email=me@localhost commit -qm "$1"; }
honest() {
  case $phase in
    investigation) say '{"status":"blocked","reason":"Move me on","needs":"human_decision"}' ;;
    implementation) work; go testing ;;
    testing) date +%N > "$folder/11-20-0700-test-report.md"; go quality ;;
    quality) date +%N > "$folder/11-20-0701-quality-1.md"; echo 'Verdict: clean' >> "$folder/11-20-0701-quality-1.md"; go done ;;
    done)
      echo 'What is new.' > "$folder/11-20-0800-summary.md"; echo 'Add it' > "$folder/11-20-0800-pull-request.md"
      say '{"status":"done","summary":"All of it"}' ;;
  esac
}
`;

/** The command line of such a project. The agents of its session are not guarded, to tell the test what they saw. */
export class CheckedLine extends CommandLine {
  /** @param checks The commands; one program is at {@linkcode script}. */
  constructor(checks: readonly string[]) {
    super();
    this.setChecks(checks);
  }

  /** A program that all of the project's checks can run. */
  get script(): string {
    return join(this.project.root, "check.sh");
  }

  /** Writes checks into the settings, and trusts them. `SCRIPT` stands for {@linkcode script}. */
  setChecks(checks: readonly string[]): void {
    const lines = checks.map((check) => `CHECK=${check.replaceAll("SCRIPT", this.script)}\n`);
    const folders = "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n";
    Deno.writeTextFileSync(join(this.project.root, ".samocode"), folders + lines.join(""));
    this.project.trust();
  }

  /** Runs the session with an agent: shell text that calls `honest` where it has nothing else to do. */
  async play(agent: string, args: readonly string[] = ["run", "top"]): Promise<Said> {
    return await this.typeWithAgent(`${AGENT}\n${agent}`, args, { env: { SAMOCODE_GUARD: "off" } });
  }

  /** Starts the session, with its baseline, and moves it to where the change is made. */
  async begin(): Promise<void> {
    assert.equal((await this.play("honest", START)).code, 20);
    this.edit("_overview.md", (text) => text.replace(/Phase: \w+/, "Phase: implementation"));
  }

  /** What came of the checks so far. */
  results(): readonly string[] {
    return this.project.events().flatMap((event) =>
      event.type === "check.ended" ? [`${event.stage} ${event.result}: ${event.detail}`] : []
    );
  }

  /** The events of one type. */
  events<Type extends RecordedEvent["type"]>(type: Type): readonly Extract<RecordedEvent, { type: Type }>[] {
    return this.project.events().filter((event): event is Extract<RecordedEvent, { type: Type }> =>
      event.type === type
    );
  }
}
