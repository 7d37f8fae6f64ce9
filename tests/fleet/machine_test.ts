import assert from "node:assert/strict";
import { machineMarker, prepareProject, type ProjectPlace, projectPlace } from "../../src/fleet/machine.ts";
import { listCheckpoints, restoreCheckpoint } from "../../src/operations/restore_checkpoint.ts";
import { checkRepository, strangeFiles, viewTrust } from "../../src/operations/trust_project.ts";
import { loadSamocode } from "../../src/operations/samocode.ts";
import { makeCheckpoint } from "../../src/session/checkpoint.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { worktreeBase } from "../../src/session/worktree_base.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { FleetScene } from "../helpers/fleet_scene.ts";

/** A machine with its own home. */
class Machine extends FleetScene {
  readonly env: Readonly<Record<string, string>> = { HOME: this.folder("home"), PATH: Deno.env.get("PATH") ?? "" };

  prepare(
    { settings = {}, repository = this.at("origin.git") }: {
      readonly settings?: Readonly<Record<string, string>>;
      readonly repository?: string;
    } = {},
  ): Promise<ProjectPlace> {
    const project = { id: "7", name: "shop", repository };
    return prepareProject({ data: this.at("data"), key: "f1", project, settings, env: this.env });
  }

  /** Loads a project as a run does. */
  load({ projectFile }: Pick<ProjectPlace, "projectFile">): ReturnType<typeof loadSamocode> {
    const request = { env: this.env, workingDirectory: this.path, config: projectFile, flags: {} };
    return loadSamocode({ ...request, version: "0.0.0", shippedRoot: this.path, self: [] });
  }
}

Deno.test("prepareProject() clones once and writes a project that loads, with the session's checks", async () => {
  using machine = new Machine();
  const place = await machine.prepare();
  assert.deepEqual(place, projectPlace({ data: machine.at("data"), key: "f1", project: { id: "7" } }));
  assert.equal(place.folder, machine.at("data/fleet/f1/7"));
  const { settings } = machine.load(place);
  assert.deepEqual(
    [settings.mainRepo, settings.worktrees, settings.sessions, settings.checks],
    [place.repo, place.worktrees, place.sessions, []],
  );
  machine.file("data/fleet/f1/7/repo/mark", "kept\n");
  const CHECK = "npm test\nsh -c 'a && b'";
  const tested = await machine.prepare({ settings: { CHECK, MAIN_REPO: "/etc", SAMOCODE_GUARD: "off" } });
  assert.deepEqual(machine.load(tested).settings.checks, [["npm", "test"], ["sh", "-c", "a && b"]]);
  // Another session's checks are in another file, so that neither affects the other.
  await machine.prepare({ settings: { CHECK: "make" } });
  assert.deepEqual(machine.load(tested).settings.checks.length, 2);
  assert.deepEqual(machine.load(place).settings.checks, []);
  assert.deepEqual(await machine.prepare({ settings: { CHECK } }), tested);
  assert.deepEqual(machine.names("data/fleet/f1/7/repo"), [".git", ".gitignore", "a.txt", "mark"]);
  await assert.rejects(machine.prepare({ settings: { CHECK: "a\u0007b" } }), /Cannot use the session's CHECK/);
  await assert.rejects(machine.prepare({ settings: { CHECK: "a && b" } }), /Cannot use the session's CHECK/);
});

Deno.test("prepareProject() lets several prepare at once, and begins a new session at what the remote has now", async () => {
  using machine = new Machine();
  const places = await Promise.all(["", "a", "b", "", "a"].map((CHECK) => machine.prepare({ settings: { CHECK } })));
  assert.equal(new Set(places.map(({ projectFile }) => projectFile)).size, 3);
  for (const place of places) machine.load(place);
  machine.file("seed/a.txt", "newer\n");
  machine.git("seed", "commit", "--quiet", "--all", "--message=Newer");
  machine.git("seed", "push", "--quiet", "../origin.git", "main");
  const { commit, note } = await worktreeBase((await machine.prepare()).repo);
  assert.deepEqual([commit, note], [machine.git("seed", "rev-parse", "main"), ""]);
});

Deno.test("prepareProject() replaces a half clone, and leaves none", async () => {
  using machine = new Machine();
  const { repo, folder } = projectPlace({ data: machine.at("data"), key: "f1", project: { id: "7" } });
  Deno.mkdirSync(`${repo}.new/.git`, { recursive: true });
  await machine.prepare();
  assert.deepEqual(machine.names("data/fleet/f1/7"), [".samocode", "repo", "sessions", "worktrees"]);
  Deno.removeSync(folder, { recursive: true });
  await assert.rejects(
    machine.prepare({ repository: machine.at("gone.git") }),
    (error) =>
      error instanceof SamocodeError && error.code === "system" && /^Cannot clone .*gone\.git/.test(error.message),
  );
  machine.git("", "init", "--quiet", "--bare", "empty.git");
  await assert.rejects(machine.prepare({ repository: machine.at("empty.git") }), /its default branch has no commit/);
  assert.deepEqual(machine.names("data/fleet/f1/7"), ["sessions", "worktrees"]);
});

Deno.test("prepareProject() refuses a clone of another repository", async () => {
  using machine = new Machine();
  await machine.prepare();
  Deno.renameSync(machine.at("origin.git"), machine.at("other.git"));
  await assert.rejects(
    machine.prepare({ repository: machine.at("other.git") }),
    /Cannot work in .*repo: it is a clone of .*origin\.git, not of .*other\.git/,
  );
});

Deno.test("prepareProject() trusts nothing of the repository; its owner does, once for all sessions", async () => {
  using machine = new Machine({ ".claude/settings.json": '{"env":{"A":"b"}}\n' });
  const place = await machine.prepare();
  assert.throws(() => checkRepository(machine.load(place)), /it would obey .*settings\.json; you have not trusted it/);
  // What `samocode trust --config FOLDER` does.
  viewTrust({ env: machine.env, workingDirectory: machine.path, config: place.folder }).trust();
  checkRepository(machine.load(place));
  const tested = await machine.prepare({ settings: { CHECK: "make" } });
  const samocode = machine.load(tested);
  checkRepository(samocode);
  machine.git("data/fleet/f1/7/repo", "worktree", "add", "--quiet", "-b", "x", "../worktrees/x");
  const workplace = `${place.worktrees}/x`;
  assert.deepEqual(strangeFiles(samocode, { agents: ["claude"], workplace }), []);
  machine.file("data/fleet/f1/7/worktrees/x/.claude/settings.json", "{}\n");
  assert.deepEqual(strangeFiles(samocode, { agents: ["claude"], workplace }), [`${workplace}/.claude/settings.json`]);
});

Deno.test("projectPlace() refuses ids and keys that are no names of folders", () => {
  for (const bad of ["", "..", "a/b", "a b", "ü"]) {
    assert.throws(() => projectPlace({ data: "/d", key: "k", project: { id: bad } }), /as the name of a folder/);
    assert.throws(() => projectPlace({ data: "/d", key: bad, project: { id: "1" } }), /as the name of a folder/);
  }
  assert.notEqual(machineMarker({ data: "/d", key: "k" }), machineMarker({ data: "/e", key: "k" }));
});

Deno.test("samocode restore has the checkpoints that a session made on another machine", async () => {
  using machine = new Machine();
  machine.machine("one");
  const work = machine.work("one");
  const first = await machine.begin("one", 1);
  machine.file("one/worktrees/add-jwt/a.txt", "in the night\n");
  const subject = { name: "add-jwt", sessionFolder: "s", cacheFolder: machine.at("night"), workplace: work.worktree };
  const made = await makeCheckpoint(subject, { title: "add-jwt: night", known: undefined });
  if (made === undefined || !("commit" in made)) throw new Error("nothing was kept");
  machine.file("one/worktrees/add-jwt/a.txt", "in the morning\n");
  await first.push(work);

  const place = await machine.prepare();
  const samocode = machine.load(place);
  const workplace = { path: `${place.worktrees}/add-jwt`, branch: work.branch, base: undefined, note: "" };
  using folder = SessionFolder.create(`${place.sessions}/26-01-02-add-jwt`, { stateFolder: samocode.stateFolder });
  folder.journal.append({ type: "session.created", name: "add-jwt", task: "t", dive: "" });
  folder.journal.append({ type: "session.prepared", workplace });
  folder.journal.append({ type: "checkpoint.made", iteration: 1, ...made });
  const second = await machine.begin("unused", 2, { repo: place.repo });
  await second.restore({ worktree: workplace.path, branch: work.branch });
  const [seen] = await listCheckpoints(samocode, { session: "add-jwt" });
  assert.deepEqual([seen?.number, seen?.commit, seen?.isThere], [1, made.commit, true]);
  assert.equal(Deno.readTextFileSync(`${workplace.path}/a.txt`), "in the morning\n");
  await restoreCheckpoint(samocode, { session: "add-jwt", number: 1, into: undefined, by: "me" });
  assert.equal(Deno.readTextFileSync(`${workplace.path}/a.txt`), "in the night\n");
});
