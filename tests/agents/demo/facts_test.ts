/**
 * The demo's data: a script that can be played, and texts that say what is true.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDue, readFacts } from "../../../src/agents/demo/player.ts";
import { fill } from "../../../src/agents/demo/project.ts";
import { AGENT_PHASES, PHASES, readPhase } from "../../../src/workflow/phases.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const DATA = fileURLToPath(new URL("../../../demo", import.meta.url));
const read = (...path: readonly string[]): string => Deno.readTextFileSync(join(DATA, ...path));
const SCENES = read("script.md").split(/^## /m).slice(1);

Deno.test("isDue() compares facts with what a scene's title asks for", () => {
  const facts = { code: "0", report: "report.md", empty: "" };
  const isPlayed = (title: string): boolean => isDue(title, { phase: "quality", facts });
  assert.deepEqual(
    ["always", "quality", "testing", "quality: code 0, report some", "quality: empty none, missing none"].map(isPlayed),
    [true, true, false, true, true],
  );
  assert.deepEqual(["quality: code 1", "quality: empty some", "always: report none"].map(isPlayed), [
    false,
    false,
    false,
  ]);
});

Deno.test("fill() refuses a fact that is not there, and does not look at what it fills in", () => {
  assert.throws(() => fill("{{a}} {{c}}", { a: "x" }), /the session has no c/);
  assert.equal(fill("{{a}} {{b}}", { a: "{{b}}", b: "$&" }), "{{b}} $&");
});

Deno.test("readFacts() reads answers by their letter, and the plan's next phase", () => {
  using folder = new TempFolder();
  folder.file("_qa.md", "### Q1: One?\n**Answer:** B, please\n\n### Q2: Two?\n**Answer:** Both\n\n### Q3: Three?\n");
  folder.file("11-20-14:04-plan-tally-top.md", "- [x] Phase 1: Read\n- [ ] Phase 2: Write \n> - [ ] Phase 9: Coffee\n");
  const { Q1, Q2, open, step, title, feedback, guidance } = readFacts({
    sessionFolder: folder.path,
    guidance: "Mind the\nlocale \u001b[31m",
  });
  assert.deepEqual({ Q1, Q2, open, step, title, feedback, guidance }, {
    Q1: "B",
    Q2: "",
    open: "Q3",
    step: "Phase 2",
    title: "Write",
    feedback: "- [ ] Phase 9: Coffee",
    guidance: "Mind the locale",
  });
});

Deno.test("the script has scenes for each phase, and only signals that the phase may give", () => {
  const signaled = new Set<string>();
  for (const scene of SCENES) {
    const [, phase = ""] = /^(\w+)/.exec(scene) ?? [];
    const [, status = "", target = ""] = /^Signal (\w+) \w+ (.+)$/m.exec(scene) ?? [];
    if (status === "") continue;
    signaled.add(phase);
    const known = readPhase(phase) ?? assert.fail(phase);
    assert.ok(PHASES[known].maySignal.some((allowed) => allowed === status), `${phase}: ${status}`);
    if (status !== "continue" || target.startsWith("{{")) continue;
    assert.ok(target === phase || PHASES[known].next.some((next) => next === target), `${phase}: ${target}`);
  }
  assert.deepEqual([...signaled].sort(), [...AGENT_PHASES].sort());
});

Deno.test("the script has no line that the player does not know, and needs only texts and patches that exist", () => {
  const known = /^(?:> |(?:Read|Run|Write|Apply|Signal) |[A-Z]\w+: |$)/;
  assert.deepEqual(SCENES.flatMap((scene) => scene.split("\n").slice(1)).filter((line) => !known.test(line)), []);
  const script = SCENES.join("");
  for (const [, texts = ""] of script.matchAll(/^Write (\S+) as /gm)) {
    for (const text of texts.split("+")) read("texts", `${text}.md`);
  }
  const patches = [...Deno.readDirSync(join(DATA, "patches"))].map(({ name }) => read("patches", name));
  const subjects = [
    ...[...script.matchAll(/^(?:Apply|Cut:) ([^{\n]+)$/gm)].map(([, subject]) => subject),
    ...[...`${read("texts", "plan.md")}${read("texts", "feedback.md")}`.matchAll(/Phase \d: ([^{\n]+)$/gm)]
      .map(([, subject]) => subject),
  ];
  assert.deepEqual(patches.map((patch) => /^Subject: (.+)\n/.exec(patch)?.[1]).sort(), subjects.sort());
});

Deno.test("the dive quotes the sample's lines where they are", () => {
  const sample = read("sample", "tally.sh").split("\n");
  const quotes = [...read("texts", "dive.md").matchAll(/`([^`]+)` \(tally\.sh:(\d+)\)/g)];
  assert.equal(quotes.length, 3);
  for (const [, quote = "", line] of quotes) assert.ok(sample[Number(line) - 1]?.includes(quote), quote);
  assert.equal(read("sample", "test.sh").match(/^check "/gm)?.length, 5);
});
