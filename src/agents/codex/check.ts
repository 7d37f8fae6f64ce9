/**
 * Codex: whether it is there, and who pays for it.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { type Finding, ok, problem } from "../../contract/finding.ts";
import type { AgentCheckContext } from "../agent.ts";
import { examineProgram, readJsonFile } from "../client_program.ts";
import { ownFolder } from "../own_folder.ts";
import { CODEX_FOLDER, CODEX_SETTINGS } from "./settings.ts";

/** Examines the program and its login. */
export async function examineCodex(
  { settings, ...context }: AgentCheckContext<typeof CODEX_SETTINGS>,
): Promise<readonly Finding[]> {
  const { isFound, finding } = await examineProgram({ ...context, binary: settings?.binary }, {
    row: CODEX_SETTINGS.binary,
    title: "Codex",
    instead: "Name the codex.exe that it starts with CODEX_PATH",
  });
  return isFound ? [finding, billing(context)] : [finding];
}

const authSchema = z.object({ OPENAI_API_KEY: z.string().nullish(), tokens: z.object({}).nullish() });

function billing({ env, isNeeded }: Pick<AgentCheckContext, "env" | "isNeeded">): Finding {
  const key = ["CODEX_API_KEY", "OPENAI_API_KEY"].find((name) => env[name]);
  const auth = readJsonFile(join(ownFolder(CODEX_FOLDER, env), "auth.json"), authSchema);
  if (auth?.tokens) return ok("Billed to a ChatGPT subscription: you are logged in");
  if (auth?.OPENAI_API_KEY) return ok("Billed by use: it keeps an API key");
  if (key !== undefined) return ok(`Billed by use: ${key} is set`);
  const text = "Not logged in, as far as can be told";
  return isNeeded ? problem(text, "codex login") : ok(text, "codex login");
}
