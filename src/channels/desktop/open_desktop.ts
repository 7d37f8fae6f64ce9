/**
 * Desktop notifications with the system's own tools; on Linux with buttons.
 *
 * @module
 */
import { type ChannelContext, ChannelError, type OpenChannel } from "../open_channel.ts";
import type { Post } from "../post.ts";
import { openLinuxDesktop } from "./linux_desktop.ts";
import { noteOf } from "./note.ts";

/** Opens the channel. */
export function openDesktop(
  _: unknown,
  context: ChannelContext,
  { os = Deno.build.os }: { readonly os?: string } = {},
): OpenChannel {
  if (os === "linux") return openLinuxDesktop(context);
  return {
    edits: false,
    refusal: () => Promise.resolve("Notifications on this system have no buttons: decide in a terminal"),
    async show(post, { abort }): Promise<string> {
      const { binary, args, env } = notifyCommand(post, os);
      const { success } = await run(binary, { args, env: { ...context.env, ...env }, abort });
      if (!success) throw new ChannelError(`Cannot show a notification: ${binary} failed`, { retryAfterMs: 0 });
      return "";
    },
    listen: undefined,
  };
}

/** A program that shows a notification. */
export interface NotifyCommand {
  readonly binary: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

const APPLE_SCRIPT = ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"];

const POWERSHELL = `
$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$toast = $manager::GetTemplateContent(1)
$texts = $toast.GetElementsByTagName('text')
$texts.Item(0).InnerText = $env:SAMOCODE_NOTE_TITLE
$texts.Item(1).InnerText = $env:SAMOCODE_NOTE_TEXT
$manager::CreateToastNotifier('samocode').Show([Windows.UI.Notifications.ToastNotification]::new($toast))
`;

/** The program for macOS or Windows. A post's text is never part of a script. */
export function notifyCommand(post: Post, os: string): NotifyCommand {
  const { summary, body } = noteOf({ ...post, offers: [] });
  if (os === "darwin") {
    return { binary: "osascript", args: [...APPLE_SCRIPT.flatMap((line) => ["-e", line]), summary, body], env: {} };
  }
  return {
    binary: "powershell",
    args: ["-NoProfile", "-NonInteractive", "-Command", POWERSHELL],
    // PowerShell treats arguments after a command as part of the script.
    env: { SAMOCODE_NOTE_TITLE: summary, SAMOCODE_NOTE_TEXT: body },
  };
}

const WITHIN_MS = 20_000;

async function run(
  binary: string,
  { args, env, abort }: Omit<NotifyCommand, "binary"> & { readonly abort: AbortSignal },
): Promise<{ readonly success: boolean }> {
  try {
    return await new Deno.Command(binary, {
      args: [...args],
      clearEnv: true,
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.any([abort, AbortSignal.timeout(WITHIN_MS)]),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ChannelError(`${binary} was not found`, { retryAfterMs: undefined });
  }
}
