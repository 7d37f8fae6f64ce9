/**
 * `samocode logs`: everything that happened in a session, and what its agents said.
 *
 * @module
 */
import { openSession, type Samocode } from "../../operations/samocode.ts";
import { statusOf } from "../../operations/read_status.ts";
import { followEvents } from "../../operations/wait_session.ts";
import { describeEvent, hasLine } from "../../messages/describe_event.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { RecordedEvent } from "../../workflow/session_event.ts";
import { type CliIo, listenForInterruption } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadSamocode, SESSION } from "../load.ts";
import { lookOf, renderEvent } from "../render_event.ts";

/** Prints the journal, or what an agent said. */
export const logs: Command = {
  ...SESSION.operand,
  name: "logs",
  summary: "Print a session's events, or what its agents said",
  flags: {
    session: SESSION.flag,
    iteration: { value: "N", help: "Only this iteration" },
    tail: { value: "N", help: "Only the last lines" },
    agent: { help: "What the agent said and did, from its own log (default: in the last iteration)" },
    follow: { short: "f", help: "Keep printing until the session stops or needs you" },
    ...FLEET_FLAG,
    json: { help: "Print events as they are, one JSON object per line, with times in UTC" },
  },
  examples: [
    "samocode logs add-jwt",
    "samocode logs add-jwt -f --tail 20",
    "samocode logs add-jwt --agent --iteration 3",
  ],
  async run(io, args): Promise<number> {
    const iteration = readNumber(args, "iteration");
    const tail = readNumber(args, "tail");
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    const printer = new Printer(io, tail);
    if (args.switches.has("agent")) {
      if (args.switches.has("follow")) {
        throw new SamocodeError("usage", "Cannot follow what the agent says: --agent prints what is there", {
          hint: `To watch it work: samocode status ${session} --watch`,
        });
      }
      await printAgent(samocode, { session, iteration, json: args.switches.has("json"), printer, io });
      return 0;
    }
    const last = printJournal(samocode, { session, iteration, json: args.switches.has("json"), printer, io });
    if (args.switches.has("follow")) await follow(samocode, { ...last, io, json: args.switches.has("json") });
    return 0;
  },
};

interface Printing {
  readonly session: string;
  readonly iteration: number | undefined;
  readonly json: boolean;
  readonly printer: Printer;
  readonly io: CliIo;
}

/** What was printed, and whether the iteration in question goes on. */
interface Printed extends Pick<Printing, "session"> {
  readonly wants: (event: RecordedEvent) => boolean;
  readonly after: number;
}

/** Prints each event as it is read, and keeps none. */
function printJournal(samocode: Samocode, { session, iteration, json, printer, io }: Printing): Printed {
  const isOfIteration = ofIteration(iteration);
  const wants = (event: RecordedEvent) => isOfIteration(event) && (json || hasLine(event));
  let after = 0;
  const see = (event: RecordedEvent) => {
    after = event.seq;
    if (wants(event)) printer.print(json ? jsonText(event) : renderEvent(event, io));
  };
  using folder = openSession(samocode, session, { readOnly: true, see });
  printer.flush();
  if (folder.journal.doubt !== undefined) io.writeError(`Warning: ${statusOf(folder).detail}\n`);
  return { session, wants, after };
}

async function follow(
  samocode: Samocode,
  { session, wants, after, io, json }: Printed & Pick<Printing, "io" | "json">,
): Promise<void> {
  using interruption = listenForInterruption(io);
  let warned: string | undefined;
  const { abort } = interruption;
  for await (const { events, status, folder, isOver } of followEvents(samocode, { session, after, abort })) {
    const { doubt } = folder.journal;
    if (doubt !== undefined && doubt !== warned && events.length > 0) io.writeError(`Warning: ${status.detail}\n`);
    warned = doubt;
    for (const event of events.filter(wants)) io.write(`${json ? jsonText(event) : renderEvent(event, io)}\n`);
    if (isOver) return;
  }
}

/** An iteration lasts until the next one begins: what follows from its signal belongs to it. */
function ofIteration(wanted: number | undefined): (event: RecordedEvent) => boolean {
  let current = 0;
  return (event) => {
    if (event.type === "iteration.started") current = event.iteration;
    return wanted === undefined || current === wanted;
  };
}

async function printAgent(samocode: Samocode, { session, iteration, json, printer, io }: Printing): Promise<void> {
  const { readAgentLog } = await import("../../operations/read_agent_log.ts");
  for await (const entry of readAgentLog(samocode, { session, iteration })) {
    if (json) printer.print(jsonText(entry.kind === "event" ? entry.event : entry));
    else if (entry.kind === "event") printer.print(lookOf(entry.event.type, describeEvent(entry.event), io));
    else {
      const { attempt, provider, path } = entry;
      const where = path === undefined ? "its log is gone" : plainText(path);
      const which = `Iteration ${entry.iteration}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
      printer.print(lookOf("iteration.started", `${which} · ${plainText(provider)} · ${where}`, io));
    }
  }
  printer.flush();
}

function readNumber({ values }: Arguments, flag: string): number | undefined {
  const text = values[flag];
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new SamocodeError("usage", `Cannot read --${flag} ${JSON.stringify(text.slice(0, 80))} as a number`, {
    hint: `Write --${flag} 20, for example`,
  });
}

/** How many characters are written at once. */
const BATCH = 64 * 1024;

/** Writes lines in batches, or keeps the last ones. */
class Printer {
  readonly #write: CliIo["write"];
  readonly #tail: number;
  #lines: string[] = [];
  #length = 0;

  constructor({ write }: Pick<CliIo, "write">, tail = Infinity) {
    this.#write = write;
    this.#tail = tail;
  }

  print(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    // Shifting one by one would move all others each time.
    if (this.#lines.length >= 2 * this.#tail) this.#lines = this.#lines.slice(-this.#tail);
    if (this.#tail === Infinity && this.#length >= BATCH) this.flush();
  }

  flush(): void {
    const lines = this.#lines.splice(0).slice(-this.#tail);
    this.#length = 0;
    if (lines.length > 0) this.#write(`${lines.join("\n")}\n`);
  }
}
