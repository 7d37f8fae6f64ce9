/**
 * `samocode fleet`: sets up and maintains a fleet, with a subcommand for each task.
 *
 * @module
 */
import type { Finding } from "../../contract/finding.ts";
import type { MemberKind } from "../../fleet/roles.ts";
import { refuseAgents } from "../../operations/people_only.ts";
import { SamocodeError } from "../../text/errors.ts";
import { formatCount } from "../../text/format.ts";
import { jsonText } from "../../text/json_text.ts";
import { paint, plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import { type Arguments, type Command, EXIT, type Flags } from "../command.ts";

/** A subcommand: its operands and flags, and what it does. */
interface Subcommand {
  readonly operands: readonly string[];
  readonly summary: string;
  readonly flags: Flags;
  run(io: CliIo, args: Arguments, operands: readonly string[]): Promise<number>;
}

const init: Subcommand = {
  operands: [],
  summary: "Set the fleet up in its database, or bring it up to date",
  flags: {},
  async run(io): Promise<number> {
    const { initFleet } = await import("../../fleet/init_fleet.ts");
    const { kind, shown, version } = await initFleet(io.env);
    io.write(`${kind === "made" ? "Set up" : "Updated"} the fleet at ${plainText(shown)}, schema ${version}.\n`);
    if (kind === "made") io.write("Next: samocode fleet grant ROLE PROJECT --repo URL --as worker\n");
    return EXIT.done;
  },
};

const KINDS = ["worker", "submitter", "reader"] as const satisfies readonly MemberKind[];

const grant: Subcommand = {
  operands: ["ROLE", "PROJECT"],
  summary: "Give a database role access to a project",
  flags: {
    as: { value: "KIND", completes: KINDS, help: "worker, submitter (the default) or reader" },
    repo: { value: "URL", help: "The project's repository; creates the project if it does not exist" },
  },
  async run(io, { values }, [role = "", project = ""]): Promise<number> {
    const named = values["as"] ?? "submitter";
    const kind = KINDS.find((known) => known === named);
    if (kind === undefined) {
      throw new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(named, 40))} with --as`, {
        hint: `Use one of ${KINDS.join(", ")}`,
      });
    }
    const [{ Engine }, { grantRole }] = await Promise.all([
      import("../../fleet/engine.ts"),
      import("../../fleet/roles.ts"),
    ]);
    await using engine = await Engine.open(io.env, { use: "person", maxConnections: 1 });
    await grantRole(engine, { role, project, kind, repository: values["repo"] });
    io.write(plainText(`${role} is now a ${kind} of ${project}.`) + "\n");
    return EXIT.done;
  },
};

const limit: Subcommand = {
  operands: ["ACCOUNT", "N"],
  summary: "Set how many sessions of an account may run at a time; 0 drains it",
  flags: { priority: { value: "P", help: "Added to the priority of the account's sessions; higher goes first" } },
  async run(io, { values }, [name = "", number = ""]): Promise<number> {
    const maxSessions = readNumber(number, { what: "limit", min: 0, max: 100_000 });
    const wanted = values["priority"];
    const priority = wanted === undefined
      ? undefined
      : readNumber(wanted, { what: "priority", min: -1_000_000, max: 1_000_000 });
    const [{ Engine }, { setLimit }] = await Promise.all([
      import("../../fleet/engine.ts"),
      import("../../fleet/accounts.ts"),
    ]);
    await using engine = await Engine.open(io.env, { use: "person", maxConnections: 1 });
    const account = await setLimit(engine, { name, maxSessions, priority });
    const shown = account.priority === 0 ? "" : `, with priority ${account.priority}`;
    io.write(`${name} may run ${formatCount(maxSessions, "session")} at a time${shown}.\n`);
    return EXIT.done;
  },
};

const drain: Subcommand = {
  operands: ["WORKER"],
  summary: "Make a worker hand over its sessions after their iterations, then exit",
  flags: {},
  async run(io, _args, [name = ""]): Promise<number> {
    const [{ Engine }, { drainWorker }] = await Promise.all([
      import("../../fleet/engine.ts"),
      import("../../fleet/workers.ts"),
    ]);
    await using engine = await Engine.open(io.env, { use: "person", maxConnections: 1 });
    await drainWorker(engine, name);
    io.write(plainText(`${name} will hand over its sessions after their iterations, then exit.`) + "\n");
    return EXIT.done;
  },
};

const doctor: Subcommand = {
  operands: [],
  summary: "Check the connection, your permissions, workers and queued sessions",
  flags: { json: { help: "Print JSON" } },
  async run(io, { switches }): Promise<number> {
    const { diagnoseFleet } = await import("../../fleet/diagnose_fleet.ts");
    const findings = await diagnoseFleet(io.env, { folder: io.workingDirectory });
    const usable = findings.every(({ level }) => level !== "problem");
    if (switches.has("json")) io.write(jsonText({ usable, findings }) + "\n");
    else io.write(findings.map((finding) => renderFinding(finding, io.color)).join(""));
    return usable ? EXIT.done : EXIT.failed;
  },
};

const take: Subcommand = {
  operands: ["SESSION"],
  summary: "Bring a session that is not running into this project, to finish it here",
  flags: { json: { help: "Print JSON" } },
  async run(io, { values, switches }, [session = ""]): Promise<number> {
    const { takeSession } = await import("../../fleet/take.ts");
    const taken = await takeSession({ ...io, config: values["config"] }, session);
    if (switches.has("json")) io.write(`${jsonText(taken)}\n`);
    else {
      const name = plainText(taken.session);
      io.write(`${name} is now on this machine.\n\n  samocode status ${name}\n  samocode diff ${name}\n`);
    }
    return EXIT.done;
  },
};

/** All subcommands, in the order of the help. */
const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = { init, grant, limit, take, drain, doctor };

/** Sets up and maintains a fleet. */
export const fleet: Command = {
  name: "fleet",
  summary: "Run sessions on many machines, with samocode submit and worker",
  operands: `${Object.keys(SUBCOMMANDS).join("|")} [ARGUMENT …]`,
  completes: Object.keys(SUBCOMMANDS),
  maxPositionals: 1 + Math.max(...Object.values(SUBCOMMANDS).map(({ operands }) => operands.length)),
  flags: Object.assign({}, ...Object.values(SUBCOMMANDS).map(({ flags }) => flags)),
  examples: [
    "samocode fleet init",
    "samocode fleet grant ci api --repo git@host:team/api.git --as worker",
    "samocode fleet limit team 4",
    "# Then, on each machine: samocode worker --slots 2",
    '# And from anywhere: samocode submit "Add JWT login"',
  ],
  notes: {
    title: "Subcommands",
    rows: Object.entries(SUBCOMMANDS).map(([name, { operands, summary }]) => [[name, ...operands].join(" "), summary]),
  },
  async run(io, args): Promise<number> {
    const [name = "", ...operands] = args.positionals;
    const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
    if (subcommand === undefined) {
      const what = name === ""
        ? "no subcommand was given"
        : `unknown subcommand ${JSON.stringify(plainText(name, 40))}`;
      throw new SamocodeError("usage", `Cannot run fleet: ${what}`, {
        hint: `Use one of ${Object.keys(SUBCOMMANDS).join(", ")}`,
      });
    }
    checkArguments(args, { name, operands, subcommand });
    refuseAgents({ verb: `run fleet ${name}`, env: io.env, places: [io.workingDirectory] });
    return await subcommand.run(io, args, operands);
  },
};

/** Checks the number of operands, and refuses flags of other subcommands: all of them are declared on the command. */
function checkArguments(
  { values, switches }: Arguments,
  { name, operands, subcommand }: {
    readonly name: string;
    readonly operands: readonly string[];
    readonly subcommand: Subcommand;
  },
): void {
  const hint = ["samocode fleet", name, ...subcommand.operands].join(" ");
  if (operands.length !== subcommand.operands.length || operands.includes("")) {
    const wanted = subcommand.operands.length === 0 ? "no arguments" : subcommand.operands.join(" and ");
    throw new SamocodeError("usage", `Cannot run fleet ${name}: it takes ${wanted}`, { hint });
  }
  const strange = [...Object.keys(values), ...switches].find((flag) =>
    Object.hasOwn(fleet.flags, flag) && !Object.hasOwn(subcommand.flags, flag)
  );
  if (strange === undefined) return;
  throw new SamocodeError("usage", `Cannot run fleet ${name}: it has no flag --${strange}`, { hint });
}

function readNumber(
  text: string,
  { what, min, max }: { readonly what: string; readonly min: number; readonly max: number },
): number {
  const number = Number(text);
  if (/^-?\d{1,7}$/.test(text) && number >= min && number <= max) return number;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(text, 40))} as a ${what}`, {
    hint: `Use a whole number from ${min} to ${max}`,
  });
}

const MARKS = { ok: ["green", "✓"], warning: ["yellow", "!"], problem: ["red", "✗"] } as const;

function renderFinding({ level, text, remedy }: Finding, color: boolean): string {
  const [painted, mark] = MARKS[level];
  const lines = [`${paint(painted, mark, color)} ${plainText(text)}`];
  if (remedy !== undefined) lines.push(paint("dim", `  > ${plainText(remedy)}`, color));
  return lines.join("\n") + "\n";
}
