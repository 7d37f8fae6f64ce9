/**
 * Takes the words about one version out of the changelog: they become the text of its release.
 *
 * @module
 */

/**
 * The section of a version, without its heading; see https://keepachangelog.com/en/1.1.0/ for the form.
 *
 * @param heading What stands in the brackets: `0.1.0` or `Unreleased`.
 * @returns `undefined` where there is no such section, or nothing in it.
 */
export function changelogSection(changelog: string, heading: string): string | undefined {
  const lines = changelog.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.startsWith(`## [${heading}]`));
  if (begin === -1) return undefined;
  const rest = lines.slice(begin + 1);
  // The next version, or the addresses at the end that the headings point to.
  const end = rest.findIndex((line) => /^(?:## |\[[^\]]+\]:)/.test(line));
  const section = rest.slice(0, end === -1 ? undefined : end).join("\n").trim();
  return section === "" ? undefined : section;
}
