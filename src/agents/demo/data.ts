/**
 * Access to the demo's data: the script, texts, patches and sample project shipped in `demo/`.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists } from "../../system/files/files.ts";

/** Values for the `{{name}}` in texts and patches. */
export type Facts = Readonly<Record<string, string | number>>;

/** One step of a scene: `Write plan as plan-tally-top`. */
export interface Step {
  readonly verb: string;
  readonly rest: string;
}

/** Finds the first scene whose conditions hold: `## quality: ran failed` requires the fact `ran` to be `failed`. */
export function findScene(
  data: string,
  { phase, facts }: { readonly phase: string; readonly facts: Facts },
): readonly Step[] {
  const scenes = readShipped(data, "texts/script.md").split(/^## /m).map((scene) => scene.split("\n"));
  const scene = scenes.find(([title = ""]) => {
    const [name, conditions = ""] = title.split(": ");
    return name === phase &&
      [...conditions.matchAll(/(\w+) (\w+)/g)].every(([, fact = "", value]) =>
        String(facts[fact] ?? "") === (value === "none" ? "" : value)
      );
  });
  if (scene === undefined) throw new Error(`the demo's script has no scene for ${phase}`);
  return scene.slice(1).flatMap((line) => {
    const [, verb, rest = ""] = /^(>|\w+:?) (.*)$/.exec(line) ?? [];
    return verb === undefined ? [] : [{ verb, rest }];
  });
}

/** Replaces each `{{name}}` in a text. Values are not scanned again, so a `{{name}}` in user input stays as it is. */
export function fill(text: string, facts: Facts): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact === undefined) throw new Error(`the demo's player does not know ${name}`);
    return String(fact);
  });
}

/** Reads and fills in a text from `demo/texts/`. */
export function fillText(data: string, { name, facts }: { readonly name: string; readonly facts: Facts }): string {
  return fill(readShipped(data, `texts/${name}.md`), facts);
}

/** Reads a shipped file of the demo. */
export function readShipped(data: string, path: string): string {
  const text = readTextIfExists(join(data, path));
  if (text === undefined) throw new Error(`the shipped file demo/${path} is missing`);
  return text;
}

/** The names in a folder, sorted. */
export function namesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
