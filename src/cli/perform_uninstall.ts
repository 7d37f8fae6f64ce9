/**
 * Removes what `samocode install` wrote, with the person's consent.
 *
 * @module
 */
import { previewUninstall, uninstall } from "../operations/uninstall.ts";
import { plainText } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { setupFrom } from "./installation.ts";
import { adviceOn, destinationFrom, mayGoOn, renderInstallation } from "./show_installation.ts";

/** Shows, asks and removes; resolves to the exit code. */
export async function performUninstall(io: CliIo, args: Arguments): Promise<number> {
  const setup = setupFrom(io);
  const order = { to: destinationFrom(args), force: args.switches.has("force") };
  const plan = previewUninstall(setup, order);
  if (!plan.isInstalled) {
    io.write(`${plan.place.label}: nothing of samocode is installed in ${plainText(plan.place.root)}\n`);
    return 0;
  }
  io.write(renderInstallation(plan, { when: "before", color: io.color }));
  if (plan.server !== undefined) io.write(`  remove   the MCP server: ${plainText(plan.server.command.join(" "))}\n`);
  if (args.switches.has("dry-run") || !mayGoOn(io, args, "\nDo this?")) {
    io.write("\nNothing was done.\n");
    return 0;
  }
  const done = await uninstall(setup, order);
  io.write(`\nRemoved. ${adviceOn(done)}\n`.replace(/ \n$/, "\n"));
  if (done.server in STAYS) io.write(`The MCP server's registration stays: ${STAYS[done.server]}.\n`);
  return 0;
}

const STAYS: Readonly<Record<string, string>> = {
  changed: "somebody changed it since",
  unreachable: "the program that keeps it is not there any more",
};
