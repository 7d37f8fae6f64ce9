/**
 * The project's settings.
 *
 * @module
 */
import { providersOf } from "../../../settings/settings.ts";
import { type Finding, ok, problem } from "../../../contract/finding.ts";
import type { Check } from "../check.ts";

/** The check. */
export const project: Check = {
  area: "settings",
  examine({ settings, settingsProblems }): readonly Finding[] {
    if (settings !== undefined) {
      return [ok(`${settings.projectFile}: ${settings.mainRepo}, worked on by ${providersOf(settings).join(", ")}`)];
    }
    return settingsProblems.map((line) => {
      // Each line says what is wrong, and behind a period the way out.
      const [text = line, ...wayOut] = line.trim().split(/\. (?=[A-Z])/);
      const isMissing = /^Cannot find \.samocode /.test(text);
      return problem(text, isMissing ? "samocode init, in the repository" : wayOut.join(". ") || "Mend it");
    });
  },
};
