/**
 * The table of commands.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { HELP_WORDS, VERSION_WORDS } from "./parse_command.ts";

/** All commands, in the order of the help. Each is loaded when it is typed: together they are a fifth of a start. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).run,
  start: async () => (await import("./commands/run.ts")).start,
  submit: async () => (await import("./commands/submit.ts")).submit,
  status: async () => (await import("./commands/look.ts")).status,
  answer: async () => (await import("./commands/decide.ts")).answer,
  plan: async () => (await import("./commands/look_at_work.ts")).plan,
  approve: async () => (await import("./commands/decide.ts")).approve,
  raise: async () => (await import("./commands/raise.ts")).raise,
  guide: async () => (await import("./commands/decide.ts")).guide,
  continue: async () => (await import("./commands/redirect.ts")).continueWith,
  phase: async () => (await import("./commands/redirect.ts")).phase,
  stop: async () => (await import("./commands/run.ts")).stop,
  diff: async () => (await import("./commands/look_at_work.ts")).diff,
  finish: async () => (await import("./commands/finish.ts")).finish,
  restore: async () => (await import("./commands/restore.ts")).restore,
  checks: async () => (await import("./commands/checks.ts")).checks,
  list: async () => (await import("./commands/list.ts")).list,
  logs: async () => (await import("./commands/logs.ts")).logs,
  open: async () => (await import("./commands/open.ts")).open,
  report: async () => (await import("./commands/report.ts")).report,
  cost: async () => (await import("./commands/cost.ts")).cost,
  rename: async () => (await import("./commands/tidy.ts")).rename,
  archive: async () => (await import("./commands/tidy.ts")).archive,
  rm: async () => (await import("./commands/tidy.ts")).rm,
  prune: async () => (await import("./commands/tidy.ts")).prune,
  supervise: async () => (await import("./commands/supervise.ts")).supervise,
  listen: async () => (await import("./commands/listen.ts")).listen,
  view: async () => (await import("./commands/view.ts")).view,
  notify: async () => (await import("./commands/notify.ts")).notify,
  worker: async () => (await import("./commands/worker.ts")).worker,
  fleet: async () => (await import("./commands/fleet.ts")).fleet,
  mcp: async () => (await import("./commands/mcp.ts")).mcp,
  init: async () => (await import("./commands/set_up.ts")).init,
  trust: async () => (await import("./commands/set_up.ts")).trust,
  install: async () => (await import("./commands/install.ts")).install,
  uninstall: async () => (await import("./commands/install.ts")).uninstall,
  doctor: async () => (await import("./commands/set_up.ts")).doctor,
  completions: async () => (await import("./commands/completions.ts")).completions,
  demo: async () => (await import("./commands/demo.ts")).demo,
  "demo-agent": async () => (await import("./commands/demo.ts")).demoAgent,
  "guard-bridge": async () => (await import("./commands/guard_bridge.ts")).guardBridge,
  listener: async () => (await import("./commands/listen.ts")).listener,
  "session-worker": async () => (await import("./commands/run.ts")).sessionWorker,
  complete: async () => (await import("./commands/completions.ts")).complete(allCommands),
};

/** Loads all of them. */
export async function allCommands(): Promise<readonly Command[]> {
  return await Promise.all(Object.values(COMMANDS).map((load) => load()));
}

/** Loads what a command line needs: the command that it names; all of them for help, and to suggest one. */
export async function commandsFor([first = "help"]: readonly string[]): Promise<readonly Command[]> {
  if (VERSION_WORDS.includes(first)) return [];
  const named = first.startsWith("-") && !HELP_WORDS.includes(first) ? "run" : first;
  const load = Object.hasOwn(COMMANDS, named) ? COMMANDS[named] : undefined;
  return load === undefined ? await allCommands() : [await load()];
}
