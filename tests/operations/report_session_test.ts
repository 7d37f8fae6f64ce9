import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, WHOLE_AGENT } from "../cli/command_line.ts";

/** Brings a session with a plan to its end. `before` is what its last agent does besides. */
async function finished(
  line: CommandLine,
  { before = "", env = {} }: { readonly before?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ReturnType<CommandLine["type"]> {
  const plan = join(line.project.root, "given.md");
  Deno.writeTextFileSync(plan, "# Plan\n\n- [ ] Phase 1: do it\n");
  const agent = `
if [ $phase = implementation ]; then sed -i 's/- \\[ \\]/- [x]/' "$folder"/*plan*.md; fi
if [ $phase = done ]; then true; ${before}
fi
${WHOLE_AGENT}`;
  return await line.typeWithAgent(agent, ["run", "top", "--task", "Add --top", "--plan", plan], { env });
}

Deno.test("a session that is done leaves its report before anybody hears of its end, and names it", async () => {
  using line = new CommandLine();
  const { code, out, error } = await finished(line);
  assert.deepEqual([code, error], [0, ""], out);
  const path = line.path("report.html");
  assert.ok(out.includes(`The report, to send: ${path}`), out);
  const html = Deno.readTextFileSync(path);
  assert.match(
    html,
    /<span class="pill good">done<\/span>[^]*All of it[^]*Gave the plan [^]*SHA-256 <code>[0-9a-f]{64}[^]*As of its end/,
  );
  assert.equal((await line.status("top")).handover.report, path);
  assert.match((await line.type(["status", "top"])).out, new RegExp(`Report +${path}`));
});

Deno.test("what an agent puts in the report's place does not pass for it", async () => {
  using line = new CommandLine();
  const { code } = await finished(line, { before: `ln -s ../../../.samocode "$folder/report.html"` });
  assert.equal(code, 0);
  assert.ok(Deno.lstatSync(line.path("report.html")).isFile);
  assert.match(Deno.readTextFileSync(join(line.project.root, ".samocode")), /^MAIN_REPO/);
});

Deno.test("a report that cannot be written leaves the session done, and says why", async () => {
  using line = new CommandLine();
  const { code, error } = await finished(line, { before: `mkdir -p "$folder/report.html/x"` });
  assert.equal(code, 0);
  assert.match(error, /^Cannot write the report: /);
  const { state, handover } = await line.status("top");
  assert.deepEqual([state, handover.report], ["done", undefined]);
});

Deno.test("SAMOCODE_REPORT=off leaves no report, and none of an agent's", async () => {
  using line = new CommandLine();
  const before = `echo forged > "$folder/report.html"`;
  assert.equal((await finished(line, { before, env: { SAMOCODE_REPORT: "off" } })).code, 0);
  assert.equal((await line.status("top")).handover.report, undefined);
});

Deno.test("samocode open does not open what an agent calls the report before the end", async () => {
  using line = new CommandLine();
  const agent = `echo forged > "$folder/report.html"; echo x > "$folder/11-20-test-report.md"; ${WHOLE_AGENT}`;
  await line.typeWithAgent(agent, ["run", "top", "--task", "Add --top"], { env: { SAMOCODE_MAX_STARTS: "1" } });
  const { out } = await line.type(["open", "top", "--report"]);
  assert.ok(!out.includes("report.html"), out);
});
