/**
 * `samocode finish`: merge or push what a session has done, and remove its worktree and branch.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import type { Finished, FinishRequest, FinishView, FinishWay } from "../../operations/finish_session.ts";
import { describeFinish, describeWork } from "../../messages/describe_work.ts";
import { hintInCommands } from "../../text/action.ts";
import { SamocodeError } from "../../text/errors.ts";
import type { Samocode } from "../../operations/samocode.ts";
import { plainLines, plainText, wrapLine } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import { type Arguments, type Command, EXIT } from "../command.ts";
import { confirm, say } from "../ask_person.ts";
import { chooseSession, loadForPerson, SESSION } from "../load.ts";
import { tellStatus } from "../render_status.ts";

const WAYS = ["merge", "ff-only", "push", "pr"] as const satisfies readonly FinishWay[];

/** Finishes a session that is done. */
export const finish: Command = {
  ...SESSION.operand,
  name: "finish",
  summary: "Merge or push a session that is done, then remove its worktree",
  flags: {
    session: SESSION.flag,
    merge: { help: "Merge its branch with a merge commit" },
    "ff-only": { help: "Merge its branch without a merge commit, or not at all" },
    push: { help: "Push its branch" },
    pr: { help: "Push its branch and open a pull request with the prepared text (needs gh)" },
    into: { value: "BRANCH", help: "The branch to merge into (default: the one that the session began from)" },
    head: { value: "COMMIT", help: "The branch's last commit, where it got more of them after the session was done" },
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode finish add-jwt", "samocode finish add-jwt --merge", "samocode finish add-jwt --pr"],
  async run(io, args): Promise<number> {
    const given = wayIn(args);
    const samocode = loadForPerson(io, args, "finish");
    const session = chooseSession(samocode, { args, state: "done" });
    const finished = await finishOrAsk(io, samocode, {
      session,
      into: args.values["into"],
      head: args.values["head"],
      way: given,
      by: whoTyped("finish", io),
      asks: io.isInputTerminal,
    });
    if (finished === undefined) {
      io.write("Nothing was done.\n");
      return EXIT.waiting;
    }
    const { status } = finished;
    if (args.switches.has("json")) tellStatus(io, args, { status, samocode });
    else io.write(render(session, finished));
    return EXIT.done;
  },
};

/** Asks the person at the end of a run, too. What cannot be done is said; the session is done all the same. */
export async function offerToFinish(
  io: CliIo,
  samocode: Samocode,
  { session, by, abort }: { readonly session: string; readonly by: string; readonly abort: AbortSignal },
): Promise<void> {
  try {
    const finished = await finishOrAsk(io, samocode, {
      session,
      by,
      abort,
      into: undefined,
      way: undefined,
      asks: true,
    });
    io.write(finished === undefined ? `\n  For later: samocode finish ${session}\n` : render(session, finished));
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    io.write(`${plainLines(`${error.message}\n  ${hintInCommands(error, { isFleets: false })}`).join("\n")}\n`);
  }
}

/** Finishes it, in the way that was given or that the person chooses; `undefined` if they leave it for later. */
async function finishOrAsk(
  io: CliIo,
  samocode: Samocode,
  { asks, abort, ...request }: FinishRequest & { readonly asks: boolean; readonly abort?: AbortSignal },
): Promise<Finished | undefined> {
  const { finishSession, viewFinish } = await import("../../operations/finish_session.ts");
  const view = await viewFinish(samocode, request);
  if (view.isBrought && abort !== undefined) {
    // At the end of a run, nobody has said yet that it is to be finished.
    const question = `${view.branch} has nothing that is not merged. Remove it and its worktree?`;
    if (!(await confirm(io, plainText(question), abort))) return undefined;
  }
  if (asks && !view.isBrought && request.way !== undefined && request.head === undefined && view.since !== undefined) {
    say(io, `! ${view.since}`);
    if (!(await confirm(io, "  Bring all of it?", abort))) return undefined;
    return await finishSession(samocode, { ...request, head: view.head });
  }
  if (request.way !== undefined || view.isBrought || !asks) return await finishSession(samocode, request);
  const { showWork } = await import("./look_at_work.ts");
  const show = async () => void await showWork(io, samocode, request);
  const way = await askWay(io, { ...view, session: request.session, abort, show });
  return way === undefined ? undefined : await finishSession(samocode, { ...request, way, head: view.head });
}

function wayIn({ switches }: Arguments): FinishWay | undefined {
  const [way, other] = WAYS.filter((each) => switches.has(each));
  if (other === undefined) return way;
  throw new SamocodeError("usage", `Cannot finish: --${way} and --${other} exclude each other`, { hint: "Choose one" });
}

async function askWay(
  io: CliIo,
  { session, branch, into, intoSession, remote, work, since, abort, show }: FinishView & {
    readonly session: string;
    readonly abort: AbortSignal | undefined;
    /** Shows the diff. */
    readonly show: () => Promise<void>;
  },
): Promise<FinishWay | undefined> {
  const whose = intoSession === undefined ? "" : `, the branch of the session ${intoSession},`;
  const ways: readonly (readonly [key: string, way: FinishWay, text: string])[] = [
    ...into === undefined ? [] : [
      ["m", "merge", `merge it into ${into}${whose} with a merge commit`] as const,
      ["f", "ff-only", `fast-forward ${into} to it`] as const,
    ],
    ...remote === undefined ? [] : [
      ...into === undefined ? [] : [["p", "pr", `push it to ${remote} and open a pull request`] as const],
      ["u", "push", `push it to ${remote}`] as const,
    ],
  ];
  const about = work === undefined ? "" : `: ${describeWork(work)}`;
  const lines = [
    plainText(`${session} is on ${branch}${about}`),
    ...(since === undefined ? [] : [plainText(`! ${since}`)]),
    ...ways.map(([key, , text]) => `  ${key}  ${plainText(text)}`),
    "  d  show what it changed",
    "  Enter to leave it for later",
  ];
  io.write(`\n${lines.flatMap((line) => wrapLine(line, io.columns() - 1)).join("\n")}\n`);
  while (true) {
    const typed = (await io.ask("How?", abort && { abort }) ?? "").trim().toLowerCase();
    if (typed === "d") await show();
    const chosen = ways.find(([key, way]) => typed === key || typed === way);
    if (chosen !== undefined || typed === "") return chosen?.[1];
  }
}

function render(session: string, { finish: done, removed, kept, hooks }: Finished): string {
  return [
    `${session} is ${describeFinish(done)}.`,
    ...(removed.length === 0 ? [] : [`Removed ${removed.join(" and ")}.`]),
    ...kept.map((what) => `Kept ${what}. Then type samocode finish ${session} again.`),
    ...(hooks.length === 0 ? [] : [`The repository's own hooks did not run: ${hooks.join(", ")}.`]),
  ].map((line) => `${plainText(line)}\n`).join("");
}
