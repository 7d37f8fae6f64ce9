/**
 * Who pays for Codex, as its files and the environment tell. Prints no part of a key or token.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem } from "../../contract/finding.ts";
import { readJsonIfExists } from "../../system/files/files.ts";
import type { LoginContext } from "../agent.ts";
import { ownPath } from "../../system/user_folders.ts";
import { CODEX_FOLDER } from "./settings.ts";

/** The part of its credentials that says who pays. */
export const authSchema = z.object({ OPENAI_API_KEY: z.string().nullish(), tokens: z.object({}).nullish() });

/** Says who pays. */
export function examineCodexLogin({ env, isNeeded }: LoginContext): Finding {
  const key = ["CODEX_API_KEY", "OPENAI_API_KEY"].find((name) => env[name]);
  const auth = readJsonIfExists(ownPath({ ...CODEX_FOLDER, name: "auth.json" }, env), authSchema);
  if (auth?.tokens) return ok("Billed to a ChatGPT subscription: you are logged in");
  if (auth?.OPENAI_API_KEY) return ok("Billed by use: it stores an API key");
  if (key !== undefined) return ok(`Billed by use: ${key} is set`);
  return (isNeeded ? problem : ok)("No login found", "codex login");
}
