/**
 * Checks that notifications can be shown, without showing one.
 *
 * @module
 */
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { lstatIfExists } from "../../system/files/files.ts";
import { NotifySend } from "./notify_send.ts";

/** Looks for `notify-send` and the session bus. */
export async function examineDesktop(
  _settings: unknown,
  { env, os = Deno.build.os }: { readonly env: Readonly<Record<string, string>>; readonly os?: string },
): Promise<readonly Finding[]> {
  if (os !== "linux") return [ok("Notifications are shown without buttons")];
  const program = new NotifySend(env);
  if (!program.isInstalled) {
    return [problem("notify-send is not installed", "Install libnotify's tools: apt install libnotify-bin")];
  }
  return [
    await program.hasButtons().catch(() => false)
      ? ok("notify-send shows notifications with buttons")
      : warning("notify-send cannot show buttons, so you cannot decide there", "Use libnotify 0.8 or later"),
    hasSessionBus(env)
      ? ok("A session bus is available")
      : warning("No session bus was found, so nothing is shown", "Log in to a desktop, or set SAMOCODE_DESKTOP=off"),
  ];
}

/** The bus is where the variable says, or in the default place. */
function hasSessionBus(env: Readonly<Record<string, string>>): boolean {
  const { DBUS_SESSION_BUS_ADDRESS: address = "", XDG_RUNTIME_DIR: folder = "" } = env;
  const path = address === "" ? `${folder}/bus` : /^unix:(?:.*,)?path=([^,;]+)/.exec(address)?.[1];
  // Other addresses, such as abstract sockets, cannot be checked.
  return path === undefined || lstatIfExists(path)?.isSocket === true;
}
