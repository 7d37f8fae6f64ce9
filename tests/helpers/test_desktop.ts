/**
 * A desktop without a screen: a session bus of its own, and a notification service that a test looks at and clicks in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "./program_under_test.ts";
import { TempFolder } from "./temp_folder.ts";

/** What the desktop was asked to show, or that it was asked to take it away. */
export interface Notified {
  readonly id: number;
  readonly closed?: true;
  readonly replaces: number;
  readonly app: string;
  readonly summary: string;
  /** Markup. */
  readonly body: string;
  /** Keys and labels in turn. */
  readonly actions: readonly string[];
  readonly urgency: number;
  readonly isSilent: boolean;
  /** In milliseconds; 0 for never, -1 for the desktop's own choice. */
  readonly timeout: number;
  /** Of the process that asked. */
  readonly pid: number;
}

const PYTHON = "/usr/bin/python3";

/** What this machine lacks for a desktop; `undefined` if nothing. */
export const desktopLack = Deno.build.os !== "linux"
  ? "Linux"
  : ["notify-send", "dbus-daemon"].find((name) => !works(name, "--version")) ??
    (works(PYTHON, "-c", "import dbus, gi") ? undefined : "python3-dbus and python3-gi");

function works(program: string, ...args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** See proc_pid_status(5). */
function catchesInterrupt(pid: number): boolean {
  const [, mask = "0"] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return (BigInt(`0x${mask}`) & 2n) !== 0n;
}

/** Has a test done on a desktop. Where something is missing, it is skipped, and its name says what. */
export function desktopTest(name: string, fn: (desktop: TestDesktop) => Promise<void>): void {
  Deno.test({
    name: desktopLack === undefined ? name : `${name} (skipped: needs ${desktopLack})`,
    ignore: desktopLack !== undefined,
    fn: async () => {
      await using desktop = await TestDesktop.start();
      await fn(desktop);
    },
  });
}

/** Bus and service. */
export class TestDesktop implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly seen: Notified[] = [];
  #bus: Deno.ChildProcess | undefined;
  #daemon: Deno.ChildProcess | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #wake = (): void => {};

  static async start(): Promise<TestDesktop> {
    const desktop = new TestDesktop();
    await desktop.#start();
    return desktop;
  }

  /** The environment of programs on it. */
  get env(): Readonly<Record<string, string>> {
    const bus = `unix:path=${this.#folder.at("bus")}`;
    return { PATH: Deno.env.get("PATH") ?? "", USER: "anna", HOME: this.#folder.path, DBUS_SESSION_BUS_ADDRESS: bus };
  }

  async #start(): Promise<void> {
    const { env } = this;
    this.#bus = new Deno.Command("dbus-daemon", {
      args: [
        "--session",
        "--nofork",
        "--nopidfile",
        "--print-address=1",
        `--address=${env["DBUS_SESSION_BUS_ADDRESS"]}`,
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const address = this.#bus.stdout.getReader();
    await address.read();
    await address.cancel();
    const script = join(ROOT, "tests", "helpers", "notification_daemon.py");
    const pipes = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    this.#daemon = new Deno.Command(PYTHON, { args: [script], env: { ...env }, ...pipes }).spawn();
    this.#input = this.#daemon.stdin.getWriter();
    const ready = Promise.withResolvers<void>();
    this.#reading = this.#read(this.#daemon.stdout, ready.resolve);
    await ready.promise;
  }

  async #read(output: ReadableStream<Uint8Array>, ready: () => void): Promise<void> {
    let rest = "";
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const said = JSON.parse(line);
        if (said.ready) ready();
        else this.seen.push(said);
      }
      this.#wake();
    }
  }

  /** Waits until it was asked so often. */
  async until(look: (seen: readonly Notified[]) => boolean): Promise<readonly Notified[]> {
    while (!look(this.seen)) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.seen;
  }

  /** The notification that shows buttons now: the newest. */
  async question(count = 1): Promise<Notified> {
    const asked = (seen: readonly Notified[]): readonly Notified[] =>
      seen.filter(({ actions = [] }) => actions.length > 0);
    await this.until((seen) => asked(seen).length >= count);
    const question = asked(this.seen)[count - 1] ?? assert.fail();
    // A moment after it has asked, it can be interrupted.
    while (!catchesInterrupt(question.pid)) await new Promise((resolve) => setTimeout(resolve, 1));
    return question;
  }

  /** Clicks on a button, or dismisses the notification. */
  async click(id: number, press?: string): Promise<void> {
    await this.#input?.write(new TextEncoder().encode(`${JSON.stringify({ id, press })}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input?.close();
    await this.#reading;
    await this.#daemon?.status;
    this.#bus?.kill();
    await this.#bus?.status;
    this.#folder[Symbol.dispose]();
  }
}
