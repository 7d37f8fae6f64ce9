/**
 * The language of `demo/script.md`, which describes it, and the facts that it starts with.
 *
 * @module
 */
import { basename, join } from "node:path";
import { readTextIfExists } from "../../system/files/files.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { readQuestions } from "../../workflow/questions.ts";
import type { DemoRequest } from "./client.ts";

/** What is known, by name. */
export type Facts = Readonly<Record<string, string>>;

/** Tells whether a scene is played: its title names the phase, and facts that hold. An empty fact counts as none. */
export function isDue(title: string, { phase, facts }: { readonly phase: string; readonly facts: Facts }): boolean {
  const [name = "", conditions = ""] = title.split(": ");
  if (name !== phase && name !== "always") return false;
  return [...conditions.matchAll(/([\w-]+) (\w+)/g)].every(([, fact = "", value]) => {
    const known = facts[fact] ?? "";
    return value === "some" ? known !== "" : known === (value === "none" ? "" : value);
  });
}

/**
 * Replaces each `{{name}}` in a text. Values are not scanned again, so a `{{name}}` in user input stays as it is.
 *
 * @throws {SamocodeError} If a fact is missing, as when a human moves the session to a later phase.
 */
export function fill(text: string, facts: Facts): string {
  return text.replace(/\{\{([\w-]+)\}\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact !== undefined) return fact;
    throw new SamocodeError("conflict", `Cannot play the demo from here: the session has no ${name}`, {
      hint: "Set Phase in the notebook back to an earlier one",
    });
  });
}

/** The facts at the start of an iteration, all of them read from the session's folder. */
export function readFacts({ sessionFolder, guidance }: Pick<DemoRequest, "sessionFolder" | "guidance">): Facts {
  const names = [...Deno.readDirSync(sessionFolder)].map(({ name }) => name);
  const documents = Object.fromEntries(names.map((name) => [name.replace(/^\d\d-\d\d-\d\d:?\d\d-|\.md$/g, ""), name]));
  const read = (name = ""): string => name === "" ? "" : readTextIfExists(join(sessionFolder, name)) ?? "";
  const questions = readQuestions(read(documents["_qa"]));
  const plan = read(documents["plan-tally-top"]);
  const [, step = "", title = ""] = /^- \[ \] (Phase \d+): (.*?)[ \t]*$/m.exec(plan) ?? [];
  return {
    ...documents,
    ...Object.fromEntries(questions.map(({ id, answer = "" }) => [id, /^[A-Z](?!\w)/.exec(answer)?.[0] ?? ""])),
    open: questions.filter(({ answer }) => answer === undefined).map(({ id }) => id).join(", "),
    step,
    title,
    feedback: /^> (.+)$/m.exec(plan)?.[1] ?? "",
    guidance: plainText(guidance, 600),
    result: /^Result: (.+)$/m.exec(read(documents["test-report"]))?.[1] ?? "tests were not run",
    session: basename(sessionFolder),
  };
}
