/**
 * The table of listeners: to add one is to add a file and a row.
 *
 * @module
 */
import type { Outcome } from "../workflow/session_event.ts";
import { consoleListener } from "../console/console.ts";
import type { Listener } from "../listeners/listener.ts";
import { logFileListener } from "../listeners/log_file.ts";
import type { EarlierRuns } from "../console/run_progress.ts";
import { signalHistoryListener } from "../listeners/signal_history.ts";
import { telegramListener } from "../notifiers/telegram/telegram.ts";

/** Everything that listeners can be made of. What is `undefined` is not configured. */
export interface ListenerContext {
  readonly sessionName: string;
  readonly paths: { readonly logFile: string; readonly signalHistory: string };
  readonly terminal: {
    readonly write: (text: string) => void;
    /** The width just now. */
    readonly columns: () => number;
    readonly isTerminal: boolean;
    readonly color: boolean;
  } | undefined;
  readonly telegram: { readonly token: string; readonly chatId: string; readonly apiBase: string } | undefined;
  /** What the person can do after such an end, one line each. */
  readonly nextSteps: (outcome: Outcome) => readonly string[];
  /** What earlier runs of the session took. */
  readonly before: EarlierRuns;
}

/** Makes a listener, or `undefined` where it is not configured. */
export type CreateListener = (context: ListenerContext) => Listener | undefined;

/** All listeners, by name. */
export const LISTENERS: Readonly<Record<string, CreateListener>> = {
  console: ({ terminal, sessionName, nextSteps, before }) =>
    terminal && consoleListener({ ...terminal, sessionName, nextSteps, before }),
  log_file: ({ paths }) => logFileListener({ path: paths.logFile }),
  signal_history: ({ paths }) => signalHistoryListener({ path: paths.signalHistory }),
  telegram: ({ telegram, sessionName }) => telegram && telegramListener({ ...telegram, sessionName }),
};

/** Makes every listener that is configured. */
export function createListeners(context: ListenerContext): readonly Listener[] {
  return Object.values(LISTENERS).flatMap((create) => create(context) ?? []);
}
