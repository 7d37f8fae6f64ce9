/**
 * Where Codex finds its model.
 *
 * @module
 */
import { parse } from "smol-toml";
import { readJsonIfExists, readTextIfExists } from "../../system/files/files.ts";
import { ownPath } from "../../system/user_folders.ts";
import { unlessFailing } from "../../text/errors.ts";
import type { EndpointContext } from "../agent.ts";
import { asObject, asText } from "../stream_value.ts";
import { authSchema } from "./login.ts";
import { CODEX_FOLDER } from "./settings.ts";

/** Its address; `undefined` for a provider of Codex's own other than OpenAI. Codex 0.169 reads none from the environment. */
export function codexEndpoint({ env }: EndpointContext): string | undefined {
  const text = readTextIfExists(ownPath({ ...CODEX_FOLDER, name: "config.toml" }, env)) ?? "";
  const config = asObject(unlessFailing(() => parse(text)));
  const chosen = { ...config, ...asObject(asObject(config["profiles"])[asText(config["profile"])]) };
  const provider = asText(chosen["model_provider"]) || "openai";
  const address = asText(asObject(asObject(config["model_providers"])[provider])["base_url"]);
  if (address !== "" || provider !== "openai") return address || undefined;
  const auth = readJsonIfExists(ownPath({ ...CODEX_FOLDER, name: "auth.json" }, env), authSchema);
  return asText(config["openai_base_url"]) || (auth?.tokens ? "https://chatgpt.com" : "https://api.openai.com");
}
