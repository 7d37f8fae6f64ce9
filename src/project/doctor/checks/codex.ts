/**
 * Codex: whether it is there, and who pays for it.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { findProgram, findScript } from "../../install/find_program.ts";
import { codexFolder } from "../../install/place.ts";
import { readTextIfExists } from "../../../system/files/files.ts";
import { providersOf } from "../../../settings/settings.ts";
import { type Check, type DiagnosisContext, type Finding, ok, problem } from "../check.ts";
import { clientVersion } from "../client_version.ts";

/** The check. */
export const codex: Check = {
  area: "Codex",
  async examine(context): Promise<readonly Finding[]> {
    const { env, settings } = context;
    const isNeeded = settings !== undefined && providersOf(settings).includes("codex");
    const binary = settings?.codex.binary ?? (env["CODEX_PATH"] || "codex");
    const path = findProgram(binary, env);
    if (path !== undefined) return [await clientVersion(path, context), billing(context, isNeeded)];
    if (!isNeeded) return [ok("Not there, and not needed")];
    const script = findScript(binary, env);
    return [
      script === undefined
        ? problem(`There is no program ${binary}`, "Install Codex, or name it with CODEX_PATH")
        : problem(`There is only a script, ${script}`, "Name the codex.exe that it starts with CODEX_PATH"),
    ];
  },
};

const authSchema = z.object({ OPENAI_API_KEY: z.string().nullish(), tokens: z.object({}).nullish() });

function billing({ env }: DiagnosisContext, isNeeded: boolean): Finding {
  const key = ["CODEX_API_KEY", "OPENAI_API_KEY"].find((name) => env[name]);
  const auth = readAuth(join(codexFolder(env), "auth.json"));
  if (auth?.tokens) return ok("Billed to a ChatGPT subscription: you are logged in");
  if (auth?.OPENAI_API_KEY) return ok("Billed by use: it keeps an API key");
  if (key !== undefined) return ok(`Billed by use: ${key} is set`);
  const text = "Not logged in, as far as can be told";
  return isNeeded ? problem(text, "codex login") : ok(text, "codex login");
}

function readAuth(path: string): z.infer<typeof authSchema> | undefined {
  try {
    return authSchema.parse(JSON.parse(readTextIfExists(path) ?? ""));
  } catch {
    return undefined;
  }
}
