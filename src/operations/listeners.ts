/**
 * Who hears the events of a run: terminal, files, and every notifier that is set up.
 *
 * @module
 */
import type { Outcome } from "../workflow/session_event.ts";
import { consoleListener } from "../console/console.ts";
import type { Listener } from "../listeners/listener.ts";
import { logFileListener } from "../listeners/log_file.ts";
import type { EarlierRuns } from "../console/run_progress.ts";
import { signalHistoryListener } from "../listeners/signal_history.ts";
import type { Notifier } from "../notifiers/notifier.ts";
import { NOTIFIER_NAMES, NOTIFIERS } from "../notifiers/notifiers.ts";
import type { Settings } from "../settings/settings.ts";
import type { LiveOutput } from "../system/output.ts";

/** Everything that listeners can be made of. What is `undefined` is not configured. */
export interface ListenerContext {
  readonly sessionName: string;
  readonly paths: { readonly logFile: string; readonly signalHistory: string };
  readonly terminal: {
    readonly output: LiveOutput;
    /** The width just now. */
    readonly columns: () => number;
    readonly isTerminal: boolean;
    readonly color: boolean;
  } | undefined;
  readonly notifiers: Partial<Settings["notifiers"]>;
  /** What the person can do after such an end, one line each. */
  readonly nextSteps: (outcome: Outcome) => readonly string[];
  /** What earlier runs of the session took. */
  readonly before: EarlierRuns;
}

/** Makes every listener that is configured. */
export async function createListeners(context: ListenerContext): Promise<readonly Listener[]> {
  const { terminal, sessionName, paths, nextSteps, before } = context;
  const listeners = [
    ...(terminal === undefined ? [] : [consoleListener({ ...terminal, sessionName, nextSteps, before })]),
    logFileListener({ path: paths.logFile }),
    signalHistoryListener({ path: paths.signalHistory }),
  ];
  for (const name of NOTIFIER_NAMES) {
    const notifier: Notifier = NOTIFIERS[name];
    const settings = context.notifiers[name];
    if (settings !== undefined) listeners.push((await notifier.listener())(settings, { sessionName }));
  }
  return listeners;
}
