/**
 * The shipped texts: the workflow and the agents. They are beside `main.ts`, also inside the compiled binary.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError, systemError } from "../text/errors.ts";

/** The contents of an agent's file. */
export interface ShippedAgent {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  readonly prompt: string;
}

/** Reads the workflow, which every agent gets. */
export function readWorkflow(root: string): string {
  return readShipped(root, "workflow.md");
}

/** Reads an agent's file. */
export function readAgent(root: string, name: string): ShippedAgent {
  return parseAgent(readShipped(root, join("agents", `${name}.md`)));
}

/**
 * Parses an agent's file: front matter with one-line `key: value` pairs, then the prompt.
 *
 * @throws {SamocodeError} If there is no front matter.
 */
export function parseAgent(text: string): ShippedAgent {
  const [, head, prompt] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text) ?? [];
  if (head === undefined || prompt === undefined) {
    throw new SamocodeError("system", "Cannot read an agent's file: it has no front matter", {
      hint: "Begin the file with --- and the lines name, description and tools",
    });
  }
  const field = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(head)?.[1]?.trim() ?? "";
  return {
    name: field("name"),
    description: field("description"),
    tools: field("tools").split(",").map((tool) => tool.trim()).filter((tool) => tool !== ""),
    prompt: prompt.trim(),
  };
}

function readShipped(root: string, path: string): string {
  try {
    return Deno.readTextFileSync(join(root, path));
  } catch (error) {
    const hint = "Reinstall samocode: a part of it is missing";
    throw systemError(`Cannot read the shipped file ${path}`, { error, hint });
  }
}
