import assert from "node:assert/strict";
import { join } from "node:path";
import { EndedSession } from "../helpers/ended_session.ts";
import { enrol, readRoster } from "../../src/session/roster.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { CommandLine } from "./command_line.ts";

const OLD = "2026-01-02T03:04:05.000Z";
const STOPPED = { kind: "stopped", by: "you" } as const;

function names(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function places(
  { project: { root } }: CommandLine,
): { readonly sessions: readonly string[]; readonly worktrees: readonly string[] } {
  return { sessions: names(join(root, "sessions")), worktrees: names(join(root, "worktrees")) };
}

function refs({ project }: CommandLine, below = "refs/heads"): readonly string[] {
  return project.git("for-each-ref", "--format=%(refname)", below).split("\n").filter((name) => name !== "");
}

/** The heads and locks of journals. */
function heads({ project }: CommandLine): readonly string[] {
  return names(join(stateFolder(project.env), "journals"));
}

Deno.test("prune removes what is over, old and nowhere else needed, and nothing of the rest", async () => {
  using line = new CommandLine();
  const { project } = line;
  const make = (name: string, options = {}) => new EndedSession(project, name, { at: OLD, ...options });
  make("empty");
  const merged = make("merged");
  merged.commit("merged.txt", "m\n");
  project.git("merge", "--quiet", "me/merged");
  make("young", { at: new Date().toISOString() });
  make("unmerged").commit("u.txt", "u\n");
  Deno.writeTextFileSync(join(make("dirty").worktree, "new.txt"), "n\n");
  make("waits", { outcome: { kind: "waiting", for: "file_update", gate: undefined, detail: "" } });
  make("quit", { outcome: STOPPED });
  const forged = make("forged");
  Deno.writeTextFileSync(join(forged.folder, "_journal.jsonl"), "{}\n", { append: true });
  make("away").git("switch", "--quiet", "--detach");
  project.git("worktree", "add", "--quiet", "-b", "stray", "../worktrees/stray", "HEAD");
  project.git("worktree", "add", "--quiet", "-b", "mine", "../mine", "HEAD");
  // A session that was begun by hand, and works in a worktree of another name.
  project.git("worktree", "add", "--quiet", "-b", "by-hand", "../worktrees/by-hand", "HEAD");
  const notebook = `# Hand\n\n## Status\nPhase: testing\nWorking Dir: ${join(project.root, "worktrees", "by-hand")}\n`;
  Deno.mkdirSync(join(project.root, "sessions", "26-01-02-hand"));
  Deno.writeTextFileSync(join(project.root, "sessions", "26-01-02-hand", "_overview.md"), notebook);
  const long = new Date(OLD);
  for (const name of ["stray", "by-hand"]) {
    Deno.utimeSync(join(project.root, "worktrees", name, ".git"), long, long);
  }

  const { rows } = JSON.parse((await line.type(["prune", "--json", "--dry-run"])).out);
  const about = Object.fromEntries(
    rows.map((
      row: { session?: string; worktree?: string; keeps: readonly string[] },
    ) => [row.session ?? row.worktree?.split("/").at(-1), row.keeps]),
  );
  assert.deepEqual(about, {
    empty: [],
    merged: [],
    young: ["too young"],
    unmerged: ["1 commit that no other branch has"],
    dirty: ["uncommitted: new.txt"],
    waits: ["waiting"],
    quit: [],
    forged: ["its journal cannot be trusted"],
    away: [`Cannot go on in ${join(project.root, "worktrees", "away")}: no branch is checked out there, not me/away`],
    stray: [],
  });
  const before = places(line);
  assert.match(
    (await line.type(["prune"], { answers: ["n"] })).out,
    /^- .*can go\n[^]*Remove the 4 marked with -, .*\? \[y\/N\] Nothing was removed\.\n$/,
  );
  assert.match((await line.type(["prune"])).error, /stdin is not a terminal\n.*--yes/);
  assert.deepEqual(places(line), before);
  const { code, out, error } = await line.type(["prune", "--yes"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.match(out, /Removed (?:(?:empty|merged|quit|stray)(?:, )?){4}\.\n$/);
  const left = ["away", "dirty", "forged", "unmerged", "waits", "young"];
  assert.deepEqual(places(line), {
    sessions: [...left, "hand"].sort().map((name) => `26-01-02-${name}`),
    worktrees: [...left, "by-hand"].sort(),
  });
  assert.deepEqual(
    refs(line),
    [...left.map((name) => `refs/heads/me/${name}`), "refs/heads/by-hand", "refs/heads/main", "refs/heads/mine"].sort(),
  );
  assert.match((await line.type(["prune", "--yes"])).out, /Nothing was removed\.\n$/);
});

Deno.test("rm removes all of a session: worktree, branch, checkpoints, folder, head, lock and roster", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  new EndedSession(line.project, "other");
  const state = stateFolder(line.project.env);
  enrol(state, { session: session.folder, lock: "", projectFile: "", settings: {} });
  Deno.writeTextFileSync(join(session.worktree, "new.txt"), "n\n");
  // A checkpoint that the journal has, and one of an older session of that name.
  const head = line.project.git("rev-parse", "HEAD");
  line.project.git("update-ref", "refs/samocode/checkpoints/top/1", head);
  const heldHeads = heads(line).length;
  const refused = await line.type(["rm", "top", "--yes"]);
  assert.equal(refused.code, 2);
  assert.match(refused.error, /Cannot remove top: this would be lost: uncommitted: new\.txt\n.*--discard/);
  Deno.removeSync(join(session.worktree, "new.txt"));
  assert.match((await line.type(["rm", "top"])).error, /stdin is not a terminal/);
  assert.match((await line.type(["rm", "top"], { answers: [""] })).out, /Nothing was removed/);
  const { code, out, error } = await line.type(["rm", "top"], { answers: ["y"] });
  assert.deepEqual([code, error], [0, ""]);
  assert.match(out, /Removed the worktree .*, the branch me\/top, the folder .*26-01-02-top\.\n$/);
  assert.deepEqual(places(line), { sessions: ["26-01-02-other"], worktrees: ["other"] });
  assert.deepEqual(refs(line), ["refs/heads/main", "refs/heads/me/other"]);
  assert.deepEqual(refs(line, "refs/samocode"), ["refs/samocode/checkpoints/top/1"]);
  assert.deepEqual(readRoster(state), []);
  assert.ok(heads(line).length < heldHeads);
  assert.match((await line.type(["rm", "top", "--yes"])).error, /Cannot find a session called top/);
});

Deno.test("rm --discard loses work only after its name was typed, and never what an agent linked in its place", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  session.commit("top.txt", "top\n");
  Deno.writeTextFileSync(join(session.worktree, "new.txt"), "n\n");
  const wrong = await line.type(["rm", "top", "--discard"], { answers: ["y"] });
  assert.match(
    wrong.out,
    /will be lost: uncommitted: new\.txt\n {2}will be lost: 1 commit that no other branch has\nType top/,
  );
  assert.equal(wrong.code, 10);
  const aside = `${session.worktree}-aside`;
  Deno.renameSync(session.worktree, aside);
  Deno.symlinkSync(line.project.repo, session.worktree);
  const linked = await line.type(["rm", "top", "--discard", "--yes"]);
  assert.notEqual(linked.code, 0);
  assert.deepEqual(names(line.project.repo), [".git", "README.md"]);
  Deno.removeSync(session.worktree);
  Deno.renameSync(aside, session.worktree);
  const { code, error } = await line.type(["rm", "top", "--discard"], { answers: ["top"] });
  assert.deepEqual([code, error], [0, ""]);
  assert.deepEqual([places(line), refs(line)], [{ sessions: [], worktrees: [] }, ["refs/heads/main"]]);
});

Deno.test("rm completes what was cut short, and what is left of a folder goes with the next one", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  new EndedSession(line.project, "other");
  line.project.git("worktree", "remove", session.worktree);
  line.project.git("branch", "-D", "me/top");
  Deno.mkdirSync(join(line.project.root, "sessions", ".removed-1"));
  const { code } = await line.type(["rm", "top", "--yes"]);
  assert.deepEqual([code, places(line).sessions], [0, ["26-01-02-other"]]);
});

Deno.test("rename moves the folder with its journal, and branch and worktree keep their names", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  new EndedSession(line.project, "taken");
  const state = stateFolder(line.project.env);
  enrol(state, { session: session.folder, lock: "l", projectFile: "p", settings: {} });
  assert.match((await line.type(["rename", "top", "taken"])).error, /there is a session called taken/);
  assert.match((await line.type(["rename", "top", "../up"])).error, /Cannot use "\.\.\/up" as a session name/);
  const { code, out, error } = await line.type(["rename", "top", "login"]);
  const folder = join(line.project.root, "sessions", "26-01-02-login");
  assert.deepEqual([code, out, error], [0, `top is login now: ${folder}\n`, ""]);
  assert.deepEqual(readRoster(state), [{ session: folder, lock: "l", projectFile: "p", settings: {} }]);
  const status = await line.status("login");
  assert.deepEqual([status.state, status.worktree, status.branch, status.detail], [
    "done",
    session.worktree,
    "me/top",
    "All of it",
  ]);
  const log = (await line.type(["logs", "login"])).out;
  assert.equal(log.match(/The session's folder is now 26-01-02-login/g)?.length, 1);
  assert.equal((await line.type(["finish", "login", "--merge"])).code, 0);
});

Deno.test("archive puts a session aside with what is safe to remove, list --archived finds it, and --restore brings it back", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project, "top", { outcome: STOPPED });
  session.commit("top.txt", "top\n");
  const empty = await line.type(["list", "--archived"]);
  assert.match(empty.out, /^No session yet/);
  const { code, out, error } = await line.type(["archive", "top"]);
  assert.deepEqual([code, error], [0, ""]);
  assert.match(
    out,
    /^top is in the archive: .*\/\.archive\/26-01-02-top\nRemoved the worktree .*\nKept the branch me\/top: 1 commit that no other branch has\.\n$/,
  );
  assert.match((await line.type(["list"])).out, /^No session yet/);
  assert.match((await line.type(["list", "--archived"])).out, /stopped {2}top /);
  assert.equal((await line.status("top")).worktree, undefined);
  assert.match((await line.type(["archive", "top"])).error, /it is in the archive already/);
  assert.equal((await line.type(["archive", "top", "--restore"])).code, 0);
  assert.match((await line.type(["list"])).out, /stopped {2}top /);
  assert.match((await line.type(["archive", "top", "--restore"])).error, /it is not in the archive/);
  const dirty = new EndedSession(line.project, "dirty");
  Deno.writeTextFileSync(join(dirty.worktree, "new.txt"), "n\n");
  assert.match((await line.type(["archive", "dirty"])).out, /Kept the worktree .*: uncommitted: new\.txt\.\n$/);
  assert.deepEqual(places(line).worktrees, ["dirty"]);
});

Deno.test("prune, rm, rename and archive are for people only", async () => {
  using line = new CommandLine();
  new EndedSession(line.project);
  const before = places(line);
  for (const words of [["prune", "--yes"], ["rm", "top", "--yes"], ["rename", "top", "x"], ["archive", "top"]]) {
    const { code, error } = await line.type(words, { env: { CLAUDECODE: "1" } });
    assert.equal(code, 2);
    assert.match(error, /only a person may/);
  }
  assert.deepEqual(places(line), before);
});
