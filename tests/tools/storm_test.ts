import assert from "node:assert/strict";
import { readStormOptions } from "../../tools/storm.ts";
import { canBuildInjector } from "../../tools/storm/injector.ts";
import { runStorm } from "../../tools/storm/run_storm.ts";
import { programUnderTest, ROOT } from "../helpers/program_under_test.ts";
import { slow } from "../helpers/slow.ts";

const LACKS = Deno.build.os !== "linux" ? "not Linux" : canBuildInjector() ? "" : "no C compiler, cc";
const SHORT = { program: programUnderTest(), seed: 10, kills: 0, faults: 0, races: 0 };
const QUIET = "0 lost, 0 twice, 0 left, 0 gates, 0 unclear";

Deno.test("readStormOptions() reads a fault's name, and refuses what is no number", () => {
  const { faults, kills, races, seed } = readStormOptions(["--fault", "2:w:17:torn", "--kills", "0"], ROOT);
  const fault = { command: 2, kind: "w", number: 17, action: "torn" };
  assert.deepEqual({ faults, kills, races, seed }, { faults: [fault], kills: 0, races: 40, seed: 1 });
  assert.throws(() => readStormOptions(["--fault", "2:x:17:torn"], ROOT), /Cannot read --fault 2:x:17:torn/);
  assert.throws(() => readStormOptions(["--kills", "many"], ROOT), /Cannot read --kills many/);
});

Deno.test(slow({
  name: "a short storm of kills and races leaves nothing lost, twice, left or open",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const lines: string[] = [];
    const { kills, acts, problems } = await runStorm({
      ...SHORT,
      kills: 4,
      races: 1,
      write: (line) => lines.push(line),
    });
    assert.deepEqual(problems, [], lines.join("\n"));
    assert.equal(kills.total, 4);
    assert.ok(acts > 8, `${acts} acts`);
    assert.ok(lines.includes(QUIET), lines.join("\n"));
  },
}));

Deno.test(slow({
  name: `a short storm of faults leaves nothing lost, twice, left or open${LACKS === "" ? "" : ` (skipped: ${LACKS})`}`,
  ignore: LACKS !== "",
  async fn(): Promise<void> {
    const lines: string[] = [];
    const { faults, unreached, problems } = await runStorm({ ...SHORT, faults: 3, write: (line) => lines.push(line) });
    assert.deepEqual(problems, [], lines.join("\n"));
    assert.equal(faults.total + unreached, 3);
    assert.ok(lines.includes(QUIET), lines.join("\n"));
  },
}));
