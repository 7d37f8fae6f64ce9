/**
 * How a test that needs a real client says that it is skipped, and how the test command knows it again.
 *
 * @module
 */

/** What an end-to-end test may lack, and how to get it. */
const WAYS_OUT = {
  claude: "deno task clients",
  codex: "deno task clients",
  inspector: "deno task clients",
  conformance: "deno task clients",
  "scripted model": "set SAMOCODE_FAKE_MODEL",
  chromium: "apt install chromium",
  PostgreSQL: "apt install postgresql",
} as const;

/** The name of a test that cannot run here, with what it lacks and how to get it. */
export function skippedForClient(name: string, lacking: keyof typeof WAYS_OUT): string {
  return `${name} (skipped: ${lacking} not found; ${WAYS_OUT[lacking]})`;
}

/** Tells whether a test's name was made by {@linkcode skippedForClient}. */
export function isSkippedForClient(name: string): boolean {
  const lacking = /\(skipped: (.+) not found; [^()]+\)$/.exec(name)?.[1];
  return lacking !== undefined && Object.hasOwn(WAYS_OUT, lacking);
}
