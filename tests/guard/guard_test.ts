import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { bubblewrapArguments } from "../../src/guard/bubblewrap.ts";
import { chooseGuard, type GuardSettings } from "../../src/guard/guard.ts";
import { seatbeltProfile } from "../../src/guard/seatbelt.ts";
import { orderWalls, type Wall } from "../../src/guard/walls.ts";
import {
  giveTo,
  GUARDED,
  guardedProject,
  guardTest,
  slowGuardTest,
  staged,
  USERS,
} from "../helpers/guarded_project.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { TempProject } from "../helpers/temp_project.ts";

const WALLS: readonly Wall[] = [
  { path: "/w/.git", access: "read" },
  { path: "/tmp", access: "write", from: "/cache/tmp" },
  { path: "/w", access: "write" },
  { path: "/home/secret", access: "hidden" },
  { path: "/run", access: "empty" },
  { path: "/run/skills", access: "link", from: "/home/skills" },
  { path: "/dev/shm/own", access: "write", from: "/dev/shm/own" },
];

Deno.test("orderWalls() puts parents first, lets the last word on a path count, and leaves out what changes nothing", () => {
  const plain = (path: string, access: Wall["access"]): Wall => ({ path, access });
  const cases: readonly (readonly [given: readonly Wall[], kept: readonly Wall[]])[] = [
    [[plain("/a/b", "read"), plain("/a", "write")], [plain("/a", "write"), plain("/a/b", "read")]],
    [[plain("/a", "read"), plain("/a", "write")], [plain("/a", "write")]],
    [[plain("/a", "read")], []],
    [[plain("/a", "write"), plain("/a/b/c", "write")], [plain("/a", "write")]],
    [[plain("/a", "empty"), plain("/a/b", "read")], [plain("/a", "empty"), plain("/a/b", "read")]],
    [[plain("/a", "write"), plain("/ab", "write"), plain("/a b", "write"), plain("/a/c", "read")], [
      plain("/a", "write"),
      plain("/a/c", "read"),
      plain("/a b", "write"),
      plain("/ab", "write"),
    ]],
  ];
  for (const [given, kept] of cases) assert.deepEqual(orderWalls(given), kept);
});

Deno.test("bubblewrapArguments() builds the walls on a file system that is read only", () => {
  const command = { binary: "/bin/agent", args: ["--do", "it"], cwd: "/w", hasNetwork: false, isRoot: false };
  assert.deepEqual(bubblewrapArguments(WALLS, command), [
    ..."--ro-bind / / --ro-bind /dev/null /home/secret --tmpfs /run --symlink /home/skills /run/skills".split(" "),
    ..."--bind /cache/tmp /tmp --bind /w /w --ro-bind /w/.git /w/.git".split(" "),
    ..."--dev /dev --bind /dev/shm/own /dev/shm/own --unshare-pid --proc /proc --die-with-parent".split(" "),
    ..."--unshare-ipc --unshare-net --new-session --cap-drop ALL --chdir /w -- /bin/agent --do it".split(" "),
  ]);
});

Deno.test("seatbeltProfile() says the same, the last rule counting", () => {
  assert.deepEqual(seatbeltProfile(WALLS.filter(({ from }) => from === undefined), { hasNetwork: true }).split("\n"), [
    "(version 1)",
    "(allow default)",
    '(deny file-write* (subpath "/"))',
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (subpath "/dev/fd"))',
    '(deny file-read* file-write* network-outbound (subpath "/home/secret"))',
    '(deny file-read* file-write* network-outbound (subpath "/run"))',
    '(allow file-read* file-write* (subpath "/w"))',
    '(deny file-write* (subpath "/w/.git"))',
  ]);
});

function settings(folder: TempFolder, changes: Partial<GuardSettings>): GuardSettings {
  return {
    mode: "on",
    writable: "",
    allow: "",
    network: "open",
    modelHosts: () => [],
    self: [],
    mainRepo: folder.path,
    worktrees: folder.path,
    sessions: folder.path,
    cacheFolder: folder.at("cache"),
    secrets: [],
    stateFolder: folder.at("state"),
    env: { PATH: Deno.env.get("PATH") ?? "" },
    ...changes,
  };
}

Deno.test("chooseGuard() refuses what it does not know, and a guard that is required where there is none", async () => {
  using folder = new TempFolder();
  const cases: readonly (readonly [Partial<GuardSettings>, RegExp])[] = [
    [{ allow: "docker,tmux" }, /SAMOCODE_GUARD_ALLOW: it has no "tmux"/],
    [{ writable: "relative" }, /SAMOCODE_GUARD_WRITABLE: "relative" is not an absolute path/],
    [{ writable: "/" }, /SAMOCODE_GUARD_WRITABLE: "\/" is not/],
    [{ mode: "require", env: { PATH: "/nowhere" } }, /Cannot guard the agents: /],
    [{ network: "off", env: { PATH: "/nowhere" } }, /Cannot limit the network: /],
    [{ network: "example.org", env: { PATH: "/nowhere" } }, /Cannot limit the network: /],
    [{ network: "off", mode: "off" }, /Cannot limit the network: switched off by SAMOCODE_GUARD=off/],
    [{ network: "of" }, /SAMOCODE_GUARD_NETWORK: "of" has neither dot nor port/],
  ];
  for (const [changes, message] of cases) await assert.rejects(chooseGuard(settings(folder, changes)), { message });
});

Deno.test("chooseGuard() says why there is no guard", async () => {
  using folder = new TempFolder();
  const off = await chooseGuard(settings(folder, { mode: "off" }));
  assert.deepEqual(off.record, { kind: "none", open: [], network: "open", note: "switched off by SAMOCODE_GUARD=off" });
  const none = await chooseGuard(settings(folder, { env: { PATH: "/nowhere" } }));
  assert.equal(none.record.kind, "none");
  assert.notEqual(none.record.note, "");
  assert.equal(none.tie, undefined);
});

const WELL = `echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;
const RUN = ["run", "--session", "x", "--task", "Anything"];

for (const user of USERS) {
  const test = user === "root" ? slowGuardTest : guardTest;
  test(`a journal with a second name is refused before the agent works, as ${user}`, async () => {
    using project = await guardedProject({ agent: `${WELL}`, user });
    assert.equal((await project.run(RUN)).code, 20);
    Deno.linkSync(join(project.sessionFolder(), "_journal.jsonl"), join(project.root, "worktrees", "x", "link"));
    const { code, stdout } = await project.run(["run", "x"]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /Failed: Cannot guard \S+_journal\.jsonl: it is a link, or there is another link to it/);
  });

  test(`a link that an agent leaves in its caches leads a later one nowhere, as ${user}`, async () => {
    const agent = `cd "$XDG_CACHE_HOME/.." 2>/dev/null || { mkdir -p "$XDG_CACHE_HOME" && cd "$XDG_CACHE_HOME/.."; }
for name in home .cargo-registry named xdg_cache_home; do rm -rf "$name"; ln -sfn "$HOME" "$name"; done
ln -sfn "$HOME" ../home 2>/dev/null; echo OWNED > "$HOME/.cargo/registry/OWNED"; echo OWNED > "$HOME/.bashrc"; cd /\n${WELL}`;
    using project = await guardedProject({ agent, user });
    Deno.mkdirSync(join(project.root, "home", ".cargo", "registry"), { recursive: true });
    if (user === "user") giveTo(project.root);
    for (let run = 0; run < 3; run++) assert.equal((await project.run(RUN)).code, 20);
    assert.deepEqual([...Deno.readDirSync(join(project.root, "home"))].map(({ name }) => name).sort(), [
      ".cache",
      ".cargo",
      ".config",
      ".local",
    ]);
    assert.deepEqual([...Deno.readDirSync(join(project.root, "home", ".cargo", "registry"))], []);
  });

  test(`no guarded agent reads what browsers keep, such as the page's key, as ${user}`, async () => {
    const agent = `cat "$HOME"/.config/chromium/Default/History "$HOME/.mozilla/x"; ls -a "$HOME/.mozilla"\n${WELL}`;
    using project = await guardedProject({ agent, user });
    for (const path of [".config/chromium/Default/History", ".mozilla/x"]) {
      Deno.mkdirSync(dirname(join(project.root, "home", path)), { recursive: true });
      Deno.writeTextFileSync(join(project.root, "home", path), "KEPT-KEY");
    }
    if (user === "user") giveTo(project.root);
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 20, stdout);
    const logs = join(project.sessionFolder(), "_logs");
    const log = [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
    assert.doesNotMatch(log, /KEPT-KEY/);
  });

  test(`a branch that a guarded agent moved stops the run and is named, as ${user}`, async () => {
    const agent = `git commit -q --allow-empty -m x; git update-ref refs/heads/main HEAD
echo '{"type":"result","is_error":false}'; echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"`;
    using project = await guardedProject({ agent, user });
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 1, stdout);
    assert.match(
      stdout,
      /Failed: Cannot go on: the repository changed during the iteration: refs\/heads\/main was moved\. /,
    );
    assert.deepEqual(project.attempts(), ["1.1"]);
  });

  test(`without a network a guarded agent reaches itself and nobody else, as ${user}`, async () => {
    using server = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = server.addr as Deno.NetAddr;
    const agent = `ip -o link 2>/dev/null | wc -l; (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo REACHED
"$(dirname "$0")/deno" eval 'const s = Deno.listen({ port: 0, hostname: "127.0.0.1" }); await Deno.connect({ port: s.addr.port }); console.log("LOOPBACK")
try { await Deno.connect({ port: ${port} }); console.log("REACHED") } catch {}'\n${WELL}`;
    using project = await guardedProject({ agent, user, withDeno: true, env: { SAMOCODE_GUARD_NETWORK: "off" } });
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 20, stdout);
    assert.match(stdout, /guarded by bubblewrap, no network/);
    const logs = join(project.sessionFolder(), "_logs");
    const log = [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
    assert.match(log, /LOOPBACK/);
    assert.doesNotMatch(log, /REACHED/);
  });

  test(`what was let through can be reached, and status says so, as ${user}`, async () => {
    const agent =
      `test -S "$SSH_AUTH_SOCK" && "$(dirname "$0")/deno" eval 'await Deno.connect({ transport: "unix", path: Deno.env.get("SSH_AUTH_SOCK") })' && echo AGENT-REACHED
echo more > "$EXTRA/more" && echo EXTRA-WRITTEN\n${WELL}`;
    using project = await guardedProject({ agent, user, withDeno: true, env: { SAMOCODE_GUARD_ALLOW: "ssh-agent" } });
    const path = join(project.root, "home", "agent.sock");
    const extra = join(project.root, "home", "extra");
    Deno.mkdirSync(extra);
    Deno.chmodSync(extra, 0o777);
    using _server = Deno.listen({ transport: "unix", path });
    Deno.chmodSync(path, 0o777);
    const env = { SSH_AUTH_SOCK: path, EXTRA: extra, SAMOCODE_GUARD_WRITABLE: extra };
    const { code, stdout } = await project.run(RUN, env);
    assert.equal(code, 20, stdout);
    const logs = join(project.sessionFolder(), "_logs");
    const log = [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("");
    assert.match(log, /AGENT-REACHED/);
    assert.match(log, /EXTRA-WRITTEN/);
    const status = await project.run(["status", "x"]);
    assert.match(status.stdout, /guarded by bubblewrap, open to ssh-agent/);
  });
}

if (USERS.includes("root")) {
  guardTest("worktrees of another user are named, since root cannot write to them in the guard", async () => {
    using project = await guardedProject({ agent: WELL, user: "root" });
    giveTo(join(project.root, "worktrees"));
    const { code, stderr } = await project.run(RUN);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Cannot guard the agents: \S+\/worktrees belongs to another user/);
    const fallback = await project.run(RUN, { SAMOCODE_GUARD: "on" });
    assert.match(
      fallback.stdout,
      /not guarded, but nothing outlives an iteration: \S+\/worktrees belongs to another user/,
    );
  });
}

guardTest("an agent reads what Deno keeps for its program, wherever that is, and cannot change it", async () => {
  using cache = new TempFolder();
  Deno.writeTextFileSync(cache.at("module"), "imported");
  const agent = `cat "$IMPORTS/module" > seen; echo changed > "$IMPORTS/module"; echo more > "$IMPORTS/more"\n${WELL}`;
  // Only their program runs with any cache.
  using project = await guardedProject({ agent, user: "user", env: { DENO_DIR: cache.path, IMPORTS: cache.path } });
  giveTo(cache.path);
  const { stdout } = await project.run(RUN);
  assert.equal(Deno.readTextFileSync(join(project.root, "worktrees", "x", "seen")), "imported", stdout);
  assert.equal(Deno.readTextFileSync(cache.at("module")), "imported");
  assert.throws(() => Deno.lstatSync(cache.at("more")), Deno.errors.NotFound);
});

guardTest("an agent that is this program itself runs where the program's folder is covered", async () => {
  const program = ["run", "--allow-all", "--quiet", "--no-config", join(await staged(), "main.js")];
  const env = { ...GUARDED, SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };
  using project = new TempProject(env, [Deno.execPath(), ...program]);
  const { code, stdout } = await project.run(["run", "--session", "x", "--task", "Add --top"]);
  assert.equal(code, 10, stdout);
});

guardTest("doctor says what guards the agents", async () => {
  using project = await guardedProject({ agent: WELL, user: "root" });
  const { stdout } = await project.run(["doctor"]);
  assert.match(stdout, /Agents are guarded by bubblewrap/);
  const off = await project.run(["doctor"], { SAMOCODE_GUARD: "off" });
  assert.match(off.stdout, /Agents are not guarded: switched off by SAMOCODE_GUARD=off/);
});

guardTest("where only namespaces can be had, nothing outlives an iteration, and it is said", async () => {
  using tools = new TempFolder();
  // Everything but bubblewrap.
  for (const name of ["sh", "git", "unshare", "sleep", "setsid", "env", "test", "rm", "mkdir", "cat", "true"]) {
    const found = new Deno.Command("sh", { args: ["-c", `command -v ${name}`] }).outputSync().stdout;
    const path = new TextDecoder().decode(found).trim();
    if (path.startsWith("/")) Deno.symlinkSync(path, tools.at(name));
  }
  const agent = `(env -i setsid sh -c 'exec sleep 31416' >/dev/null 2>&1 &) &\n${WELL}`;
  using project = await guardedProject({ agent, user: "root", env: { SAMOCODE_GUARD: "on", PATH: tools.path } });
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  assert.match(stdout, /not guarded, but nothing outlives an iteration: bubblewrap is not installed/);
  const left = [...Deno.readDirSync("/proc")].filter(({ name }) => {
    try {
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).startsWith("sleep\0" + "31416");
    } catch {
      return false;
    }
  });
  assert.deepEqual(left, []);
});
