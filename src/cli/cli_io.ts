/**
 * The outside world as the command line sees it; `main.ts` fills it with the real one, tests with their own.
 *
 * @module
 */

/** Terminal, environment and signals. */
export interface CliIo {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Asks a person for a line; `undefined` at the end of input. */
  readonly ask: (question: string) => string | undefined;
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  readonly columns: () => number;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  readonly shippedRoot: string;
  readonly version: string;
  /** Says in a few words where the running program comes from. */
  readonly build: () => string;
  /** Calls back on SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  readonly onSignal: (listener: (name: Deno.Signal) => void) => () => void;
  /** Serves the program that started this one, over MCP, until it goes away. */
  readonly serveMcp: (options: {
    readonly project: string | undefined;
    readonly config: string | undefined;
  }) => Promise<void>;
}
