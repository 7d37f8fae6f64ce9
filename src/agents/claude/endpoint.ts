/**
 * Where Claude Code finds its model.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { readJsonIfExists } from "../../system/files/files.ts";
import { ownPath } from "../../system/user_folders.ts";
import type { EndpointContext } from "../agent.ts";
import { CLAUDE_FOLDER, type ClaudeSettings, CLOUDS } from "./settings.ts";

const settingsSchema = z.object({ env: z.record(z.string(), z.string()).optional() });

/** Its address; `undefined` for a cloud, whose address follows from more than this, and behind a proxy of its own. */
export function claudeEndpoint(
  { env, workplace, trustsRepository }: EndpointContext,
  { settingSources }: Pick<ClaudeSettings, "settingSources">,
): string | undefined {
  // Its settings override the environment, the later ones the earlier.
  const files = {
    user: ownPath({ ...CLAUDE_FOLDER, name: "settings.json" }, env),
    project: join(workplace, ".claude", "settings.json"),
    local: join(workplace, ".claude", "settings.local.json"),
  };
  const sources = trustsRepository ? settingSources.split(",") : ["user"];
  const read = Object.entries(files).filter(([source]) => sources.includes(source))
    .map(([, path]) => readJsonIfExists(path, settingsSchema)?.env ?? {});
  const set: Readonly<Record<string, string>> = Object.assign({}, ...read);
  const all = { ...env, ...set };
  if (Object.keys(CLOUDS).some((variable) => all[variable])) return undefined;
  if (Object.keys(set).some((variable) => /_proxy$/i.test(variable))) return undefined;
  return all["ANTHROPIC_BASE_URL"] || "https://api.anthropic.com";
}
