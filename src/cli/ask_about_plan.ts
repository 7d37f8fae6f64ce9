/**
 * Shows a person the plan and takes their decision on exactly that text.
 *
 * @module
 */
import { approvePlan } from "../operations/approve_plan.ts";
import { openSession } from "../operations/samocode.ts";
import { compareTexts, editText } from "../operations/view_work.ts";
import { type PlanView, revisePlan, viewPlan } from "../operations/view_plan.ts";
import { formatCount } from "../text/format.ts";
import { countHidden } from "../text/render_markdown.ts";
import { SamocodeError } from "../text/errors.ts";
import { paint, plainText, wrapLine } from "../text/terminal_text.ts";
import { type Asking, confirm, say } from "./ask_person.ts";
import type { CliIo } from "./cli_io.ts";
import { framed, gitFlags, openEditor, pagerFor, showText } from "./show_text.ts";

/** What can be typed at a plan. */
const CHOICES = [
  ["a", /^(?:a|approve|y|yes)$/i],
  ["e", /^e(?:dit)?$/i],
  ["d", /^d(?:iff)?$/i],
  ["s", /^s(?:how)?$/i],
  ["l", /^(?:l|later|q|quit)$/i],
  ["?", /^(?:|\?|h|help)$/i],
  // A slip of the finger, or a yes in other words: too little to send the plan back with.
  ["short", /^\S{1,8}$/],
] as const;

/**
 * Asks until the person has decided.
 *
 * @param by Who decides, for the journal.
 * @returns What was decided; `undefined` if they leave it for later.
 */
export async function askAboutPlan(io: CliIo, asking: Asking & { readonly by: string }): Promise<string | undefined> {
  const { samocode, session, abort, by } = asking;
  const open = () => openSession(samocode, session);
  const look = (): PlanView | undefined => {
    using folder = open();
    return viewPlan(folder);
  };
  const decide = async (sha256: string | undefined, feedback?: string): Promise<void> => {
    using folder = open();
    await approvePlan(folder, { feedback, sha256, mustNameText: true, by });
  };
  let plan: PlanView | undefined;
  let isShown = false;
  while (true) {
    if (!isShown) {
      plan = look();
      await showPlan(io, plan);
      isShown = true;
      say(io, helpOn(plan));
    }
    const typed = await io.ask("  Your decision:", { abort, yes: "a" });
    if (typed === undefined) return undefined;
    const choice = CHOICES.find(([, pattern]) => pattern.test(typed.trim()))?.[0];
    try {
      if (choice === "l") return undefined;
      if (choice === "?") say(io, helpOn(plan));
      else if (choice === "short") say(io, `That decides nothing. ${helpOn(plan)} in a few words`);
      else if (choice === "s") isShown = false;
      else if (choice === undefined) {
        await decide(plan?.sha256, typed);
        return "The plan goes back to the agent.";
      } else if (plan === undefined) say(io, "There is no plan; say what to do about it");
      else if (choice === "d") await showChanges(io, plan);
      else if (choice === "e") isShown = !(await edit(io, { plan, open }));
      else {
        await decide(plan.sha256);
        return `Approved ${plainText(plan.name)}.`;
      }
    } catch (error) {
      // It changed meanwhile, or somebody else has decided.
      if (!(error instanceof SamocodeError) || error.code === "system") throw error;
      say(io, `${error.message}. ${error.hint}`);
      isShown = look()?.sha256 === plan?.sha256;
      if (isShown) return undefined;
    }
  }
}

/** Shows the plan and asks whether to go on with it. Returns its hash, or `undefined` if they said no. */
export async function confirmPlan(
  io: CliIo,
  { folder, question }: { readonly folder: ReturnType<typeof openSession>; readonly question: string },
): Promise<string | undefined> {
  const plan = viewPlan(folder);
  await showPlan(io, plan);
  return plan !== undefined && await confirm(io, question) ? plan.sha256 : undefined;
}

/** Shows a plan, and remembers that the person has seen it. */
export async function showPlan(io: CliIo, plan: PlanView | undefined): Promise<void> {
  if (plan === undefined) {
    io.write("\n  The plan's file is gone.\n\n");
    return;
  }
  const hidden = countHidden(plan.text);
  const fit = (line: string) => wrapLine(line, io.columns() - 1);
  const head = [
    ...fit(`  ${plainText(plan.name)} · ${formatCount(plan.total, "step")}`).map((row) => paint("bold", row, io.color)),
    ...(hidden === 0 ? [] : fit(`  ! ${formatCount(hidden, "character")} of it cannot be seen, and are not shown`))
      .map((row) => paint("yellow", row, io.color)),
  ];
  await showText(io, `\n${head.join("\n")}\n${framed(plan.text, io)}\n`);
  plan.keepShown();
}

/** Shows what changed since the plan that the person was shown before. */
export async function showChanges(io: CliIo, { name, before, cleared }: PlanView): Promise<void> {
  if (before === undefined) return say(io, "You were not shown another one before");
  const look = { pager: await pagerFor(io), flags: gitFlags(io), show: io.attach };
  await compareTexts({ name, before, now: cleared }, look);
}

/** Returns whether the plan is another one now. */
async function edit(
  io: CliIo,
  { plan, open }: { readonly plan: PlanView; readonly open: () => ReturnType<typeof openSession> },
): Promise<boolean> {
  const text = await editText(plan, (path) => openEditor(io, path));
  if (text === undefined || text === plan.text) return false;
  using folder = open();
  revisePlan(folder, { before: plan, text });
  return true;
}

function helpOn(plan: PlanView | undefined): string {
  return [
    ...(plan === undefined ? [] : ["a: approve it", "e: edit it"]),
    ...(plan?.before === undefined ? [] : ["d: what changed since you saw it"]),
    ...["s: show it again", "l: later", "or say what to change"],
  ].join(" · ");
}
