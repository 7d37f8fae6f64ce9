/**
 * What becomes of a session's work over MCP: it is merged, pushed or thrown away, and each time a person is asked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { EndedSession } from "../helpers/ended_session.ts";
import { lstatIfExists } from "../../src/system/files/files.ts";
import { McpClient, McpProject, type Wire } from "./mcp_client.ts";

const YES = { action: "accept", content: { approve: true } };
const NO = { action: "accept", content: { approve: false } };

/** A client whose user answers the forms in this order; what they were shown. */
async function asked(
  project: McpProject,
  answers: Wire[],
): Promise<{ readonly client: McpClient; readonly shown: string[] }> {
  const shown: string[] = [];
  const client = await McpClient.connect(project, {
    capabilities: { elicitation: { form: {} } },
    env: { SAMOCODE_GATE: "agent" },
    onRequest: (_method, { message }) => (shown.push(message), answers.shift()),
  });
  return { client, shown };
}

Deno.test("finish_session merges at the user's word only, whoever decides at the gates, and removes worktree and branch", async () => {
  using project = new McpProject();
  const session = new EndedSession(project);
  const head = session.commit("top.txt", "one\n");
  const { client, shown } = await asked(project, [NO, YES]);
  await using _ = client;
  const merge = { session: "top", how: "merge" };
  assert.match(await client.refusal("finish_session", merge), /Leave the session as it is\nNow: top is done/);
  assert.equal(project.git("rev-list", "--count", `main..${session.branch}`), "1");
  const done = await client.status("finish_session", merge);
  assert.match(shown[1] ?? "", /^Merge me\/top.*: main\?$/);
  assert.deepEqual([done.session, done.finished.replace(/ as \w+$/, "")], ["top", "merged into main"]);
  assert.deepEqual(done.removed, [`the worktree ${session.worktree}`, `the branch ${session.branch}`]);
  project.git("merge-base", "--is-ancestor", head, "main");
  const { finish } = JSON.parse((await project.run(["status", "top", "--json"])).stdout);
  assert.match(finish.by, /tester 1\.0/);
});

Deno.test("finish_session discards a session only if the call says what is lost, and tells its last commit", async () => {
  using project = new McpProject();
  const session = new EndedSession(project);
  const head = session.commit("top.txt", "one\n");
  const { client, shown } = await asked(project, [NO, YES]);
  await using _ = client;
  const discard = { session: "top", how: "discard" };
  const losing = "1 commit that no other branch has";
  for (const wrong of [discard, { ...discard, losing: "nothing" }]) {
    assert.match(await client.refusal("finish_session", wrong), new RegExp(`call again with losing: ${losing}\n`));
  }
  assert.deepEqual(shown, []);
  await client.refusal("finish_session", { ...discard, losing });
  assert.ok(lstatIfExists(session.worktree) !== undefined && lstatIfExists(session.folder) !== undefined);
  const done = await client.status("finish_session", { ...discard, losing });
  assert.match(shown[1] ?? "", /^Remove the folder .*, the worktree .*, the branch me\/top\? Lost for good: 1 commit/);
  assert.deepEqual([done.discarded, done.lastCommit], [true, head]);
  assert.deepEqual([lstatIfExists(session.worktree), lstatIfExists(session.folder)], [undefined, undefined]);
  assert.equal(project.git("cat-file", "-t", head), "commit");
  assert.match(await client.refusal("finish_session", discard), /Cannot find a session called top/);
});

Deno.test("finish_session asks nobody where it cannot be done: a running session, a client without forms, an unfinished one", async () => {
  using project = new McpProject();
  new EndedSession(project, "old", { outcome: { kind: "blocked", reason: "No key", needs: "clarification" } });
  await using client = await McpClient.connect(project, { env: { ...project.endlessAgent(), SAMOCODE_GATE: "agent" } });
  const { session } = await client.status("start_session", { task: "Add --top", session: "top", wait: false });
  await project.untilAtWork();
  const running = await client.refusal("finish_session", { session, how: "discard" });
  assert.match(running, /Cannot discard top: it is running\nStop it first: stop_session \{"session":"top"\}\nNow:/);
  assert.match(await client.refusal("finish_session", { session, how: "merge" }), /Cannot finish top: it is running/);
  assert.match(
    await client.refusal("finish_session", { session: "old", how: "push" }),
    /Cannot finish old: it is blocked/,
  );
  assert.match(await client.refusal("finish_session", { session: "old", how: "discard" }), /cannot ask its user/);
});
