/**
 * Nothing dirty or unpushed is ever removed: every place that removes anything is known here, with what it removes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** What each module may remove, move away or cut. */
const REMOVES: Readonly<Record<string, string>> = {
  "src/agents/demo/project.ts": "the demo's folder in the temporary folder",
  "src/channels/notify_command/open.ts": "the folder of a command's input and output, in the temporary folder",
  "src/fleet/aside.ts": "what an earlier lease left on a machine: moved into a folder beside; a worktree's link to git",
  "src/fleet/clear_aside.ts": "what was set aside for long, if all its commits are on the remote",
  "src/fleet/machine.ts": "a clone that was not finished, beside its place",
  "src/fleet/materialize.ts": "a session's folder that was not finished, beside its place",
  "src/fleet/mirror_copy.ts": "copies of sessions that the fleet has, and of those that it has no more",
  "src/fleet/sweep_machine.ts": "locks of git and half a clone that a killed worker left, in the fleet's own clone",
  "src/fleet/take.ts": "the folder of a session that it was bringing, when its work could not be brought",
  "src/guard/guard.ts": "the private folders of an attempt, in the cache",
  "src/guard/network/host_proxy.ts": "the folder of its own socket, in the temporary folder",
  "src/event_listeners/log_file.ts": "session.log, when it is too large: its older parts",
  "src/loop/begin_run.ts": "the private folders of a dead worker's attempt, in the cache",
  "src/loop/context_file.ts": "contexts, in the cache",
  "src/operations/report_session.ts": "what is in the place of a session's report, before that is written",
  "src/operations/start_session.ts": "a session folder that no worker began, and a plan of its own in another's folder",
  "src/operations/tidy_sessions.ts":
    "a session's folder, if a person asks and all its work is elsewhere, or they insist",
  "src/operations/view_work.ts": "its own folder with copies to compare or edit, in the temporary folder",
  "src/project/init.ts": "a .samocode: moved to a backup",
  "src/project/install/install_files.ts": "installed files with the recorded hash; others are moved to backups",
  "src/project/install/manifest.ts": "the program's own list of installed files",
  "src/project/install/mcp_server.ts": "a client's file that install made and that is empty again",
  "src/project/unit.ts": "a service's unit, if samocode wrote it",
  "src/prompt/shipped_files.ts": "the unpacked skills, in the cache",
  "src/session/chain_head.ts": "the head of a journal whose folder is removed, or that a person accepted anew",
  "src/session/checkpoint.ts": "the lock of a checkpoint's ref that a killed git left",
  "src/session/copied_journal.ts": "a copied journal in favour of a newer copy, and one that was not finished",
  "src/session/day_ledger.ts": "what sessions used more than a week ago",
  "src/session/entry_files.ts": "a session's own entry among those that are under way, or followed",
  "src/session/journal.ts": "a first line that a crash cut short",
  "src/session/journal_writer.ts": "the end of a line that a crash cut short",
  "src/session/lock.ts": "what is in the session's own lock file",
  "src/session/raw_log.ts": "the middle of a raw log that is too large",
  "src/session/roster.ts": "the mark that a person was told",
  "src/session/scratch_index.ts": "the copy of an index, in the cache",
  "src/session/set_aside.ts": "documents of a session's earlier task: moved into a folder beside the new ones",
  "src/session/signal_file.ts": "the signal of the last iteration",
  "src/session/worktree.ts": "a worktree that git did not finish, if all is as committed; else it is moved to a backup",
  "src/system/files/files.ts": "its own temporary files; for the modules above",
  "src/trust/record.ts": "what the person trusts no more",
  "src/view/page_files.ts": "a bundle of the page that another start finished first, in dist/",
  "src/view/view_record.ts": "what the page's server says of itself, and the tokens of its addresses",
};

const REMOVAL = /\b(?:removeSync|Deno\.remove|removeFolder|removeIfExists|renameSync|truncateSync|truncate)\(/;

/** Commands of git that can lose work, as this program would write them in a list of arguments. */
const DANGEROUS = /"(?:reset|clean|checkout|stash|branch|gc|prune|push|rm|switch|rebase|filter-branch)"[,\]]/;

Deno.test("only these modules remove, move or cut anything", () => {
  const found = sources().filter((path) => REMOVAL.test(textOf(path)));
  assert.deepEqual(found, Object.keys(REMOVES).sort());
});

Deno.test("no module calls a git command that can lose work, but for those that look first, or that a person told to", () => {
  const found = sources().filter((path) => DANGEROUS.test(textOf(path).replaceAll(/"rebase-\w+", "rebase"/g, "")));
  assert.deepEqual(found, [
    // They name a way, and commands of the command line.
    "mcp/tools/finish.ts",
    "src/cli/commands/finish.ts",
    "src/cli/commands/tidy.ts",
    // Never by force: git refuses a worker that was overtaken.
    "src/fleet/shared_refs.ts",
    // It asks git whether a branch may be moved, to where it is.
    "src/session/move_branch.ts",
    // Never by force.
    "src/session/push_branch.ts",
    // A branch, if a person asks and all its commits are elsewhere, or they insist.
    "src/session/remove_workplace.ts",
    // It names the verdicts of a review: clean, fixed, open.
    "src/workflow/review.ts",
  ]);
  assert.deepEqual(sources().filter((path) => /"worktree", "remove"/.test(textOf(path))), [
    // What was just moved away: git forgets where it was.
    "src/fleet/aside.ts",
    // The same for a folder that is not there.
    "src/fleet/worktree_state.ts",
    "src/session/remove_workplace.ts",
    "src/session/worktree.ts",
  ]);
});

function sources(): readonly string[] {
  return ["src", "mcp"].flatMap(filesIn).filter((path) => path.endsWith(".ts")).sort();
}

function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function textOf(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}
