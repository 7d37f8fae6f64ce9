/**
 * Projects whose agents are guarded, run by root or by a normal user.
 *
 * @module
 */
import { basename, join } from "node:path";
import { stage } from "../../tools/stage.ts";
import { IS_BINARY, programUnderTest, ROOT, STAGED } from "./program_under_test.ts";
import { slow } from "./slow.ts";
import { TempProject } from "./temp_project.ts";

/** Who runs the program. */
export type User = "root" | "user";

/** `nobody`: owns nothing, may do nothing. */
const USER_ID = 65534;

/** Why guarded agents cannot be tested here; `undefined` where they can. */
export const NO_GUARD: string | undefined = findObstacle();

/** The settings that a test of both ways runs with. */
export const GUARDS: readonly ("off" | "require")[] = NO_GUARD === undefined ? ["off", "require"] : ["off"];

/** Those who can run the program here: only root can become another user. */
export const USERS: readonly User[] = isRoot() ? ["root", "user"] : ["user"];

/** Registers a test that is skipped, and says so, where there is no bubblewrap. */
export function guardTest(name: string, fn: () => Promise<void>): void {
  Deno.test(guarded({ name, fn }));
}

/** The same for a slow one. */
export function slowGuardTest(name: string, fn: () => Promise<void>): void {
  Deno.test(slow(guarded({ name, fn })));
}

function guarded({ name, fn }: Pick<Deno.TestDefinition, "name" | "fn">): Deno.TestDefinition {
  return NO_GUARD === undefined ? { name, fn } : { name: `${name} (skipped: ${NO_GUARD})`, ignore: true, fn };
}

/** The settings of a project whose agents are guarded, or it does not run. */
export const GUARDED = { SAMOCODE_GUARD: "require" } as const;

/** A project with a shell program as its agent. It may write anywhere that its user may, but for the guard. */
export async function guardedProject(
  { agent, user, env = {}, withDeno = false }: {
    readonly agent: string;
    /** Puts Deno beside the agent: where it is installed, the user may not be allowed to run it. */
    readonly withDeno?: boolean;
    readonly user: User;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<TempProject> {
  const other = isRoot() && user === "user";
  const project = new TempProject(
    { SAMOCODE_MAX_RETRIES: "0", ...GUARDED, ...env },
    other ? await asUser() : undefined,
  );
  const path = join(project.root, "agent.sh");
  Deno.writeTextFileSync(path, `#!/bin/sh\n${agent}\n`, { mode: 0o755 });
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  if (withDeno) Deno.copyFileSync(Deno.execPath(), join(project.root, "deno"));
  if (other) {
    giveTo(project.root);
    const { code, stderr } = await project.run(["trust", "--yes"]);
    if (code !== 0) throw new Error(stderr);
  } else project.trust();
  return project;
}

/** Gives a folder to the user who runs the program. */
export function giveTo(folder: string): void {
  if (isRoot()) new Deno.Command("chown", { args: ["-R", `${USER_ID}:${USER_ID}`, folder] }).outputSync();
}

/** The program as that user starts it: Deno's own cache, the source and the binary may be out of their reach. */
async function asUser(): Promise<readonly [string, ...string[]]> {
  const [program = "", ...args] = IS_BINARY ? [openCopy(programUnderTest()[0])] : [
    openCopy(Deno.execPath()),
    "run",
    "--allow-all",
    "--quiet",
    "--no-config",
    join(await staged(), "main.js"),
  ];
  return ["setpriv", `--reuid=${USER_ID}`, `--regid=${USER_ID}`, "--clear-groups", program, ...args];
}

let copy: string | undefined;

/** The program where every user can run it. */
function openCopy(program: string): string {
  if (copy !== undefined) return copy;
  copy = join(openFolder("samocode-program-"), basename(program));
  Deno.copyFileSync(program, copy);
  return copy;
}

/** A folder that every user can read, removed with the process. */
function openFolder(prefix: string): string {
  const made = Deno.makeTempDirSync({ prefix });
  globalThis.addEventListener("unload", () => Deno.removeSync(made, { recursive: true }));
  Deno.chmodSync(made, 0o755);
  return made;
}

let folder: Promise<string> | undefined;

/** The program as a few files, with nothing to fetch; made once for all tests of a process. */
export function staged(): Promise<string> {
  return folder ??= (async () => {
    const target = join(openFolder("samocode-staged-"), "stage");
    if (STAGED === undefined) await stage({ root: ROOT, entry: join(ROOT, "main.ts"), folder: target });
    else new Deno.Command("cp", { args: ["-R", STAGED, target] }).outputSync();
    Deno.chmodSync(target, 0o755);
    return target;
  })();
}

function findObstacle(): string | undefined {
  if (Deno.build.os !== "linux") return "not Linux";
  try {
    const args = [
      "--ro-bind",
      "/",
      "/",
      "--dev",
      "/dev",
      "--unshare-pid",
      "--proc",
      "/proc",
      "--",
      "/bin/sh",
      "-c",
      ":",
    ];
    const { code, stderr } = new Deno.Command("bwrap", { args }).outputSync();
    return code === 0 ? undefined : `bubblewrap does not work: ${new TextDecoder().decode(stderr).trim()}`;
  } catch {
    return "no bubblewrap";
  }
}

function isRoot(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0;
}
