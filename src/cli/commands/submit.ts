/**
 * `samocode submit`: submits a session to the fleet.
 *
 * @module
 */
import { subjectOf } from "../../operations/assignment.ts";
import { PROVIDER_CHOICES } from "../../operations/samocode.ts";
import { whoTyped } from "../../messages/who_decided.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText, shellWord } from "../../text/terminal_text.ts";
import type { Arguments, Command } from "../command.ts";
import { readAmount } from "../read_amount.ts";
import { BUDGET_FLAGS, readAssignment, TASK_FLAGS, WORKER_FLAGS } from "../session_request.ts";

const { provider } = WORKER_FLAGS;

/** Submits a session. */
export const submit: Command = {
  name: "submit",
  operands: '["TASK"]',
  maxPositionals: 1,
  listedWith: "fleet",
  summary: "Submit a session to the fleet, to run on any of its machines",
  flags: {
    session: { value: "NAME", help: "Session name (default: made from the task)" },
    ...TASK_FLAGS,
    ...BUDGET_FLAGS,
    ...(provider && { provider }),
    project: { value: "NAME", help: "The project's name in the fleet (default: the last part of its repository)" },
    repo: { value: "URL", help: "The repository to work on (default: this project's origin)" },
    account: {
      value: "NAME",
      help: "The login to use, with its limit from samocode fleet limit (default: default)",
    },
    priority: { value: "N", help: "Higher runs sooner, from -1000 to 1000 (default: 0)" },
    pool: { value: "NAME", help: "The pool of workers that may take it (default: default)" },
    label: { value: "NAMES", help: "Only workers with all of these labels may take it, such as gpu,big" },
    json: { help: "Print the new session as JSON" },
  },
  examples: [
    'samocode submit "Add JWT login"',
    'samocode submit --task "Add JWT login" --session add-jwt --label gpu',
    'samocode submit --repo https://git.example/shop.git --task "Add JWT login"',
  ],
  async run(io, args): Promise<number> {
    const task = taskIn(args);
    const chosen = readProvider(args.values["provider"]);
    const priority = readPriority(args.values["priority"]);
    const { submitFrom } = await import("../../fleet/submit_from.ts");
    const { session, project, repo, account, pool, label } = args.values;
    const given = { ...readAssignment(io, args), ...(task !== undefined && { task }) };
    if (subjectOf(given) === undefined) throw nothingToDo();
    const { submitted, warnings } = await submitFrom({ ...io, config: args.values["config"] }, {
      ...given,
      ...{ session, project, repository: repo, account, pool, priority, provider: chosen },
      labels: label === undefined ? undefined : label.split(",").map((each) => each.trim()),
      maxCostUsd: readAmount(args, "max-cost", "limit what a session may cost"),
      by: whoTyped("submit", io),
    });
    for (const warning of warnings) io.writeError(`Warning: ${plainText(warning)}\n`);
    io.write(args.switches.has("json") ? `${jsonText(submitted)}\n` : renderSubmitted(submitted));
    return 0;
  },
};

function renderSubmitted({ project, session }: { readonly project: string; readonly session: string }): string {
  const name = shellWord(`${project}/${session}`);
  return `Submitted ${plainText(project)}/${plainText(session)}.\n\n  samocode status ${name} --fleet\n` +
    `  samocode logs ${name} --fleet -f\n`;
}

/** The task from the operand. Refuses a single word, which could be a session's name as well. */
function taskIn({ positionals: [operand], values }: Arguments): string | undefined {
  if (operand === undefined) return undefined;
  if (values["task"] !== undefined) {
    throw new SamocodeError("usage", "Cannot submit a session: two tasks were given", {
      hint: "Give the task either as text or with --task; use --session to name the session",
    });
  }
  if (operand.trim() === "") throw nothingToDo();
  if (/\s/.test(operand.trim())) return operand;
  throw new SamocodeError(
    "usage",
    `Cannot submit ${JSON.stringify(operand.slice(0, 80))}: it may be a task or a session`,
    {
      hint: `If it is the task: samocode submit --task ${shellWord(operand)}. To continue a session: samocode start ${
        shellWord(operand)
      } --fleet`,
    },
  );
}

function nothingToDo(): SamocodeError {
  return new SamocodeError("usage", "Cannot submit a session: no task was given", {
    hint: 'Say what to do: samocode submit "what to do"',
  });
}

function readProvider(name: string | undefined): string | undefined {
  if (name === undefined || PROVIDER_CHOICES.some((one) => one === name)) return name;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(name.slice(0, 80))} as a provider`, {
    hint: `Use one of ${PROVIDER_CHOICES.join(", ")}`,
  });
}

function readPriority(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const priority = Number(text);
  if (/^-?\d{1,4}$/.test(text) && Math.abs(priority) <= 1000) return priority;
  throw new SamocodeError("usage", `Cannot read --priority ${JSON.stringify(text.slice(0, 80))} as a number`, {
    hint: "Write a whole number from -1000 to 1000",
  });
}
