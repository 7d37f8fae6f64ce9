import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import {
  checkerTestDefinition,
  clientTestDefinition,
  findChecker,
  findClient,
  findFakeModel,
} from "../helpers/find_clients.ts";
import { clientFolder, clientProgram } from "../../tools/client_pins.ts";
import { isSkippedForClient } from "../../tools/skipped_test.ts";

/** A machine with the named files on it. */
function machine(files: readonly string[]): Disposable & { readonly root: string; at(path: string): string } {
  const root = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  for (const file of files) {
    Deno.mkdirSync(dirname(join(root, file)), { recursive: true });
    Deno.writeTextFileSync(join(root, file), "");
  }
  return {
    root,
    at: (path) => join(root, path),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

const PINNED = clientProgram("claude", clientFolder("claude", "cache/samocode/clients"));

Deno.test("findClient() takes the one named in the environment, then the pinned one, then the one on PATH", () => {
  using disk = machine(["mine/claude", PINNED, "bin/claude"]);
  const named = { SAMOCODE_TEST_CLAUDE: disk.at("mine/claude") };
  const cached = { XDG_CACHE_HOME: disk.at("cache") };
  const onPath = { PATH: `${disk.at("none")}:${disk.at("bin")}` };
  assert.deepEqual(
    [{ ...named, ...cached, ...onPath }, { ...cached, ...onPath }, onPath, {}].map((env) =>
      findClient("claude", { env })
    ),
    [disk.at("mine/claude"), disk.at(PINNED), disk.at("bin/claude"), undefined],
  );
});

Deno.test("findClient() looks into HOME/.cache where XDG_CACHE_HOME is not set", () => {
  const program = clientProgram("codex", clientFolder("codex", ".cache/samocode/clients"));
  using disk = machine([program]);
  assert.equal(findClient("codex", { env: { HOME: disk.root } }), disk.at(program));
});

Deno.test("findClient() never replaces what the environment names by another", () => {
  using disk = machine(["bin/claude"]);
  const env = { SAMOCODE_TEST_CLAUDE: disk.at("gone"), PATH: disk.at("bin") };
  assert.equal(findClient("claude", { env }), undefined);
});

Deno.test("findFakeModel() takes the one named in the environment, then the one beside the checkout", () => {
  using disk = machine(["mine.mjs", "shared/fake-model/fake-model.mjs"]);
  const root = disk.at("checkout");
  assert.deepEqual(
    [{ SAMOCODE_FAKE_MODEL: disk.at("mine.mjs") }, {}].map((env) => findFakeModel({ env, root })),
    [disk.at("mine.mjs"), disk.at("shared/fake-model/fake-model.mjs")],
  );
  assert.equal(findFakeModel({ env: {}, root: disk.at("a/b") }), undefined);
});

Deno.test("clientTest() hands client and model to a test where both are found", async (test) => {
  using disk = machine(["bin/codex", "model.mjs"]);
  const env = { PATH: disk.at("bin"), SAMOCODE_FAKE_MODEL: disk.at("model.mjs") };
  const seen: unknown[] = [];
  const run = (found: unknown): Promise<void> => Promise.resolve(void seen.push(found));
  const definition = clientTestDefinition("codex works", "codex", { env, run });
  await definition.fn(test);
  assert.deepEqual(
    { name: definition.name, ignore: definition.ignore, seen },
    { name: "codex works", ignore: undefined, seen: [{ path: disk.at("bin/codex"), fakeModel: disk.at("model.mjs") }] },
  );
});

Deno.test("clientTest() registers an ignored test whose name says what is missing", () => {
  using disk = machine(["bin/claude"]);
  const run = (): Promise<void> => Promise.reject(new Error("must not run"));
  const root = disk.at("checkout");
  const definitions = [{}, { PATH: disk.at("bin") }].map((env) =>
    clientTestDefinition("claude works", "claude", { env, root, run })
  );
  assert.deepEqual(definitions.map(({ name, ignore }) => ({ name, ignore })), [
    { name: "claude works (skipped: claude not found; deno task clients)", ignore: true },
    { name: "claude works (skipped: scripted model not found; set SAMOCODE_FAKE_MODEL)", ignore: true },
  ]);
  assert.deepEqual(definitions.map(({ name }) => isSkippedForClient(name)), [true, true]);
  assert.deepEqual(["claude works", "a (skipped: not on this system)"].map(isSkippedForClient), [false, false]);
});

const NODE = clientProgram("node", clientFolder("node", "cache/samocode/clients"));
const INSPECTOR = clientProgram("inspector", clientFolder("inspector", "cache/samocode/clients"));

Deno.test("findChecker() runs the pinned checker with the pinned Node.js, and takes neither from PATH", () => {
  using disk = machine([NODE, INSPECTOR, "bin/node", "bin/conformance"]);
  const env = { XDG_CACHE_HOME: disk.at("cache"), PATH: disk.at("bin") };
  assert.deepEqual([findChecker("inspector", { env }), findChecker("conformance", { env })], [
    [disk.at(NODE), disk.at(INSPECTOR)],
    undefined,
  ]);
  assert.equal(findChecker("inspector", { env: {} }), undefined);
});

Deno.test("checkerTest() hands the command to a test, and registers an ignored one without checker or Node.js", async (test) => {
  using whole = machine([NODE, INSPECTOR]);
  using half = machine([INSPECTOR]);
  const seen: unknown[] = [];
  const run = (command: unknown): Promise<void> => Promise.resolve(void seen.push(command));
  const [found, lacking] = [whole, half].map((disk) =>
    checkerTestDefinition("it fits", "inspector", { env: { XDG_CACHE_HOME: disk.at("cache") }, run })
  );
  await found?.fn(test);
  assert.deepEqual([found?.name, found?.ignore, seen], ["it fits", undefined, [[whole.at(NODE), whole.at(INSPECTOR)]]]);
  const name = "it fits (skipped: inspector not found; deno task clients)";
  assert.deepEqual([lacking?.name, lacking?.ignore, isSkippedForClient(name)], [name, true, true]);
});
