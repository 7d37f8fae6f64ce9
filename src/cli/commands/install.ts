/**
 * `samocode install` and `samocode uninstall`: skills and slash commands for any session, without the loop.
 *
 * @module
 */
import type { InstallOrder, InstallPlan, ServerOffer } from "../../project/install/install.ts";
import { SCOPES, TARGETS } from "../../project/install/place.ts";
import type { Step } from "../../project/install/install_files.ts";
import { SamocodeError } from "../../text/errors.ts";
import { formatCount } from "../../text/format.ts";
import { paint, plainText } from "../../text/terminal_text.ts";
import { confirm } from "../ask_person.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command, Flag } from "../command.ts";

const FLAGS: Readonly<Record<string, Flag>> = {
  target: { value: "NAME", completes: TARGETS, help: `One of ${TARGETS.join(", ")} (default: claude)` },
  scope: { value: "NAME", completes: SCOPES, help: "user: all your projects (default); project: this repository" },
  plugin: { value: "DIR", completes: "folder", help: "Use this Claude Code plugin folder instead of a target" },
  "dry-run": { help: "Show what would happen without doing it" },
  force: { help: "Move changed or foreign files to a backup beside them" },
  yes: { short: "y", help: "Do not ask for confirmation" },
};

/** The command that installs. */
export const install: Command = {
  name: "install",
  summary: "Install or upgrade the skills for Claude Code or Codex",
  flags: {
    ...FLAGS,
    mcp: { help: "Register the MCP server too, without asking" },
    "no-mcp": { help: "Do not register the MCP server, and do not ask" },
  },
  examples: [
    "samocode install",
    "samocode install --target codex --scope project --yes",
    "samocode install --plugin samocode-plugin",
  ],
  run: (io, args) => followOrder(io, args, "install"),
};

/** The command that removes what {@linkcode install} wrote, and nothing else. */
export const uninstall: Command = {
  name: "uninstall",
  summary: "Remove what install added, and nothing else",
  flags: FLAGS,
  examples: ["samocode uninstall", "samocode uninstall --target codex --dry-run"],
  run: (io, args) => followOrder(io, args, "uninstall"),
};

/** Shows the plan, asks, and performs it. */
async function followOrder(io: CliIo, args: Arguments, action: InstallOrder["action"]): Promise<number> {
  const { planInstallation } = await import("../../project/install/install.ts");
  const { switches } = args;
  const order = orderFrom(args, action);
  const plan = planInstallation(io, order);
  const offer = offerIn(plan, args);
  const isRemoval = action === "uninstall";
  if (isRemoval && !plan.isInstalled) {
    io.write(`${plan.place.label}: samocode is not installed in ${plainText(plan.place.root)}\n`);
    return 0;
  }
  io.write(render(plan, io));
  const isNeeded = isRemoval || plan.hasChanges;
  if (isRemoval && plan.server !== undefined) io.write(`  remove   the MCP server: ${joined(plan.server)}\n`);
  if (switches.has("dry-run") && switches.has("mcp") && offer !== undefined) {
    io.write(`\nWould run: ${joined(offer.typed)}\n`);
  }
  if (switches.has("dry-run") || (isNeeded && !(await hasConsent(io, args)))) {
    io.write("\nNothing was changed.\n");
    return 0;
  }
  if (isNeeded) {
    const { steps, serverLeft } = await plan.perform();
    io.write(`\n${isRemoval ? "Removed." : `Installed. ${usage(order)}`}\n${adviceOn(steps)}`);
    if (serverLeft !== undefined) io.write(`The MCP server's registration was left: ${serverLeft}.\n`);
  } else io.write(`\nNothing to change.\n${adviceOn(plan.steps)}`);
  if (!isRemoval && offer !== undefined && !switches.has("no-mcp")) await register(io, args, offer);
  return 0;
}

function orderFrom({ values, switches }: Arguments, action: InstallOrder["action"]): InstallOrder {
  const { plugin, target, scope } = values;
  if (plugin !== undefined && (target !== undefined || scope !== undefined)) {
    throw usageError("Cannot use --plugin with --target or --scope: a plugin folder has neither", "Leave them out");
  }
  return {
    action,
    target: oneOf(TARGETS, target ?? "claude", "--target"),
    scope: oneOf(SCOPES, scope ?? "user", "--scope"),
    plugin,
    mcp: !switches.has("no-mcp"),
    force: switches.has("force"),
  };
}

function oneOf<T extends string>(names: readonly T[], typed: string, flag: string): T {
  const found = names.find((name) => name === typed);
  if (found !== undefined) return found;
  throw usageError(`Cannot use ${flag} ${JSON.stringify(typed)}: it is not known`, `Use one of ${names.join(", ")}`);
}

function offerIn({ offer }: InstallPlan, { switches, values }: Arguments): ServerOffer | undefined {
  if (!switches.has("mcp")) return offer;
  if (switches.has("no-mcp")) throw usageError("Cannot use --mcp with --no-mcp: they contradict", "Choose one");
  if (offer !== undefined) return offer;
  throw values["plugin"] === undefined
    ? usageError(
      "Cannot register the MCP server for a project: Codex keeps servers per user",
      "Use --target codex --mcp without --scope project",
    )
    : usageError("Cannot use --mcp with --plugin: a plugin has the server in its .mcp.json", "Leave --mcp out");
}

function usageError(message: string, hint: string): SamocodeError {
  return new SamocodeError("usage", message, { hint });
}

async function hasConsent(io: CliIo, { switches }: Arguments): Promise<boolean> {
  if (switches.has("yes")) return true;
  if (io.isInputTerminal) return await confirm(io, "\nContinue?");
  throw usageError(
    "Cannot prompt for consent: stdin is not a terminal",
    "Pass --yes to make these changes, or --dry-run to only show them",
  );
}

async function register(io: CliIo, { switches }: Arguments, offer: ServerOffer): Promise<void> {
  if (offer.registered !== undefined) {
    io.write(`\nThe MCP server is registered: ${joined(offer.registered)}\n`);
    return;
  }
  const isWanted = switches.has("mcp") ||
    (io.isInputTerminal && offer.isClientFound && !switches.has("yes") &&
      await confirm(io, "\nRegister the MCP server too, to run sessions from a conversation?"));
  if (!isWanted) io.write(`\nThe MCP server is not registered. To register it: ${joined(offer.typed)}\n`);
  else if (await offer.register()) io.write(`\nRegistered the MCP server: ${joined(offer.typed)}\n`);
  else io.write("\nThe MCP server is already registered.\n");
}

function joined(command: readonly string[]): string {
  return plainText(command.join(" "));
}

function usage({ plugin, target }: InstallOrder): string {
  if (plugin !== undefined) return `Use it with: claude --plugin-dir ${plainText(plugin)}`;
  return target === "codex"
    ? "In a new Codex session: $investigation, $planning, $implementation, …"
    : "In a new Claude Code session: /dive, /task, /create-plan, /do, …";
}

/** How a step is shown; the others are only counted. */
const WORDS: Readonly<Partial<Record<Step["kind"], string>>> = {
  add: "write",
  update: "update",
  replace: "replace",
  remove: "remove",
  "set-aside": "move",
  keep: "leave",
};

function render({ place, steps }: InstallPlan, { color }: CliIo): string {
  const lines = steps.flatMap((step) => {
    const word = WORDS[step.kind]?.padEnd(9);
    if (word === undefined) return [];
    const because = "because" in step ? `: ${step.because}` : "";
    const backup = "backup" in step ? `; kept as ${step.backup}` : "";
    const text = plainText(`${step.path}${because}${backup}`);
    return [`  ${step.kind === "keep" ? paint("yellow", word, color) : word}${text}`];
  });
  const count = (kind: Step["kind"]) => steps.filter((step) => step.kind === kind).length;
  const [current, same] = [count("current"), count("same")];
  if (current > 0) lines.push(`  ${formatCount(current, "file")} up to date`);
  if (same > 0) lines.push(`  ${same} with the same content, not written by samocode: left`);
  return [`${place.label}: ${plainText(place.root)}`, ...(lines.length > 0 ? lines : ["  nothing"]), ""].join("\n");
}

/** What to do about files that were left. */
function adviceOn(steps: readonly Step[]): string {
  const left = steps.filter(({ kind }) => kind === "keep").length;
  return left === 0 ? "" : `Left ${formatCount(left, "file")} alone; --force moves such files to backups.\n`;
}
