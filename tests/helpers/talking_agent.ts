/**
 * An agent in place of Claude Code, for sessions whose parent is what is tested: it asks five questions, writes a plan of
 * 2.8 kB, commits twice, and sums up. Each of its iterations can take its time.
 *
 * @module
 */
import { join } from "node:path";

const QUESTIONS = `# Questions

### Q1: How should a client be told that it was limited?

A) 429 with Retry-After, and the body that our other errors have
B) 429 alone, as the gateway does today

**Suggestion:** A - every client in this repository already waits for Retry-After
**Answer:** _waiting_

### Q2: What counts as one client where several share an address?

A) The API key if there is one, else the address
B) The address alone

**Suggestion:** A - two offices behind one address have locked each other out before
**Answer:** _waiting_

### Q3: Where should the counters be kept?

A) In Redis, beside the login sessions
B) In the memory of each process
C) In PostgreSQL

**Suggestion:** A - four processes serve the API, and each would count for itself
**Answer:** _waiting_

### Q4: What should happen while Redis cannot be reached?

A) Let requests through, and log it once a minute
B) Refuse them with 503

**Suggestion:** A - a limit protects the service; it should not take it down
**Answer:** _waiting_

### Q5: How many requests a minute should a key have if nothing is configured?

**Suggestion:** 600 - the busiest client made 410 in its worst minute last month
**Answer:** _waiting_
`;

const STEPS = [
  ["Count requests in a sliding window", "`limit/window.ts`: a sorted set per key; one script trims, counts and adds"],
  ["Name the client", "`limit/client.ts`: the API key, else the address behind the proxies in `TRUSTED_PROXIES`"],
  ["Answer 429 with Retry-After", "`http/limited.ts`: the error body of the API; seconds are rounded up"],
  ["Let requests through while Redis is away", "`limit/window.ts`: 50 ms of patience; one line in the log each minute"],
  ["Configure and document it", "`RATE_LIMIT`, `RATE_WINDOW`; a section in `docs/api.md`; a line in the changelog"],
] as const;

/** About as long as a plan usually is. */
const PLAN_BYTES = 2_800;

const PLAN = fill(`# Plan: limit requests per client

## Goal

A client that sends more than its share gets 429 with Retry-After, and nobody else notices. The default is 600 requests a minute for each API key.

## Decisions

- Counters are in Redis, so that all four processes count together (Q3).
- A key counts for itself; a request without one counts for its address (Q2).
- While Redis is away, requests pass (Q4).

## Phases

${
  STEPS.map(([title, what], index) =>
    `- [ ] Phase ${index + 1}: ${title}\n  - ${what}\n  - Done when its own tests pass\n`
  ).join("")
}
## Verification

`);

/** Each paragraph is one that a reviewer could ask for. */
function fill(start: string): string {
  let text = start;
  for (let check = 1; text.length < PLAN_BYTES - 70; check++) {
    text += `${check}. Run the load test at ${check * 150} requests a minute and compare p99.\n`;
  }
  return text.padEnd(PLAN_BYTES - 1, ".") + "\n";
}

const SUMMARY = `# Summary

Clients are limited to 600 requests a minute for each API key, and get 429 with Retry-After beyond that.

- Counters are in Redis; without it, requests pass, and the log says so once a minute.
- p99 at 600 requests a minute went from 41 ms to 42 ms.

## Open

- The limit of the admin API is still the gateway's.
`;

/** Plays one iteration. The prompt is its second argument; what comes first is for the stream's reader. */
const PROGRAM = `#!/bin/sh
folder=$(dirname "$SAMOCODE_SIGNAL")
here=$(dirname "$0")
sleep "$(cat "$here/seconds")"
tell() { printf '%s' "$1" > "$SAMOCODE_SIGNAL"; }
commit() {
  for step in $1; do echo "$step" >> limit.ts; done
  git add -A && git commit -qm "$2"
  sed -i 's/\\[ \\]/[x]/' "$folder"/*-plan-limit.md
}
case "$(echo "$2" | sed 's/.* of the \\([a-z]*\\) phase.*/\\1/')" in
investigation) tell '{"status":"continue","phase":"requirements"}' ;;
requirements)
  if [ -e "$folder/_qa.md" ]; then tell '{"status":"continue","phase":"planning"}'
  else cp "$here/questions.md" "$folder/_qa.md"; tell '{"status":"waiting","for":"qa_answers"}'; fi ;;
planning) cp "$here/plan.md" "$folder/11-20-0500-plan-limit.md"; tell '{"status":"waiting","for":"plan_approval"}' ;;
implementation)
  commit "1 2 3" "Limit requests per client"; commit "4 5" "Document the limit"
  tell '{"status":"continue","phase":"testing"}' ;;
testing) echo 'Verdict: pass' > "$folder/11-20-0500-test-report.md"; tell '{"status":"continue","phase":"quality"}' ;;
quality) echo 'Verdict: clean' > "$folder/11-20-0500-quality-1.md"; tell '{"status":"continue","phase":"done"}' ;;
done)
  cp "$here/summary.md" "$folder/11-20-0500-summary.md"; echo 'Limit requests' > "$folder/11-20-0500-pull-request.md"
  tell '{"status":"done","summary":"Clients are limited to 600 requests a minute for each API key"}' ;;
esac
echo '{"type":"result","subtype":"success","is_error":false,"result":"","total_cost_usd":0.42}'
`;

/**
 * Writes it.
 *
 * @param seconds How long each iteration takes; a test may change the file of that name.
 * @returns The settings with which a session uses it.
 */
export function talkingAgent(root: string, seconds = 0): Readonly<Record<string, string>> {
  const folder = join(root, "agent");
  Deno.mkdirSync(folder, { recursive: true });
  const files = { "questions.md": QUESTIONS, "plan.md": PLAN, "summary.md": SUMMARY, seconds: String(seconds) };
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder, name), text);
  const path = join(folder, "agent.sh");
  Deno.writeTextFileSync(path, PROGRAM, { mode: 0o755 });
  return { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: path, SAMOCODE_GUARD: "off" };
}
