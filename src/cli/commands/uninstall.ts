/**
 * `samocode uninstall`: removes what `samocode install` wrote, and nothing else.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { INSTALLATION_FLAGS } from "../installation.ts";

/** The command. */
export const uninstall: Command = {
  name: "uninstall",
  summary: "Remove what install added, and nothing else",
  operands: "",
  maxPositionals: 0,
  flags: INSTALLATION_FLAGS,
  examples: ["samocode uninstall", "samocode uninstall --target codex --dry-run"],
  async run(io, args): Promise<number> {
    const { performUninstall } = await import("../perform_uninstall.ts");
    return await performUninstall(io, args);
  },
};
