/**
 * Says what a tool call is about, in a few words.
 *
 * @module
 */
import { asText, type JsonObject } from "./json_value.ts";

/** The inputs that say most, the best first. File contents never do. */
const TELLING = ["command", "file_path", "path", "pattern", "skill", "query", "url", "description", "prompt"] as const;

/** The most telling input of a tool call; empty where none is known. */
export function aboutTool(input: JsonObject): string {
  for (const name of TELLING) {
    const text = asText(input[name]).trim();
    if (text !== "") return text;
  }
  return "";
}
