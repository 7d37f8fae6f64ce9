import assert from "node:assert/strict";
import { join } from "node:path";
import { giveTo, guardedProject, guardTest, staged, type User, USERS } from "../helpers/guarded_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";

/** What an agent says at its end. */
const END = `echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

/**
 * Each tries to leave the word OWNED, or a process of that name, where the agent has no business. `$S` is the session's
 * folder, `$R` the project's root, `$W` the worktree, `$G` the repository's git folder. Names beginning with `_` are of
 * one session of another agent.
 */
const WAYS: Readonly<Record<string, string>> = {
  "append to the journal": `echo '{"OWNED":1}' >> "$S/_journal.jsonl"`,
  "delete the journal": `rm -f "$S/_journal.jsonl" && echo OWNED > "$S/_journal.jsonl"`,
  "rename the journal": `mv "$S/_journal.jsonl" "$S/old" && echo OWNED > "$S/_journal.jsonl"`,
  "rename another file onto the journal": `echo OWNED > "$S/new"; mv -f "$S/new" "$S/_journal.jsonl"; rm -f "$S/new"`,
  "write the journal through a hard link":
    `ln "$S/_journal.jsonl" "$S/link" && echo OWNED >> "$S/link"; ln "$S/_journal.jsonl" "$W/link" && echo OWNED >> "$W/link"`,
  "write the journal through /proc":
    `for f in /proc/self/fd/*; do :; done; echo OWNED >> "/proc/self/root$S/_journal.jsonl"`,
  "delete the lock": `rm -f "$S/_lock" && echo OWNED > "$S/_lock"`,
  "write the readable log": `echo OWNED >> "$S/session.log"`,
  "write the signals' history": `echo OWNED >> "$S/_signal_history.jsonl"`,
  "write the background worker's log": `echo OWNED >> "$S/worker.log"`,
  "delete earlier raw logs": `mv "$S/_logs" "$S/gone" && mkdir "$S/_logs" && echo OWNED > "$S/_logs/x"`,
  "write another raw log": `echo OWNED > "$S/_logs/forged.jsonl"`,
  "rename the session's folder": `mv "$S" "$S.moved" && mkdir "$S" && echo OWNED > "$S/_journal.jsonl"`,
  "write another session's journal": `echo OWNED >> "$R/sessions/26-01-01-other/_journal.jsonl"`,
  "start a session of its own": `mkdir "$R/sessions/26-01-02-OWNED"`,
  "speak as the human with the program":
    `"$DENO" run --allow-all --no-config "$R/program/main.js" guide x OWNED --config "$R" && echo "it was said, OWNED" > "$S/said"`,
  "write the main checkout": `echo OWNED > "$R/repo/README.md"; echo OWNED > "$R/repo/new"`,
  "write the project's file": `echo OWNED >> "$R/.samocode"`,
  "write the home folder":
    `echo OWNED >> "$HOME/.bashrc"; mkdir -p "$HOME/.local/bin" && echo OWNED > "$HOME/.local/bin/git"`,
  "plant a hook in Claude's settings": `echo OWNED > "$HOME/.claude/settings.json"; echo OWNED > "$HOME/.claude/new"`,
  "plant a skill": `mkdir -p "$HOME/.claude/skills/OWNED"; echo OWNED > "$HOME/.claude/skills/known/SKILL.md"`,
  "poison the shipped skills":
    `for f in "$HOME"/.cache/samocode/plugin/*/skills/*/SKILL.md; do echo OWNED >> "$f"; done`,
  "write another agent's context": `echo OWNED > "$HOME/.cache/samocode/context/other.md"`,
  "install a git hook": `echo OWNED > "$G/hooks/post-commit"`,
  "configure a program in git": `git config core.fsmonitor OWNED; echo OWNED >> "$G/config"`,
  "name git a remote": `echo 'URL: OWNED' > "$G/remotes/x"; echo OWNED > "$G/branches/x"`,
  "give git attributes": `echo OWNED > "$G/info/attributes"`,
  "switch the main checkout's branch":
    `echo 'ref: refs/heads/OWNED' > "$G/HEAD"; git --git-dir="$G" symbolic-ref HEAD refs/heads/OWNED`,
  "delete the main checkout's index": `rm -f "$G/index" && echo OWNED > "$G/index"`,
  "lead the worktree elsewhere": `echo "gitdir: /OWNED" > "$W/.git"; echo /OWNED > "$G/worktrees/x/commondir"`,
  "give the worktree a configuration": `echo '[core] fsmonitor = OWNED' > "$G/worktrees/x/config.worktree"`,
  "change another worktree": `echo OWNED > "$G/worktrees/other/HEAD"`,
  "unmount the walls": `umount -l "$S/_journal.jsonl" && echo OWNED >> "$S/_journal.jsonl"`,
  "mount the walls anew": `mount -o remount,rw,bind "$S/_journal.jsonl" && echo OWNED >> "$S/_journal.jsonl"`,
  "unmount in a namespace of its own":
    `unshare -Urm sh -c 'umount -l "$S/_journal.jsonl"; mount -o remount,rw,bind "$S/_journal.jsonl"; echo OWNED >> "$S/_journal.jsonl"'`,
  "enter the worker's namespace":
    `nsenter -t 1 -m -p sh -c 'echo OWNED > "$R/repo/README.md"'; nsenter -t $PPID -m sh -c 'echo OWNED > "$R/x"'`,
  "leave by /proc/1/root":
    `echo OWNED > "/proc/1/root$R/repo/README.md"; chroot /proc/1/root sh -c 'echo OWNED > "$R/x"'`,
  "make a disk's device":
    `mknod "$W/disk" b 254 0 && head -c 1 "$W/disk" >/dev/null && echo OWNED > "$S/disk-was-OWNED"`,
  "have the kernel run a program": `echo '|/OWNED' > /proc/sys/kernel/core_pattern`,
  "read the worker's environment": `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep '^TELEGRAM_'`,
  "read samocode's own keys": `cat "$R/.env" "$HOME/.config/samocode/.env"`,
  "have the worker copy samocode's own keys": `ln -sf "$HOME/.config/samocode/.env" "$S/_overview.md"`,
  "kill the worker": `kill -9 "$(cut -d: -f2 "$S/_lock" | cut -d, -f1)"; kill -9 -1 2>/dev/null || :`,
  "leave a daemon": `setsid sh -c 'exec sleep 31415' >/dev/null 2>&1 &`,
  "leave a daemon without a name": `(env -i setsid sh -c 'sleep 31415 & sleep 31415 &' >/dev/null 2>&1 &) &`,
  "leave a daemon that hears nothing": `(trap '' HUP INT TERM; nohup setsid sleep 31415 >/dev/null 2>&1 &) &`,
  "leave something in the shared folders": `for d in /tmp /var/tmp /dev/shm; do echo OWNED > "$d/samocode-OWNED"; done`,
  "schedule a program": `echo '* * * * * OWNED' | crontab -; echo OWNED > /etc/cron.d/OWNED; echo OWNED | at now`,
  "talk to a socket in the home folder":
    `"$DENO" eval 'await (await Deno.connect({transport:"unix",path:Deno.env.get("HOME")+"/agent.sock"})).write(new TextEncoder().encode("OWNED"))'`,
  "talk to a socket in the runtime folder":
    `"$DENO" eval 'await (await Deno.connect({transport:"unix",path:"/run/samocode-test.sock"})).write(new TextEncoder().encode("OWNED"))'`,
  "talk to docker, systemd and D-Bus":
    `ls /run/docker.sock /run/systemd/private /run/dbus/system_bus_socket && echo OWNED > "$S/runtime-was-OWNED"`,
};

/** The last ones end the agent itself, so each way has a shell of its own. */
function script(): string {
  const each = Object.entries(WAYS).map(([name, way]) => `echo "## ${name}"; (${way}) 2>&1 | head -c 500; echo`);
  return [
    `export S="$(dirname "$SAMOCODE_SIGNAL")" W="$PWD" G="$(git rev-parse --git-common-dir)" DENO='${Deno.execPath()}'`,
    `export R="$(dirname "$(dirname "$W")")"`,
    // kill -1 would end the script; it comes in a session of its own, where it ends only itself and the others.
    ...each.filter((line) => !line.includes("kill -9 -1")),
    END,
    ...each.filter((line) => line.includes("kill -9 -1")),
  ].join("\n");
}

for (const user of USERS) {
  guardTest(`${Object.keys(WAYS).length} ways out of the guard lead nowhere, as ${user}`, async () => {
    using project = await hostileProject(user);
    using sockets = listen(project);
    const before = Deno.readTextFileSync("/proc/sys/kernel/core_pattern");
    const { code, stdout, stderr } = await project.run(["run", "--session", "x", "--task", "Anything"], {
      TELEGRAM_SECRET: "hidden-in-the-worker",
    });
    assert.equal(code, 20, stdout + stderr);
    assert.match(stdout, /guarded by bubblewrap/);
    const core = Deno.readTextFileSync("/proc/sys/kernel/core_pattern");
    if (core !== before) Deno.writeTextFileSync("/proc/sys/kernel/core_pattern", before);
    assert.equal(core, before);
    assert.deepEqual(owned(project), []);
    assert.deepEqual(daemons(), []);
    assert.deepEqual(sockets.heard, []);
    const log = rawLog(project);
    for (const name of Object.keys(WAYS)) assert.ok(log.includes(`## ${name}\n`), `not tried: ${name}`);
    const notebook = Deno.readTextFileSync(join(project.sessionFolder(), "_overview.md"));
    assert.doesNotMatch(log + notebook, /hidden-in-the-worker|CLAUDE_PATH=|key-of-samocode/);
    const events = project.events();
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
    assert.deepEqual(project.attempts(), ["1.1"]);
  });
}

guardTest("an agent in the guard that cuts its own raw log is noticed", async () => {
  const agent = `seq 1000; sleep 1; perl -e 'truncate(STDOUT, 0)'\n${END}`;
  using project = await guardedProject({ agent, user: "root" });
  await project.run(["run", "--session", "x", "--task", "Anything"]);
  assert.equal(project.events().filter(({ type }) => type === "log.cut").length, 1);
});

async function hostileProject(user: User): Promise<TempProject> {
  const project = await guardedProject({ agent: script(), user });
  new Deno.Command("cp", { args: ["-R", await staged(), join(project.root, "program")] }).outputSync();
  const write = (path: string, text: string) => {
    const full = join(project.root, path);
    Deno.mkdirSync(join(full, ".."), { recursive: true });
    Deno.writeTextFileSync(full, text);
  };
  write("sessions/26-01-01-other/_journal.jsonl", "");
  write("home/.claude/settings.json", "{}");
  write("home/.claude/skills/known/SKILL.md", "known");
  write("home/.config/samocode/.env", "SAMOCODE_MAX_COST=9\n# key-of-samocode\n");
  write("home/.bashrc", "");
  write("home/.cache/samocode/context/other.md", "other");
  for (const name of ["remotes", "branches"]) write(`repo/.git/${name}/known`, "");
  write("repo/.git/worktrees/other/HEAD", "ref: refs/heads/other\n");
  if (user === "user") giveTo(project.root);
  return project;
}

/** Servers of the person, outside. */
function listen(project: TempProject): { readonly heard: string[] } & Disposable {
  const heard: string[] = [];
  const paths = [
    join(project.root, "home", "agent.sock"),
    ...(USERS.includes("root") ? ["/run/samocode-test.sock"] : []),
  ];
  const listeners = paths.map((path) => {
    const listener = Deno.listen({ transport: "unix", path });
    Deno.chmodSync(path, 0o777);
    void (async () => {
      for await (const connection of listener) {
        heard.push(path);
        connection.close();
      }
    })();
    return listener;
  });
  return {
    heard,
    [Symbol.dispose]: () => {
      for (const listener of listeners) listener.close();
      for (const path of paths) {
        try {
          Deno.removeSync(path);
        } catch {
          // Deno removes it itself.
        }
      }
    },
  };
}

/** Where the word came to be, the agent's own places left out. */
function owned(project: TempProject): readonly string[] {
  const { root } = project;
  const own = [
    join(root, "worktrees", "x"),
    join(root, "agent.sh"),
    join(root, "home", ".cache", "samocode", "guard"),
  ];
  const found: string[] = [];
  const look = (path: string) => {
    // What it printed is its own word, wherever it was refused.
    if (own.includes(path) || /-001-investigation\.(?:jsonl|stderr)$/.test(path)) return;
    const { isDirectory, isFile } = Deno.lstatSync(path);
    if (path.includes("OWNED")) found.push(path);
    if (isDirectory) { for (const { name } of Deno.readDirSync(path)) look(join(path, name)); }
    else if (
      isFile && path.includes(`${root}`) && new TextDecoder().decode(Deno.readFileSync(path)).includes("OWNED")
    ) found.push(path);
  };
  look(root);
  for (const folder of ["/tmp", "/var/tmp", "/dev/shm", "/etc/cron.d", "/var/spool/cron"]) {
    try {
      for (const { name } of Deno.readDirSync(folder)) if (name.includes("OWNED")) found.push(join(folder, name));
    } catch {
      // Not every machine has them.
    }
  }
  return found;
}

function daemons(): readonly string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      return line.startsWith("sleep 31415") ? [line] : [];
    } catch {
      return [];
    }
  });
}

function rawLog(project: TempProject): string {
  const logs = join(project.sessionFolder(), "_logs");
  return [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("\n");
}
