/**
 * Asks the server whether the channel would work, without publishing anything.
 *
 * @module
 */
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { messageOf } from "../../text/errors.ts";
import type { ExamineContext } from "../channel.ts";
import { ChannelError } from "../open_channel.ts";
import { askProtection, cannot } from "./protection.ts";
import { type NtfySettings, placeOf, writeAccess } from "./server.ts";

const TIMEOUT_MS = 5_000;

/** Checks whether messages can be sent and decisions taken. */
export async function examineNtfy(
  settings: NtfySettings,
  { fetch }: Pick<ExamineContext, "fetch">,
): Promise<readonly Finding[]> {
  const { url, topic, token, problem: wrong } = placeOf(settings);
  if (wrong !== undefined) return [problem(...halves(wrong))];
  const options = { fetch, timeoutMs: TIMEOUT_MS };
  try {
    const access = await writeAccess(url, { topic, token }, options);
    if (access !== "allowed") {
      const why = token === "" ? `Writing to ${topic} requires a token. Set NTFY_TOKEN` : "";
      return [problem(...halves(why || cannot(access, "NTFY_TOKEN", { verb: "write", topic })))];
    }
    const why = await askProtection(settings, options)();
    if (why === undefined) return [ok("ntfy takes messages and decisions")];
    return [token === "" ? ok(...halves(why)) : warning(...halves(why))];
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return [warning(messageOf(error), "Check the network and NTFY_URL; sessions run without it")];
  }
}

/** Splits a problem from its fix. */
function halves(words: string): readonly [string, string] {
  const [wrong = "", ...fix] = words.split(/\. (?=[A-Z])/);
  return [wrong, fix.join(". ")];
}
