/**
 * A project that many workers share, and the proof that each of them did its work.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { viewTrust } from "../src/operations/trust_project.ts";
import { findSession } from "../src/session/find_session.ts";
import { layoutOf } from "../src/session/layout.ts";
import { readEventLine } from "../src/workflow/event_line.ts";

/** Makes a project with a repository of one commit, from which all of them branch off. */
export function makeCrowdProject(root: string): void {
  for (const name of ["project", "worktrees", "sessions"]) Deno.mkdirSync(join(root, name));
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  for (const args of [["init", "--quiet"], [...who, "commit", "--quiet", "--allow-empty", "--message=Begin"]]) {
    const { success, stderr } = new Deno.Command("git", { args, cwd: join(root, "project") }).outputSync();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  Deno.writeTextFileSync(join(root, ".samocode"), "MAIN_REPO=project\nWORKTREES=worktrees\nSESSIONS=sessions\n");
  viewTrust({ env: { HOME: root }, workingDirectory: root, config: undefined }).trust();
}

/**
 * Checks a session's journal: every line an event, numbered without a gap, all iterations in it, and its end.
 *
 * @throws Where it is not whole.
 */
export function assertWhole(
  sessions: string,
  { name, visits }: { readonly name: string; readonly visits: number },
): void {
  const text = Deno.readTextFileSync(layoutOf(findSession(sessions, name).path).journal);
  assert.ok(text.endsWith("\n"), name);
  const events = text.trimEnd().split("\n").map(readEventLine);
  assert.deepEqual(events.map((event) => event?.seq), events.map((_, index) => index + 1), name);
  assert.equal(events.filter((event) => event?.type === "iteration.ended").length, visits, name);
  assert.equal(events.filter((event) => event?.type === "signal.received").length, visits, name);
  const last = events.at(-1);
  assert.equal(last?.type === "session.stopped" && last.outcome.kind, "blocked", name);
}
