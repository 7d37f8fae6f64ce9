/**
 * `samocode listen`: shows on the user's channels what their sessions need and performs what they decide there.
 *
 * @module
 */
import type { ListenEnd } from "../../listen/listen.ts";
import type { Listening } from "../../listen/listener.ts";
import { type CliIo, listenForInterruption } from "../cli_io.ts";
import { type Command, EXIT } from "../command.ts";
import { changeUnit } from "./supervise.ts";

/** Listens, or installs the listener as a service. */
export const listen: Command = {
  name: "listen",
  summary: "Notify you on your channels and take your decisions there",
  flags: {
    fleet: { help: "Also for the fleet's sessions (SAMOCODE_FLEET)" },
    keep: { help: "Keep running when no session is running or waiting" },
    install: { help: "Start it at login with systemd (macOS: launchd, untested)" },
    uninstall: { help: "Undo that" },
  },
  examples: ["samocode listen", "samocode listen --install"],
  fleet: { ofAll: true, stays: true },
  async run(io, { switches }): Promise<number> {
    if (switches.has("install") || switches.has("uninstall")) {
      return await changeUnit(io, { service: "listen", switches });
    }
    const { keepSubscribed } = await import("../../operations/subscribe_known.ts");
    using _subscribing = keepSubscribed(io, (line) => io.writeError(`${line}\n`));
    const log = (line: string) => io.live.write(`${line}\n`);
    const end = await beginListening(io, { log, keeps: switches.has("keep") });
    if (end.kind === "elsewhere") throw end.error;
    return EXIT.done;
  },
};

/**
 * The listener as started by a worker: it serves the workers' subscriptions and exits if another listener is running.
 */
export const listener: Command = {
  name: "listener",
  summary: listen.summary,
  flags: {},
  examples: [],
  hidden: true,
  async run(io): Promise<number> {
    const { withoutLean } = await import("../../operations/start_listener.ts");
    const log = (line: string) => io.writeError(`${line}\n`);
    await beginListening({ ...io, env: withoutLean(io.env) }, { log, keeps: false });
    return EXIT.done;
  },
};

async function beginListening(
  io: CliIo,
  options: Pick<Listening, "log" | "keeps">,
): Promise<ListenEnd> {
  const { listen } = await import("../../listen/listen.ts");
  using interruption = listenForInterruption(io);
  return await listen(io, { ...options, abort: interruption.abort });
}
