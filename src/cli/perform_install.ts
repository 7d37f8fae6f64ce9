/**
 * Installs and removes the skills and slash commands, and registers the MCP server, with the person's consent.
 *
 * @module
 */
import {
  type Destination,
  type Installation,
  type InstallOrder,
  performInstallation,
  planInstallation,
  type ServerOffer,
  serverOffer,
} from "../project/install/install.ts";
import { SCOPES, TARGETS } from "../project/install/place.ts";
import { changes, type Step } from "../project/install/plan_steps.ts";
import { SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { confirm } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { paint } from "./paint.ts";

const NOTHING_DONE = "Nothing was done.\n";

/** Shows, asks and installs; resolves to the exit code. */
export async function performInstall(io: CliIo, args: Arguments): Promise<number> {
  const { switches } = args;
  const order = orderFrom(args, "install");
  const offer = offerFor(io, order.to, args);
  const plan = planInstallation(io, order);
  io.write(rendered(plan, io));
  if (switches.has("dry-run")) {
    if (switches.has("mcp") && offer !== undefined) io.write(`\nWould run: ${typed(offer)}\n`);
    io.write(`\n${NOTHING_DONE}`);
    return 0;
  }
  if (changes(plan.steps).length === 0) io.write(`\nNothing to do.\n${adviceOn(plan)}`);
  else {
    if (!mayGoOn(io, args)) {
      io.write(NOTHING_DONE);
      return 0;
    }
    const done = await performInstallation(io, order);
    io.write(`\nInstalled. ${howToUse(order.to)}\n${adviceOn(done)}`);
  }
  if (offer !== undefined && !switches.has("no-mcp")) await register(io, args, offer);
  return 0;
}

/** Shows, asks and removes; resolves to the exit code. */
export async function performUninstall(io: CliIo, args: Arguments): Promise<number> {
  const order = orderFrom(args, "uninstall");
  const plan = planInstallation(io, order);
  if (!plan.isInstalled) {
    io.write(`${plan.place.label}: nothing of samocode is installed in ${plainText(plan.place.root)}\n`);
    return 0;
  }
  io.write(rendered(plan, io));
  if (plan.server !== undefined) io.write(`  remove   the MCP server: ${plainText(plan.server.command.join(" "))}\n`);
  if (args.switches.has("dry-run") || !mayGoOn(io, args)) {
    io.write(`\n${NOTHING_DONE}`);
    return 0;
  }
  const done = await performInstallation(io, order);
  const advice = adviceOn(done);
  io.write(`\nRemoved.${advice === "" ? "\n" : ` ${advice}`}`);
  if (done.server in STAYS) io.write(`The MCP server's registration stays: ${STAYS[done.server]}.\n`);
  return 0;
}

const STAYS: Readonly<Record<string, string>> = {
  changed: "somebody changed it since",
  unreachable: "the program that keeps it is not there any more",
};

function orderFrom({ values, switches }: Arguments, action: InstallOrder["action"]): InstallOrder {
  const { plugin, target = "claude", scope = "user" } = values;
  const force = switches.has("force");
  if (plugin === undefined) {
    const named = { target: oneOf(TARGETS, target, "--target"), scope: oneOf(SCOPES, scope, "--scope") };
    return { action, force, to: { kind: "client", ...named } };
  }
  if (values["target"] === undefined && values["scope"] === undefined) {
    return { action, force, to: { kind: "plugin", folder: plugin, mcp: !switches.has("no-mcp") } };
  }
  throw new SamocodeError("usage", "Cannot use --plugin with --target or --scope: a plugin goes where you say", {
    hint: "Leave them out",
  });
}

function oneOf<T extends string>(names: readonly T[], typed: string, flag: string): T {
  const found = names.find((name) => name === typed);
  if (found !== undefined) return found;
  throw new SamocodeError("usage", `Cannot use ${flag} ${JSON.stringify(typed)}: it is not known`, {
    hint: `Use one of ${names.join(", ")}`,
  });
}

function offerFor(io: CliIo, to: Destination, { switches }: Arguments): ServerOffer | undefined {
  if (switches.has("mcp") && switches.has("no-mcp")) {
    throw new SamocodeError("usage", "Cannot use --mcp with --no-mcp: they contradict each other", {
      hint: "Choose one",
    });
  }
  const offer = serverOffer(io, to);
  if (offer !== undefined || !switches.has("mcp")) return offer;
  throw new SamocodeError("usage", `Cannot register the MCP server there: ${WHY_NOT[to.kind]}`, {
    hint: to.kind === "plugin" ? "Leave --mcp out" : "Use --target codex --mcp without --scope project",
  });
}

const WHY_NOT = {
  plugin: "a plugin brings it along in its .mcp.json",
  client: "Codex keeps MCP servers for a person, not for a project",
} as const;

function mayGoOn(io: CliIo, { switches }: Arguments): boolean {
  if (switches.has("yes")) return true;
  if (io.isInputTerminal) return confirm(io, "\nDo this?");
  throw new SamocodeError("usage", "Cannot prompt for consent: stdin is not a terminal", {
    hint: "Pass --yes to do what is said above, or --dry-run to only look",
  });
}

async function register(io: CliIo, { switches }: Arguments, offer: ServerOffer): Promise<void> {
  if (offer.registered !== undefined) {
    io.write(`\nThe MCP server is registered: ${plainText(offer.registered.join(" "))}\n`);
    return;
  }
  const isWanted = switches.has("mcp") ||
    (io.isInputTerminal && offer.isClientFound && !switches.has("yes") &&
      confirm(io, "\nRegister the MCP server as well, so that you can run sessions from a conversation?"));
  if (!isWanted) {
    io.write(`\nThe MCP server is not registered. To do it: ${typed(offer)}\n`);
    return;
  }
  const isNew = await offer.register();
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

/** How each step that a person should know of is called before it is done. */
const WORDS: Readonly<Partial<Record<Step["kind"], string>>> = {
  add: "write",
  update: "update",
  replace: "replace",
  remove: "remove",
  "set-aside": "move",
  keep: "leave",
};

function rendered({ place, steps }: Installation, { color }: CliIo): string {
  const lines = steps.flatMap((step) => {
    const word = WORDS[step.kind]?.padEnd(9);
    if (word === undefined) return [];
    const because = "because" in step ? `: ${step.because}` : "";
    const backup = "backup" in step ? `; kept as ${step.backup}` : "";
    return [
      `  ${step.kind === "keep" ? paint("yellow", word, color) : word}${plainText(`${step.path}${because}${backup}`)}`,
    ];
  });
  const count = (kind: Step["kind"]) => steps.filter((step) => step.kind === kind).length;
  const [current, same] = [count("current"), count("same")];
  return [
    `${place.label}: ${plainText(place.root)}`,
    ...lines,
    ...(current > 0 ? [`  ${current} ${current === 1 ? "file is" : "files are"} up to date`] : []),
    ...(same > 0 ? [`  ${same} not written by samocode, but with the same text: left`] : []),
    ...(lines.length + current + same === 0 ? ["  nothing"] : []),
  ].join("\n") + "\n";
}

/** Says what to do about files that were left. */
function adviceOn({ steps }: Installation): string {
  const left = steps.filter(({ kind }) => kind === "keep").length;
  if (left === 0) return "";
  return `${left === 1 ? "One file was" : `${left} files were`} left as ${left === 1 ? "it is" : "they are"}; ` +
    "--force moves such a file to a backup beside it.\n";
}
