/**
 * Installs the skills and slash commands, and registers the MCP server, with the person's consent.
 *
 * @module
 */
import {
  type Destination,
  install as installThere,
  previewInstall,
  registerOffered,
  type ServerOffer,
  serverOffer,
  type Setup,
} from "../operations/install.ts";
import { SamocodeError } from "../system/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { confirm } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import { setupFrom } from "./installation.ts";
import type { Arguments } from "./command.ts";
import { adviceOn, destinationFrom, isWork, mayGoOn, renderInstallation } from "./show_installation.ts";

/** Shows, asks and installs; resolves to the exit code. */
export async function performInstall(io: CliIo, args: Arguments): Promise<number> {
  const to = destinationFrom(args);
  const setup = setupFrom(io);
  const order = { to, force: args.switches.has("force") };
  const offer = offerFor(setup, to, args);
  const plan = previewInstall(setup, order);
  io.write(renderInstallation(plan, { when: "before", color: io.color }));
  if (args.switches.has("dry-run")) {
    if (args.switches.has("mcp") && offer !== undefined) io.write(`\nWould run: ${typed(offer)}\n`);
    io.write("\nNothing was done.\n");
    return 0;
  }
  if (isWork(plan)) {
    if (!mayGoOn(io, args, "\nDo this?")) {
      io.write("Nothing was done.\n");
      return 0;
    }
    const done = installThere(setup, order);
    io.write(`\nInstalled. ${howToUse(to)}\n${adviceOn(done)}`);
  } else io.write(`\nNothing is to be done.\n${adviceOn(plan)}`);
  await offerServer(io, { setup, to, args, offer });
  return 0;
}

function offerFor(setup: Setup, to: Destination, { switches }: Arguments): ServerOffer | undefined {
  if (switches.has("mcp") && switches.has("no-mcp")) {
    throw new SamocodeError("usage", "Cannot use --mcp with --no-mcp: they contradict each other", {
      hint: "Choose one",
    });
  }
  const offer = serverOffer(setup, to);
  if (offer !== undefined || !switches.has("mcp")) return offer;
  throw new SamocodeError("usage", `Cannot register the MCP server there: ${WHY_NOT[to.kind]}`, {
    hint: to.kind === "plugin" ? "Leave --mcp out" : "Take --target codex --mcp without --scope project",
  });
}

const WHY_NOT = {
  plugin: "a plugin brings it along in its .mcp.json",
  client: "Codex keeps MCP servers for a person, not for a project",
} as const;

async function offerServer(
  io: CliIo,
  { setup, to, args, offer }: {
    readonly setup: Setup;
    readonly to: Destination;
    readonly args: Arguments;
    readonly offer: ServerOffer | undefined;
  },
): Promise<void> {
  if (offer === undefined || args.switches.has("no-mcp")) return;
  if (offer.registered !== undefined) {
    io.write(`\nThe MCP server is registered: ${plainText(offer.registered.join(" "))}\n`);
    return;
  }
  const wanted = args.switches.has("mcp") ||
    (io.isInputTerminal && offer.isClientFound && !args.switches.has("yes") &&
      confirm(io, `\nRegister the MCP server as well, with which a session can be run from a conversation?`));
  if (!wanted) {
    io.write(`\nThe MCP server is not registered. To do it: ${typed(offer)}\n`);
    return;
  }
  const isNew = await registerOffered(setup, to, offer);
  io.write(isNew ? `\nRegistered the MCP server: ${typed(offer)}\n` : "\nThe MCP server is registered already.\n");
}

function typed({ typed }: ServerOffer): string {
  return plainText(typed.join(" "));
}

function howToUse(to: Destination): string {
  if (to.kind === "plugin") return `Use it with: claude --plugin-dir ${plainText(to.folder)}`;
  return to.target === "codex"
    ? "In a new Codex session: $investigation, $planning, $implementation, …"
    : "In a new Claude Code session: /dive, /task, /create-plan, /do, …";
}
