/**
 * `samocode finish`: merge or push what a session has done, and remove its worktree and branch.
 *
 * @module
 */
import type { Finished, FinishView, FinishWay } from "../../operations/finish_session.ts";
import { describeFinish, describeWork } from "../../messages/describe_event.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import { type Arguments, type Command, EXIT } from "../command.ts";
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
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode finish add-jwt", "samocode finish add-jwt --merge", "samocode finish add-jwt --pr"],
  async run(io, args): Promise<number> {
    const given = wayIn(args);
    const samocode = loadForPerson(io, args, "finish");
    const { finishSession, viewFinish } = await import("../../operations/finish_session.ts");
    const request = { session: chooseSession(samocode, { args, state: "done" }), into: args.values["into"] };
    const view = await viewFinish(samocode, request);
    const asks = given === undefined && !view.isBrought && io.isInputTerminal;
    const way = asks ? await askWay(io, { ...view, session: request.session }) : given;
    if (asks && way === undefined) {
      io.write("Nothing was done.\n");
      return EXIT.waiting;
    }
    const finished = await finishSession(samocode, { ...request, way, by: "samocode finish" });
    const { status } = finished;
    if (args.switches.has("json")) tellStatus(io, args, { status, samocode });
    else io.write(render(request.session, finished));
    return EXIT.done;
  },
};

function wayIn({ switches }: Arguments): FinishWay | undefined {
  const [way, other] = WAYS.filter((each) => switches.has(each));
  if (other === undefined) return way;
  throw new SamocodeError("usage", `Cannot finish: --${way} and --${other} exclude each other`, { hint: "Choose one" });
}

async function askWay(
  io: CliIo,
  { session, branch, into, remote, work }: FinishView & { readonly session: string },
): Promise<FinishWay | undefined> {
  const ways: readonly (readonly [key: string, way: FinishWay, text: string])[] = [
    ...into === undefined ? [] : [
      ["m", "merge", `merge it into ${into} with a merge commit`] as const,
      ["f", "ff-only", `fast-forward ${into} to it`] as const,
    ],
    ...remote === undefined ? [] : [
      ...into === undefined ? [] : [["p", "pr", `push it to ${remote} and open a pull request`] as const],
      ["u", "push", `push it to ${remote}`] as const,
    ],
  ];
  const about = work === undefined ? "" : `: ${describeWork(work)}`;
  io.write(plainText(`${session} is on ${branch}${about}`) + "\n");
  io.write(ways.map(([key, , text]) => `  ${key}  ${plainText(text)}\n`).join("") + "  Enter to leave it for later\n");
  while (true) {
    const typed = (await io.ask("How?") ?? "").trim().toLowerCase();
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
