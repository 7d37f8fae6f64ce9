import assert from "node:assert/strict";
import { CommandLine } from "./command_line.ts";

const FLEET = { SAMOCODE_FLEET: "postgres://me@127.0.0.1:1/fleet" };

for (
  const [args, expected] of [
    [["--slots", "0"], /Cannot use "0" as a number of slots\n {2}Use a whole number from 1 to 100\n/],
    [["--slots", "1e2"], /Cannot use "1e2" as a number of slots\n/],
    [["--pool", "a/b"], /Cannot use "a\/b" as a pool\n {2}Use letters/],
    [["--label", "gpu,,linux"], /Cannot use "" as a label\n/],
    [["--account", "-x"], /Cannot use "-x" as an account/],
    [["--folder", " "], /Cannot use "" as a folder\n/],
    [["now"], /Unexpected argument "now"|takes no/],
    [[], /Cannot reach the fleet/],
  ] as const
) {
  Deno.test(`worker refuses ${JSON.stringify(args)}`, async () => {
    using line = new CommandLine();
    const { code, out, error } = await line.type(["worker", ...args], { env: FLEET });
    assert.notEqual(code, 0);
    assert.equal(out, "");
    assert.match(error, expected);
  });
}

Deno.test("worker without an address says where to name the fleet", async () => {
  using line = new CommandLine();
  const { code, error } = await line.type(["worker"]);
  assert.deepEqual({ code, isTold: error.includes("SAMOCODE_FLEET is not set") }, { code: 2, isTold: true });
});
