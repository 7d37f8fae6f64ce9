/**
 * Shows notifications with libnotify's `notify-send`, which talks to the desktop over the session bus.
 *
 * @module
 */
import { programPath } from "../../system/processes/program_path.ts";
import { plainText } from "../../text/terminal_text.ts";
import { ChannelError } from "../open_channel.ts";

/** A notification. Its texts are plain. */
export interface Note {
  readonly summary: string;
  readonly body: string;
  /** Whether it stays until the user dismisses it. */
  readonly isUrgent: boolean;
  readonly isSilent: boolean;
}

/** A notification that shows buttons and waits for one of them. */
export interface Question {
  /** The index of the clicked label; `undefined` if the notification was dismissed or ended. Rejects on failure. */
  readonly clicked: Promise<number | undefined>;
  /** Stops waiting. When replaced, the notification stays for its successor; otherwise it is closed. */
  readonly end: (how: "replaced" | "closed") => void;
}

const WITHIN_MS = 10_000;
const BRIEF_MS = 10_000;

/** The only variables it gets: others could lead it to another bus, such as a display's, or load other code. */
const NEEDED = ["PATH", "HOME", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"];

/** The arguments for a notification. Every process on the machine can read them, so they contain no secret. */
export function notifyArguments({ summary, body, isUrgent, isSilent }: Note): readonly string[] {
  return [
    "--app-name=samocode",
    `--urgency=${isUrgent ? "critical" : "normal"}`,
    ...(isUrgent ? ["--expire-time=0"] : []),
    ...(isSilent ? ["--hint=boolean:suppress-sound:true"] : []),
    "--",
    summary,
    asMarkup(body),
  ];
}

/** The body is markup, and notify-send interprets C escapes in it; the summary is plain text. */
function asMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\\", "\\\\");
}

/** The machine's `notify-send`. */
export class NotifySend {
  readonly #env: Readonly<Record<string, string>>;
  #buttons: Promise<boolean> | undefined;

  constructor(env: Readonly<Record<string, string>>) {
    const kept = NEEDED.flatMap((name) => env[name] === undefined ? [] : [[name, env[name]]]);
    // In other locales it rejects non-ASCII text.
    this.#env = { ...Object.fromEntries(kept), LC_ALL: "C.UTF-8" };
  }

  /** Whether it is installed. */
  get isInstalled(): boolean {
    return programPath("notify-send", { env: this.#env }).program !== undefined;
  }

  /** Whether it can show buttons and replace a notification: since libnotify 0.7.10, reliably since 0.8. */
  hasButtons(): Promise<boolean> {
    return this.#buttons ??= this.#run(["--help"], AbortSignal.timeout(WITHIN_MS))
      .then((help) => help.includes("--action") && help.includes("--replace-id"))
      .catch((error) => {
        // It may be installed later.
        this.#buttons = undefined;
        throw error;
      });
  }

  /**
   * Shows a notification. If `replaces` names another one, replaces it.
   *
   * @returns Its id; empty if this version of the program does not print it.
   * @throws {ChannelError} If it was not shown.
   */
  async show(
    note: Note,
    { replaces, abort }: { readonly replaces?: string; readonly abort: AbortSignal },
  ): Promise<string> {
    const numbering = await this.hasButtons() ? ["--print-id", ...replacing(replaces)] : [];
    const said = await this.#run([...numbering, ...notifyArguments(note)], abort);
    return /^\d{1,10}$/.exec(said.trim())?.[0] ?? "";
  }

  /** Shows a notification that disappears by itself, and ignores failures. */
  async showBriefly(note: Note, replaces?: string): Promise<void> {
    const brief = ["--transient", `--expire-time=${BRIEF_MS}`, ...replacing(replaces), ...notifyArguments(note)];
    await this.#run(brief, AbortSignal.timeout(WITHIN_MS)).catch(() => {});
  }

  /** Adds buttons to a notification that is shown. */
  ask(id: string, note: Note, labels: readonly string[]): Question {
    // Versions before 0.8.4 print the id only when they exit, so the notification is shown first and gets buttons
    // second.
    const actions = labels.map((label, index) => `--action=${index}=${label}`);
    const args = ["--wait", ...replacing(id), ...actions, ...notifyArguments({ ...note, isSilent: true })];
    const child = this.#command(args).spawn();
    return {
      clicked: child.output().then((output) => {
        if (output.signal === null && output.code !== 0) throw failure(output);
        const index = Number.parseInt(textOf(output.stdout));
        return Number.isNaN(index) ? undefined : index;
      }),
      end: (how) => {
        try {
          // SIGINT makes it close the notification; SIGTERM does not.
          child.kill(how === "closed" ? "SIGINT" : "SIGTERM");
        } catch {
          // It has already exited.
        }
      },
    };
  }

  async #run(args: readonly string[], abort: AbortSignal): Promise<string> {
    const output = await this.#command(args, AbortSignal.any([abort, AbortSignal.timeout(WITHIN_MS)])).output();
    if (!output.success) throw failure(output);
    return textOf(output.stdout);
  }

  #command(args: readonly string[], signal?: AbortSignal): Deno.Command {
    const { program } = programPath("notify-send", { env: this.#env });
    if (program === undefined) {
      throw new ChannelError("notify-send is not installed. Install libnotify's tools: apt install libnotify-bin", {
        retryAfterMs: undefined,
      });
    }
    return new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { ...this.#env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(signal !== undefined && { signal }),
    });
  }
}

function replacing(id: string | undefined): readonly string[] {
  return id === undefined || id === "" ? [] : [`--replace-id=${id}`];
}

/** Without a desktop it fails, but the user may log in later, so it is worth a retry. */
function failure({ stderr, signal }: Deno.CommandOutput): ChannelError {
  const why = signal !== null ? "notify-send did not exit" : plainText(textOf(stderr), 200);
  return new ChannelError(`Cannot show a notification: ${why}`, { retryAfterMs: 0 });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
