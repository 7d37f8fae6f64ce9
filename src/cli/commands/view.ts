/**
 * `samocode view`: serves a page that shows all sessions, and lets a person decide there.
 *
 * @module
 */
import { whoOpened } from "../../messages/who_decided.ts";
import { listenForInterruption } from "../cli_io.ts";
import { type Command, EXIT } from "../command.ts";

/** Serves the page. */
export const view: Command = {
  name: "view",
  summary: "Show all sessions on a page in your browser, and decide there",
  flags: {
    port: { value: "N", help: "Listen on this port instead of any free one" },
    host: { value: "ADDRESS", help: "Listen on this address; beyond this machine it needs TLS or a proxy" },
    "tls-cert": { value: "FILE", completes: "file", help: "The certificate, as PEM" },
    "tls-key": { value: "FILE", completes: "file", help: "Its key, as PEM" },
    origin: { value: "URL", help: "What browsers call it, such as https://samocode.example behind a proxy" },
    open: { help: "Open it in your browser" },
    fleet: { help: "Show the fleet's sessions, too (SAMOCODE_FLEET)" },
  },
  examples: ["samocode view", "samocode view --open", "samocode view --port 8700 --origin https://samocode.example"],
  fleet: { ofAll: true, stays: true },
  async run(io, args): Promise<number> {
    const { readListening } = await import("../../view/listening.ts");
    const { openInBrowser, view } = await import("../../view/view.ts");
    const { config, ...chosen } = args.values;
    const listening = readListening(chosen, io.workingDirectory);
    using interruption = listenForInterruption(io);
    await view({ ...io, config }, {
      listening,
      isChosen: Object.keys(chosen).length > 0,
      visitor: whoOpened(io),
      abort: interruption.abort,
      log: (line) => io.writeError(`${line}\n`),
      opened: async (opened) => {
        const { url, isElsewhere, takesActs } = opened;
        io.write(`${url}\n`);
        io.writeError(`${takesActs ? ONCE : SHOWS}\n`);
        if (!isElsewhere) io.writeError("Press Ctrl-C to end it\n");
        if (!args.switches.has("open") || await openInBrowser(opened, io.env)) return;
        io.writeError("No browser could be opened: open the address yourself\n");
      },
    });
    return EXIT.done;
  },
};

const ONCE = "The address works once, in one browser; run samocode view again for another";
const SHOWS = "An agent started this: the page shows, and takes no decisions";
