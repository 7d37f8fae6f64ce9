/**
 * `samocode trust`: says that the files of a project are the user's own or were read.
 *
 * @module
 */
import { dirname } from "node:path";
import { refuseAgents } from "../../operations/people_only.ts";
import { type TrustView, viewTrust } from "../../operations/trust_project.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { confirm } from "../ask_person.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";

/** The command. */
export const trust: Command = {
  name: "trust",
  summary: "Trust the project's settings and its repository's agent settings",
  operands: "",
  maxPositionals: 0,
  flags: {
    show: { help: "Show what they set, and whether they are trusted" },
    revoke: { help: "Trust them no more" },
    yes: { short: "y", help: "Trust them without asking" },
  },
  examples: ["samocode trust", "samocode trust --show", "samocode trust --revoke"],
  run(io, { values, switches }): Promise<number> {
    const view = viewTrust({ ...io, config: values["config"] });
    if (switches.has("show")) {
      io.write(renderTrust(view));
      return Promise.resolve(0);
    }
    refuseAgents({ verb: "trust", env: io.env, places: [dirname(view.projectFile)] });
    if (switches.has("revoke")) {
      view.revoke();
      io.write(`Not trusted any more: ${plainText(view.projectFile)}\n`);
      return Promise.resolve(0);
    }
    if (!switches.has("yes") && !io.isInputTerminal) {
      throw new SamocodeError("usage", "Cannot ask whether to trust: stdin is not a terminal", {
        hint: "Look at samocode trust --show, then: samocode trust --yes",
      });
    }
    return Promise.resolve(offer(io, view, { asks: !switches.has("yes") }) ? 0 : 1);
  },
};

/**
 * Asks where another command was refused. What belongs to another user is not asked about in passing.
 *
 * @returns Whether the person trusts what they were shown.
 */
export function askToTrust(io: CliIo, { values }: Arguments): boolean {
  const view = viewTrust({ ...io, config: values["config"] });
  if (view.files.some(({ isForeign }) => isForeign)) return false;
  refuseAgents({ verb: "trust", env: io.env, places: [dirname(view.projectFile)] });
  return offer(io, view, { asks: true });
}

/** Shows what is to be trusted, and trusts exactly that if the person says yes. */
function offer(io: CliIo, view: TrustView, { asks }: { readonly asks: boolean }): boolean {
  io.write(renderTrust(view));
  if (view.files.every(({ isTrusted }) => isTrusted)) return true;
  if (asks && !confirm(io, "They choose programs, hosts and keys, with all your rights. Trust them?")) return false;
  view.trust();
  io.write(`Trusted: ${plainText(view.projectFile)}\n\n`);
  return true;
}

function renderTrust({ files }: TrustView): string {
  return files.map(({ path, standing, sets }) =>
    [`${plainText(path)}: ${standing}`, ...sets.map((line) => `  ${line}`)].join("\n") + "\n"
  ).join("");
}
