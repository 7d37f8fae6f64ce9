/**
 * `samocode man`: the manual page, for whoever packs the program.
 *
 * @module
 */
import type { Command } from "../command.ts";

/** The command. */
export function man(commands: () => readonly Command[]): Command {
  return {
    name: "man",
    summary: "Print the manual page; to read it: samocode man | man -l -",
    operands: "",
    maxPositionals: 0,
    flags: {},
    examples: ["samocode man > samocode.1"],
    hidden: true,
    async run({ write, version }): Promise<number> {
      const { renderManPage } = await import("../render_man.ts");
      write(renderManPage(commands(), { version, date: new Date().toISOString().slice(0, 10) }));
      return 0;
    },
  };
}
