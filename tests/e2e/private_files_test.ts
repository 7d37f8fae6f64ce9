import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";

for (const mask of ["000", "022", "077"]) {
  Deno.test(`a session's folders and files are nobody else's under umask ${mask}`, async () => {
    using project = hostileProject(
      `echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`,
    );
    const command = programUnderTest().map((word) => `'${word}'`).join(" ");
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", `umask ${mask}; ${command} start --session own --task Work && ${command} status own --watch`],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env },
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const modes = modesBelow(project.sessionFolder());
    assert.deepEqual(modes.filter(([, mode]) => mode !== "600" && mode !== "700"), []);
    assert.deepEqual(
      modes.map(([name]) => name.replace(/^_logs\/.*\.(?=\w+$)/, "_logs/*.")),
      [
        ...[".", "_journal.jsonl", "_logs", "_logs/*.jsonl", "_logs/*.stderr", "_overview.md"],
        ...["_signal_history.jsonl", "session.log", "worker.log"],
      ],
    );
  });
}

/** All that samocode made, with its mode; the signal is the agent's own. */
function modesBelow(root: string, path = "."): readonly (readonly [name: string, mode: string])[] {
  const { mode, isDirectory } = Deno.statSync(join(root, path));
  const here = [[path, ((mode ?? 0) & 0o777).toString(8)]] as const;
  if (!isDirectory) return here;
  const names = [...Deno.readDirSync(join(root, path))].map(({ name }) => name).filter((name) =>
    name !== "_signal.json"
  );
  return [...here, ...names.sort().flatMap((name) => modesBelow(root, join(path, name)))];
}
