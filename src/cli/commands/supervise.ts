/**
 * `samocode supervise`: continues the user's sessions while they are away.
 *
 * @module
 */
import { refuseAgents } from "../../operations/people_only.ts";
import type { Service } from "../../project/unit.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type CliIo, listenForInterruption } from "../cli_io.ts";
import { type Command, EXIT } from "../command.ts";

/** Supervises, or has the system do so. */
export const supervise: Command = {
  name: "supervise",
  summary: "Continue sessions that were cut short, start queued ones",
  flags: {
    install: { help: "Start it at login with systemd (macOS: launchd, untested)" },
    uninstall: { help: "Undo that" },
  },
  examples: ["samocode supervise", "samocode supervise --install"],
  async run(io, { switches }): Promise<number> {
    if (switches.size > 0) return await changeUnit(io, { service: "supervise", switches });
    const { supervise } = await import("../../operations/supervise.ts");
    using interruption = listenForInterruption(io);
    await supervise(io, { abort: interruption.abort, log: (line) => io.live.write(`${line}\n`) });
    return EXIT.done;
  },
};

/** Installs or removes a service that the system starts at login. */
export async function changeUnit(
  io: CliIo,
  { service, switches }: { readonly service: Service; readonly switches: ReadonlySet<string> },
): Promise<number> {
  const { installUnit, uninstallUnit } = await import("../../project/unit.ts");
  if (switches.has("install") && switches.has("uninstall")) {
    throw new SamocodeError("usage", "Cannot install and uninstall at once", { hint: "Choose one of the two" });
  }
  refuseAgents({ verb: "change what the system starts", env: io.env, places: ["/"] });
  const isInstall = switches.has("install");
  const { path, next } = isInstall ? installUnit({ ...io, service }) : uninstallUnit({ ...io, service });
  io.write(`${isInstall ? "Wrote" : "Removed"} ${plainText(path)}. To have it take effect:\n`);
  for (const command of next) io.write(`  ${plainText(command)}\n`);
  return EXIT.done;
}
