import assert from "node:assert/strict";
import { join } from "node:path";
import { actionsFor, buildInjector, canBuildInjector, injection, takeReport } from "../../../tools/storm/injector.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const LACKS = Deno.build.os !== "linux" ? "not Linux" : canBuildInjector() ? "" : "no C compiler, cc";

/** Deno, like samocode. */
const PROGRAM = `const file = Deno.openSync("sessions/new", { write: true, create: true });
for (const text of ["first", "second"]) file.writeSync(new TextEncoder().encode(text));
Deno.renameSync("sessions/new", "sessions/old");`;

Deno.test({
  name: `the injector strikes exactly the named operation${LACKS === "" ? "" : ` (skipped: ${LACKS})`}`,
  ignore: LACKS !== "",
  fn(): void {
    using folder = new TempFolder();
    const library = buildInjector(folder.path);
    const report = folder.at("report");
    const program = folder.file("program.js", PROGRAM);
    const run = (fault: string) => {
      Deno.removeSync(folder.folder("sessions"), { recursive: true });
      folder.folder("sessions");
      const env = injection({ library, root: folder.path, fault, report });
      const args = ["run", "--allow-all", "--no-config", program];
      const { code, signal } = new Deno.Command(Deno.execPath(), { args, cwd: folder.path, env, stderr: "null" })
        .outputSync();
      const operations = takeReport(report).map(({ kind, number, name }) => `${kind} ${number} ${name}`);
      const left = folder.names("sessions").map((name) => Deno.readTextFileSync(join(folder.at("sessions"), name)));
      return { code, signal, operations, left: left.join() };
    };
    const whole = run("count").operations;
    assert.deepEqual(whole, ["w 1 create", "w 2 write", "w 3 write", "w 4 rename"]);
    const killed = { code: 137, signal: "SIGKILL" };
    assert.deepEqual(run("crash:w:3"), { ...killed, operations: ["w 3 write"], left: "first" });
    assert.deepEqual(run("torn:w:3"), { ...killed, operations: ["w 3 write"], left: "firstsec" });
    assert.deepEqual(run("crash:w:9"), { code: 0, signal: null, operations: [], left: "firstsecond" });
    const failed = { code: 1, signal: null, operations: ["w 2 write"] };
    assert.deepEqual(run("io:w:2"), { ...failed, left: "" });
    assert.deepEqual(run("full:w:4"), { code: 1, signal: null, operations: ["w 4 rename"], left: "firstsecond" });
  },
});

Deno.test("actionsFor() tears writes, fills the disk where space is needed, and kills where the disk has changed", () => {
  const actions = (kind: "r" | "w", name: string) => actionsFor({ kind, number: 1, name, path: "/x" });
  assert.deepEqual(actions("w", "write"), ["crash", "torn", "full", "io"]);
  assert.deepEqual(actions("w", "mkdir"), ["crash", "full", "io"]);
  assert.deepEqual(actions("w", "unlink"), ["crash", "io"]);
  assert.deepEqual(actions("w", "lock"), ["io"]);
  assert.deepEqual(actions("r", "stat"), ["io"]);
});
