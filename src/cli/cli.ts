/**
 * The command line: the way from what was typed to an exit code.
 *
 * @module
 */
import { noticeDeaths } from "../operations/notice_deaths.ts";
import { hintInCommands } from "../text/action.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { paint, plainLines, plainText } from "../text/terminal_text.ts";
import { type CliIo, Interrupted } from "./cli_io.ts";
import { parseCommand, type ParsedCommand } from "./parse_command.ts";
import { commandsFor } from "./commands.ts";
import { EXIT, exitCodeAfter } from "./command.ts";

/** Runs a command line. Errors that a person can fix are shown without a stack. */
export async function cli(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    const commands = await commandsFor(argv);
    const parsed = parseCommand(argv, commands);
    switch (parsed.kind) {
      case "version":
        io.write(`samocode ${io.version} (${io.build()})\n`);
        return EXIT.done;
      case "help": {
        // Piped help is usually read in a pager, on a terminal all the same.
        const columns = io.isOutputTerminal ? io.columns() : 80;
        const { renderHelp } = await import("./render_help.ts");
        io.write(renderHelp(parsed.about, { commands, version: io.version, columns }));
        return EXIT.done;
      }
      case "run":
        return await runTrusted(io, parsed);
    }
  } catch (caught) {
    const error = rootOf(caught);
    if (error instanceof Interrupted) return exitCodeAfter(error.signal);
    const label = paint("red", "samocode:", io.color);
    if (error instanceof SamocodeError) {
      io.writeError(
        `${label} ${plainLines(error.message).join("\n")}\n  ${
          plainLines(hintInCommands(error, { isFleets: argv.includes("--fleet") })).join("\n")
        }\n`,
      );
      return error.code === "usage" || error.code === "conflict" ? EXIT.usage : EXIT.failed;
    }
    if (isOfSystem(error)) {
      const hint = "Check the disk and its permissions, then type the same again; what was recorded before is safe";
      io.writeError(`${label} ${plainLines(messageOf(error)).join("\n")}\n  ${hint}\n`);
      return EXIT.failed;
    }
    io.writeError(`${label} ${messageOf(error)}\n  This is a bug in samocode; nothing in the session is lost\n`);
    if (error instanceof Error) io.writeError(`${error.stack}\n`);
    return EXIT.failed;
  }
}

/** The error that began it: what also failed while everything was released, on a full disk say, tells nobody more. */
function rootOf(error: unknown): unknown {
  return error instanceof SuppressedError ? rootOf(error.suppressed) : error;
}

/** Whether an error is the system's own, such as a failing disk: Deno ends these with the system's number for them. */
function isOfSystem(error: unknown): boolean {
  return /\(os error \d+\)/.test(messageOf(error));
}

/** Runs a command on this machine's sessions, or on copies of the fleet's. */
async function runWhereItIs(
  io: CliIo,
  { command, args }: Pick<Extract<ParsedCommand, { kind: "run" }>, "command" | "args">,
): Promise<number> {
  if (!args.switches.has("fleet") || command.fleet?.asksItself) return await command.run(io, args);
  const { runInFleet } = await import("./in_fleet.ts");
  return await runInFleet(io, { command, args });
}

/**
 * Runs a command; where it is refused because the project is not set up or not trusted yet, asks the person, and runs it
 * again if they say yes.
 */
async function runTrusted(
  io: CliIo,
  { command, args }: Extract<ParsedCommand, { kind: "run" }>,
): Promise<number> {
  const noticing = command.looksAround ? noticeDeaths(io, (line) => io.writeError(`${plainText(line)}\n`)) : undefined;
  try {
    const code = await runWhereItIs(io, { command, args });
    await noticing;
    return code;
  } catch (error) {
    await noticing;
    if (!io.isInputTerminal || !(error instanceof SamocodeError)) throw error;
    const verbs = new Set(error.actions.map(({ verb }) => verb));
    const { askToSetUp, askToTrust } = await import("./commands/set_up.ts");
    const asks = verbs.has("trust") ? askToTrust : verbs.has("init") && command.setsUp ? askToSetUp : undefined;
    if (asks === undefined) throw error;
    io.writeError(`${plainLines(error.message).join("\n")}\n`);
    if (!(await asks(io, args))) throw error;
    return await runWhereItIs(io, { command, args });
  }
}
