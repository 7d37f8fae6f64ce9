import assert from "node:assert/strict";
import { asideFolder, setAside } from "../../src/fleet/aside.ts";
import { clearAside } from "../../src/fleet/clear_aside.ts";
import { machineMarker, type ProjectPlace } from "../../src/fleet/machine.ts";
import { sweepMachine } from "../../src/fleet/sweep_machine.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { MARKER_VARIABLE } from "../../src/system/processes/end_processes.ts";
import { processesMarked } from "../helpers/agent_stage.ts";
import { FleetScene } from "../helpers/fleet_scene.ts";
import type { FleetWorktree } from "../../src/fleet/worktree_state.ts";

const NAME = "add-jwt";

/** A fleet machine with one project, whose clone is where `prepareProject()` puts it. */
class Machine extends FleetScene {
  readonly fleet = { data: this.at("data"), key: "f1" };
  readonly stateFolder = this.folder("state");
  readonly kept = { ...this.fleet, stateFolder: this.stateFolder };
  readonly project = "data/fleet/f1/7";

  constructor() {
    super();
    this.machine(this.project);
    this.file(`${this.project}/.samocode`, "");
    this.folder(this.project, "sessions");
  }

  get projectPlace(): ProjectPlace {
    const at = (name: string) => this.at(this.project, name);
    const [repo, sessions] = [at("repo"), at("sessions")];
    const projectFile = at(".samocode");
    return { ...this.fleet, folder: at(""), repo, sessions, worktrees: at("worktrees"), projectFile };
  }

  /** Creates a session whose worker was lost in the middle of a run. */
  session({ marker = "m-worker" }: { readonly marker?: string } = {}): string {
    const path = this.folder(this.project, "sessions", `26-01-02-${NAME}`);
    using folder = SessionFolder.create(path, { stateFolder: this.stateFolder });
    folder.journal.append({ type: "session.created", name: NAME, task: "t", dive: "" });
    folder.journal.append({ type: "session.started", provider: "demo", version: "1", pid: 1, marker });
    return path;
  }

  async aside(more: Partial<Parameters<typeof setAside>[0]>): Promise<string> {
    const aside = await setAside({ place: this.projectPlace, name: NAME, ...more });
    if (aside === undefined) throw new Error("nothing was set aside");
    return aside;
  }

  refs(folder: string): string {
    return this.git(`${this.project}/repo`, "for-each-ref", "--format=%(refname) %(objectname)", folder)
      .replace(/\d{8}T\d{9}Z/g, "TIME");
  }
}

function workplaceOf({ worktree, branch }: FleetWorktree): { readonly path: string; readonly branch: string } {
  return { path: worktree, branch };
}

Deno.test("setAside() moves what is named out of the way, and keeps the branch's commits", async () => {
  using machine = new Machine();
  const work = machine.work(machine.project);
  machine.session();
  machine.file(`${machine.project}/worktrees/${NAME}/a.txt`, "not committed\n");
  const folder = `26-01-02-${NAME}`;
  const head = machine.git(`${machine.project}/repo`, "rev-parse", "me/add-jwt");
  const session = await machine.aside({ folder });
  assert.deepEqual(machine.names(machine.project, "sessions"), []);
  assert.equal(Deno.statSync(`${session}/${folder}/_journal.jsonl`).isFile, true);
  assert.equal(Deno.statSync(work.worktree).isDirectory, true);
  const aside = await machine.aside({ workplace: workplaceOf(work) });
  assert.match(aside, new RegExp(`^${asideFolder(machine.fleet)}/\\d{8}T\\d{9}Z-add-jwt$`));
  assert.equal(Deno.readTextFileSync(`${aside}/worktree/a.txt`), "not committed\n");
  assert.deepEqual(machine.names(machine.project, "worktrees"), []);
  assert.equal(machine.refs("refs/samocode/aside"), `refs/samocode/aside/TIME/heads/me/add-jwt ${head}`);
  // No checkpoint will restore the branch, so it is deleted.
  assert.equal(machine.refs("refs/heads/me"), "");
  assert.equal(
    machine.git(`${machine.project}/repo`, "worktree", "list", "--porcelain").match(/^worktree /gm)?.length,
    1,
  );
  assert.equal(
    await setAside({ place: machine.projectPlace, name: NAME, folder, workplace: workplaceOf(work) }),
    undefined,
  );
  machine.work(machine.project);
});

Deno.test("setAside() lets the branch be where its session is restored, and finishes what was cut short", async () => {
  using machine = new Machine();
  machine.machine("other");
  const work = machine.work(machine.project);
  const first = await machine.begin(machine.project, 1);
  await first.push(work);
  const other = await machine.begin("other", 2);
  await other.restore(machine.place("other"));
  machine.file(`other/worktrees/${NAME}/a.txt`, "elsewhere\n");
  await other.push(machine.place("other"));
  const back = await machine.begin(machine.project, 3);
  assert.equal(await back.isCurrent(work), false);
  // Simulate a kill after the worktree was moved.
  Deno.renameSync(work.worktree, machine.at("moved"));
  await machine.aside({ workplace: workplaceOf(work) });
  assert.notEqual(machine.refs("refs/heads/me"), "");
  await back.restore(work);
  assert.equal(await back.isCurrent(work), true);
  assert.equal(Deno.readTextFileSync(`${work.worktree}/a.txt`), "elsewhere\n");
});

Deno.test("clearAside() removes what is old and on the remote, and nothing else", async () => {
  using machine = new Machine();
  const first = await machine.begin(machine.project, 1);
  const work = machine.work(machine.project);
  await first.push(work);
  machine.session();
  const shared = await machine.aside({ folder: `26-01-02-${NAME}`, workplace: workplaceOf(work) });
  const heads = () => machine.names("state", "journals");
  assert.notDeepEqual(heads(), []);
  Deno.removeSync(machine.at(machine.project, "repo/.git/refs/heads/me"), { recursive: true });
  machine.work(machine.project);
  machine.git(`${machine.project}/worktrees/${NAME}`, "commit", "--quiet", "--allow-empty", "--message=Only here");
  const own = await machine.aside({ workplace: workplaceOf(work) });
  assert.deepEqual(await clearAside(machine.kept), []);
  const now = new Date(Date.now() + 15 * 24 * 60 * 60_000);
  assert.deepEqual(await clearAside({ ...machine.kept, now }), [shared]);
  assert.equal(machine.refs("refs/samocode/aside").split("\n").length, 1);
  assert.deepEqual(heads(), [], "of its journal");
  assert.equal(Deno.statSync(own).isDirectory, true);
  Deno.writeTextFileSync(`${own}/aside.json`, "{}");
  assert.deepEqual(await clearAside({ ...machine.kept, now }), []);
});

Deno.test("sweepMachine() ends what a killed worker left running, and removes its locks", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using machine = new Machine();
  assert.deepEqual(await sweepMachine({ data: machine.at("none"), key: "f1", stateFolder: machine.stateFolder }), {
    pids: [],
    removed: [],
  });
  machine.work(machine.project);
  const marker = crypto.randomUUID();
  machine.session({ marker });
  // A marker that belongs to none of the sessions.
  const other = crypto.randomUUID();
  const started = [marker, machineMarker(machine.fleet), other].map((mark) =>
    new Deno.Command("sleep", { args: ["600"], env: { [MARKER_VARIABLE]: mark }, stdin: "null" }).spawn()
  );
  const [agent, git, foreign] = started;
  const locks = [".git/index.lock", ".git/worktrees/add-jwt/index.lock", ".git/refs/heads/me/add-jwt.lock"]
    .map((name) => machine.file(`${machine.project}/repo/${name}`, ""));
  machine.file(`${machine.project}/repo.new/x`, "");
  const swept = await sweepMachine({ ...machine.fleet, stateFolder: machine.stateFolder });
  await Promise.all([agent?.status, git?.status]);
  assert.deepEqual(swept.pids, [agent?.pid, git?.pid].map(Number).sort((a, b) => a - b));
  assert.deepEqual([...swept.removed].sort(), [...locks, machine.at(machine.project, "repo.new")].sort());
  assert.equal(processesMarked(`${MARKER_VARIABLE}=${other}`).length, 1);
  foreign?.kill("SIGKILL");
  await foreign?.status;
  assert.deepEqual(machine.names(machine.project), [".samocode", "repo", "sessions", "worktrees"]);
});

Deno.test("sweepMachine() ends the process that still holds a session after its time", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using machine = new Machine();
  const path = machine.session();
  const program = `
    import { SessionFolder } from ${JSON.stringify(import.meta.resolve("../../src/session/session_folder.ts"))};
    const folder = SessionFolder.open(${JSON.stringify(path)}, { stateFolder: ${JSON.stringify(machine.stateFolder)} });
    await folder.lock();
    console.log("held");
    await new Promise((done) => setTimeout(done, 600_000));`;
  const args = ["run", "--no-check", "-A", machine.file("hold.ts", program)];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "held\n");
  const { pids } = await sweepMachine({ ...machine.fleet, stateFolder: machine.stateFolder, patienceMs: 0 });
  assert.deepEqual(pids, [child.pid]);
  assert.equal((await child.status).signal, "SIGKILL");
  await reader.cancel();
});
