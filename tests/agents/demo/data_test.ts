/**
 * The demo's data: scenes that can be played, texts and patches that can be filled in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fill, fillText, findScene, namesIn } from "../../../src/agents/demo/data.ts";
import { sessionFacts } from "../../../src/agents/demo/facts.ts";
import { AGENT_PHASES, PHASES, readPhase } from "../../../src/workflow/phases.ts";

const DATA = fileURLToPath(new URL("../../../demo", import.meta.url));
const SCRIPT = Deno.readTextFileSync(join(DATA, "texts", "script.md"));

Deno.test("findScene() finds a scene for each phase, whatever the facts", () => {
  for (const phase of AGENT_PHASES) assert.notDeepEqual(findScene(DATA, { phase, facts: sample() }), []);
});

Deno.test("findScene() takes the first scene whose conditions hold, and none for a missing fact", () => {
  const saidIn = (facts: Readonly<Record<string, string>>): string | undefined =>
    findScene(DATA, { phase: "quality", facts }).find(({ verb }) => verb === ">")?.rest;
  assert.match(saidIn({}) ?? "", /What if N isn't a number/);
  assert.match(saidIn({ ran: "passed" }) ?? "", /That's a bug/);
  assert.match(saidIn({ review: "11-20-14:01-quality-report.md" }) ?? "", /haven't run on its fix/);
  assert.match(saidIn({ review: "report", retest: "report" }) ?? "", /nothing else/);
});

Deno.test("the script signals only what the phase may signal", () => {
  for (const [, phase = "", , scene = ""] of SCRIPT.matchAll(/^## (\w+)(.*)\n([^]*?)(?=^## |$(?![^]))/gm)) {
    const known = readPhase(phase) ?? assert.fail(phase);
    const [, status = "", target = ""] = /^Signal: (\w+) (.+)$/m.exec(scene) ?? [];
    if (status === "") continue;
    assert.ok(PHASES[known].maySignal.some((allowed) => allowed === status), `${phase}: ${status}`);
    if (status !== "continue") continue;
    assert.ok(target === phase || PHASES[known].next.some((next) => next === target), `${phase}: ${target}`);
  }
});

Deno.test("the script has no line that the player does not know", () => {
  const known = /^(?:> |## |(?:Read|Look at|Run|Write|Apply|Tick|Block) |(?:Did|Next|Signal|Before|Found|Summary): |$)/;
  const [, ...lines] = SCRIPT.slice(SCRIPT.indexOf("\n## ")).split("\n");
  assert.deepEqual(lines.filter((line) => !known.test(line)), []);
});

Deno.test("the script writes texts that exist", () => {
  const texts = namesIn(join(DATA, "texts")).map((name) => name.replace(".md", ""));
  for (const [, text = ""] of SCRIPT.matchAll(/^Write (\S+) as /gm)) assert.ok(texts.includes(text), text);
});

Deno.test("fill() refuses a fact that is not there, and does not look at what it fills in", () => {
  assert.throws(() => fill("{{a}} {{c}}", { a: "x" }), /does not know c/);
  assert.equal(fill("{{a}} {{b}}", { a: "{{b}}", b: "$&" }), "{{b}} $&");
  assert.match(fillText(DATA, { name: "notes", facts: { quotes: "> {{session}}" } }), /> \{\{session\}\}/);
});

function sample(): ReturnType<typeof sessionFacts> {
  const sessionFolder = Deno.makeTempDirSync();
  try {
    return sessionFacts({
      ...{ phase: "investigation", iteration: 1, guidance: "", hasGit: true, startedAt: new Date() },
      ...{ sessionFolder, workingDirectory: sessionFolder },
    }, { data: DATA, project: { root: sessionFolder, prefix: "" } });
  } finally {
    Deno.removeSync(sessionFolder, { recursive: true });
  }
}
