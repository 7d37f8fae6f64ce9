/**
 * `samocode list`: all sessions of this project, or of all of them.
 *
 * @module
 */
import { type KnownProjects, knownProjects } from "../../operations/known_projects.ts";
import { archived, listRows, listStatuses, projectName } from "../../operations/list_sessions.ts";
import { SamocodeError } from "../../text/errors.ts";
import { jsonText } from "../../text/json_text.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { loadSamocode } from "../load.ts";
import { renderList } from "../render_list.ts";

/** Lists sessions. */
export const list: Command = {
  name: "list",
  looksAround: true,
  summary: "List all sessions, newest first",
  flags: {
    all: { help: "Those of all your projects: the ones you trust, and this one" },
    archived: { help: "Those of the archive instead" },
    fleet: { help: "Those of the fleet (SAMOCODE_FLEET), with their workers and accounts" },
    project: { value: "NAME", help: "With --fleet: only those of this project" },
    json: { help: "Print JSON" },
  },
  examples: ["samocode list", "samocode list --all", "samocode list --archived"],
  fleet: { asksItself: true },
  async run(io, args): Promise<number> {
    if (args.switches.has("fleet")) return await listTheFleet(io, args);
    if (args.values["project"] !== undefined) {
      throw new SamocodeError("usage", "Cannot list a project by its name without --fleet", {
        hint: "Add --fleet, or use --config FILE or --all",
      });
    }
    const { projects: found, leftOut } = projectsFor(io, args);
    const projects = args.switches.has("archived") ? found.map(archived) : found;
    for (const problem of leftOut) io.writeError(`Skipped: ${plainText(problem)}\n`);
    if (args.switches.has("json")) {
      const statuses = projects.flatMap((project) =>
        listStatuses(project).map((status) => ({ project: projectName(project), ...status }))
      );
      io.write(`${jsonText(statuses)}\n`);
      return 0;
    }
    const isOfSeveral = args.switches.has("all");
    const listed = projects.flatMap((project) => listRows(project));
    const rows = isOfSeveral ? listed.sort(byStart) : listed;
    io.write(
      renderList(rows, {
        color: io.color,
        columns: io.columns,
        nowMs: io.clock?.calendar() ?? Date.now(),
        isOfSeveral,
      }),
    );
    return 0;
  },
};

async function listTheFleet(io: CliIo, { values, switches }: Arguments): Promise<number> {
  const { listFleet } = await import("../../fleet/list_fleet.ts");
  const nowMs = io.clock?.calendar() ?? Date.now();
  const rows = await listFleet(io.env, { project: values["project"], nowMs });
  if (switches.has("json")) io.write(`${jsonText(rows)}\n`);
  else if (rows.length === 0) io.write('No session in the fleet yet. Submit one: samocode submit "what to do"\n');
  else io.write(renderList(rows, { color: io.color, columns: io.columns, nowMs, isOfSeveral: true }));
  return 0;
}

function projectsFor(io: CliIo, args: Arguments): Pick<KnownProjects, "projects" | "leftOut"> {
  if (args.switches.has("all")) return knownProjects({ ...io, config: args.values["config"] });
  return { projects: [loadSamocode(io, args)], leftOut: [] };
}

/** The newest first; what has not begun, or cannot be read, stays where it is. */
function byStart(a: { readonly startedAt: string | undefined }, b: { readonly startedAt: string | undefined }): number {
  return (b.startedAt ?? "") < (a.startedAt ?? "") ? -1 : (b.startedAt ?? "") > (a.startedAt ?? "") ? 1 : 0;
}
