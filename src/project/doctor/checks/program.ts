/**
 * The program itself: its version, and what it runs on.
 *
 * @module
 */
import { type Finding, ok, problem } from "../../../contract/finding.ts";
import type { Check } from "../check.ts";

/** The oldest Deno that the code runs on. */
const OLDEST_DENO = [2, 4] as const;

/** The check. */
export const program: Check = {
  area: "samocode",
  examine({ version, self }): readonly Finding[] {
    const { deno } = Deno.version;
    const form = self.length === 1 ? `one binary, with Deno ${deno} in it` : `on Deno ${deno}`;
    const [major = 0, minor = 0] = deno.split(".").map(Number);
    const isOld = major < OLDEST_DENO[0] || (major === OLDEST_DENO[0] && minor < OLDEST_DENO[1]);
    return isOld
      ? [problem(`Version ${version}, ${form}, which is too old`, "deno upgrade")]
      : [ok(`Version ${version}, ${form}`)];
  },
};
