import assert from "node:assert/strict";
import { join } from "node:path";
import { judge, type Problem } from "../../../tools/storm/oracle.ts";
import { Play } from "../../../tools/storm/play.ts";
import { kill, StormProject } from "../../../tools/storm/project.ts";
import { programUnderTest } from "../../helpers/program_under_test.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";
import { slow } from "../../helpers/slow.ts";

type Change = (text: string) => string;

const journal = (change: Change) => ({ file: "_journal.jsonl", change });
const ledger = (change: Change) => ({ file: "ledger", change });
const without = (pattern: RegExp) => (text: string) => text.replace(pattern, "");
/** The first line that matches comes again at the end. */
const again = (pattern: RegExp) => (text: string) => `${text}${pattern.exec(text)?.[0]}`;

/** What is done to the traces of a good session, and what the judge must find. */
const TAMPERED: Readonly<Record<string, { readonly file: string; readonly change: Change; readonly finds: string[] }>> =
  {
    "an event is missing": { ...journal(without(/.*"agent\.acted".*\n/)), finds: ["lost"] },
    "a signal is missing": { ...journal(without(/.*"signal\.received".*\n/)), finds: ["lost", "lost", "lost"] },
    "an iteration runs again": {
      ...journal(again(/.*"iteration\.started".*\n/)),
      finds: ["lost", "lost", "lost", "lost", "twice"],
    },
    "a signal is taken again": {
      ...journal(again(/.*"signal":\{"status":"done".*\n/)),
      finds: ["lost", "lost", "twice"],
    },
    "a gate opens again": { ...journal(again(/.*"gate\.opened".*\n/)), finds: ["gates", "lost", "lost", "twice"] },
    "the record does not know an agent": { ...ledger((text) => `${text}started nobody testing\n`), finds: ["lost"] },
    "nobody approved": { ...ledger(without(/approve storm .*\n/)), finds: ["gates", "gates"] },
    "the answer came after the gate opened": {
      ...ledger((text) => text.replace(/answer storm \d+/, "answer storm 9999")),
      finds: ["gates"],
    },
    "an agent worked twice in one attempt": { ...ledger(again(/started .*\n/)), finds: ["twice"] },
    "another signal was left": {
      ...ledger((text) => text.replace('"for":"qa_answers"', '"for":"x"')),
      finds: ["lost"],
    },
    "a line of the notebook is gone": { file: "_overview.md", change: without(/- \[.*\] testing\n/), finds: ["lost"] },
    "the notebook stands elsewhere": {
      file: "_overview.md",
      change: (text) => text.replace("Phase: done", "Phase: testing"),
      finds: ["lost"],
    },
    "the lock stays": { file: "lock", change: () => '{"pid":1}\n', finds: ["left"] },
    "the journal ends early": { ...journal(without(/.*"session\.stopped".*\n$/)), finds: ["lost", "lost"] },
  };

function lockOf({ root }: StormProject): string {
  const folder = join(root, "home", ".local", "state", "samocode", "journals");
  const name = [...Deno.readDirSync(folder)].map((each) => each.name).find((each) => each.endsWith(".lock"));
  assert.ok(name !== undefined);
  return join(folder, name);
}

Deno.test(slow({
  name: "judge() finds what was lost, done twice or left, and gates without a human, in a tampered session",
  ignore: Deno.build.os !== "linux",
  async fn(test): Promise<void> {
    using folder = new TempFolder();
    const project = new StormProject(folder.folder("project"), {
      program: programUnderTest(),
      guard: false,
      steps: 1,
      pace: 0,
    });
    const play = new Play(project, 1);
    const kinds = (problems: readonly Problem[]) => problems.map(({ kind }) => kind).sort();
    const evidence = { steps: 1, notes: [], brokenRuns: 0, signalUnreadable: false };
    assert.deepEqual(await play.finish(), []);

    for (const [name, { file, change, finds }] of Object.entries(TAMPERED)) {
      await test.step(name, () => {
        const path = file === "ledger"
          ? project.ledger
          : file === "lock"
          ? lockOf(project)
          : join(project.session ?? "", file);
        const before = Deno.readTextFileSync(path);
        const after = change(before);
        assert.notEqual(after, before);
        Deno.writeTextFileSync(path, after);
        const problems = judge(project, evidence);
        Deno.writeTextFileSync(path, before);
        assert.deepEqual(kinds(problems), finds, problems.map(({ what }) => what).join("\n"));
      });
    }

    await test.step("a process lives on, which is its own project's only", async () => {
      const options = { program: ["sleep"], guard: false, steps: 1, pace: 0 } as const;
      const other = new StormProject(folder.folder("other"), options);
      const { pid, ended } = other.start(["60"]);
      assert.deepEqual(other.processes().map((each) => each.pid), [pid]);
      assert.deepEqual(judge(project, evidence), []);
      kill(pid);
      await ended;
      assert.deepEqual(other.processes(), []);
    });

    await test.step("a confirmed note and a commit are gone, work and locks are left", () => {
      assert.deepEqual(kinds(judge(project, { ...evidence, notes: ["storm-note-1"] })), ["lost"]);
      assert.deepEqual(kinds(judge(project, { ...evidence, steps: 2 })), ["lost"]);
      const worktree = join(project.root, "worktrees", "storm");
      Deno.writeTextFileSync(join(worktree, "half-done"), "");
      Deno.writeTextFileSync(join(project.root, "repo", ".git", "index.lock"), "");
      assert.deepEqual(kinds(judge(project, evidence)), ["left", "left"]);
    });
  },
}));
