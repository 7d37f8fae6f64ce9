/**
 * `samocode notify test`: tests the user's channels.
 *
 * @module
 */
import { type Command, EXIT } from "../command.ts";
import { listenForInterruption } from "../cli_io.ts";
import { loadForPerson } from "../load.ts";
import { SamocodeError } from "../../text/errors.ts";
import { paint, plainText } from "../../text/terminal_text.ts";

const DEFAULT_WAIT_S = 60;

const MARKS = {
  shown: ["green", "✓ shown"],
  heard: ["green", "✓ heard"],
  silent: ["yellow", "! not heard"],
  failed: ["red", "✗ failed"],
} as const;

/** Shows a test message on each channel and waits for its button. */
export const notify: Command = {
  name: "notify",
  summary: "Test your channels, both ways",
  operands: "test",
  completes: ["test"],
  maxPositionals: 1,
  flags: {
    wait: { value: "S", help: `Seconds to wait for you to press the button (${DEFAULT_WAIT_S})` },
  },
  examples: ["samocode notify test"],
  async run(io, args): Promise<number> {
    if (args.positionals[0] !== "test") {
      throw new SamocodeError("usage", "Cannot run notify: its only subcommand is test", {
        hint: "samocode notify test",
      });
    }
    const waitMs = waitFrom(args.values["wait"]) * 1000;
    const samocode = loadForPerson(io, args, "test your channels");
    const { ownChannels } = await import("../../operations/own_channels.ts");
    const { setChannels } = await import("../../operations/open_channel.ts");
    for (const warning of samocode.settings.warnings) io.writeError(`Warning: ${warning}\n`);
    if (setChannels(samocode.settings).length === 0) {
      throw new SamocodeError("usage", "Cannot test your channels: none is set up", {
        hint: "Set one up as docs/channels.md describes; samocode help settings lists the settings",
      });
    }
    const fresh = ownChannels(samocode);
    if (fresh.length > 0) io.write(`You can now decide on: ${fresh.join(", ")}\n`);
    using interruption = listenForInterruption(io);
    const { testChannels } = await import("../../listen/test_channels.ts");
    const wereTaken = await testChannels(samocode, {
      waitMs,
      abort: interruption.abort,
      log: ({ title, kind, text }) => {
        const [color, mark] = MARKS[kind];
        io.write(`${paint(color, mark, io.color)}  ${title}: ${plainText(text, 600)}\n`);
      },
    });
    return wereTaken ? EXIT.done : EXIT.failed;
  },
};

function waitFrom(text = String(DEFAULT_WAIT_S)): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new SamocodeError("usage", `Cannot wait for ${JSON.stringify(plainText(text, 40))}`, {
    hint: "Use a number of seconds, such as --wait 60",
  });
}
