import assert from "node:assert/strict";
import { renderList } from "../../src/cli/render_list.ts";
import type { ListedSession } from "../../src/operations/list_sessions.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

const SESSION: ListedSession = {
  session: "add-jwt-login",
  project: "shop",
  state: "running",
  needs: "none",
  movedTo: undefined,
  obstacle: "worker",
  detail: "",
  phase: "implementation",
  iteration: 7,
  activity: "Bash npm test -- --reporter=dot",
  task: "Add JWT login",
  costUsd: 4.321,
  estimatedUsd: undefined,
  startedAt: "2026-11-20T07:00:00Z",
  updatedAt: "2026-11-20T11:59:00Z",
  elapsedMs: 0,
  plan: { done: 2, total: 5 },
};

const SESSIONS: readonly ListedSession[] = [
  SESSION,
  {
    ...SESSION,
    session: "26-11-02-limit-login-attempts-per-address-日本語",
    project: "a-long-name-of-a-repository",
    state: "waiting",
    phase: "planning",
    activity: "",
    detail: "The plan needs your approval\x1b[2J",
    costUsd: 1,
    estimatedUsd: 2.5,
    startedAt: "2026-11-02T07:00:00Z",
  },
  {
    ...SESSION,
    session: "new",
    state: "ready",
    phase: "init",
    costUsd: undefined,
    plan: undefined,
    startedAt: undefined,
  },
];

function shown(columns: number, isOfSeveral = false): readonly string[] {
  return renderList(SESSIONS, { color: false, columns: () => columns, nowMs: NOW, isOfSeveral }).trimEnd().split("\n");
}

Deno.test("renderList() shows as many columns as fit in 40, 80 and 200, the most important first", () => {
  const [at40, at80, at200] = [40, 80, 200].map((columns) => shown(columns)[0]?.split(/ +/));
  assert.deepEqual(at40, ["STATE", "SESSION", "AGE", "PLAN"]);
  assert.deepEqual(at80, ["STATE", "SESSION", "AGE", "PHASE", "IT", "PLAN", "COST"]);
  assert.deepEqual(at200, ["STATE", "SESSION", "AGE", "PHASE", "IT", "PLAN", "COST", "ABOUT"]);
  assert.deepEqual(shown(200, true)[0]?.split(/ +/).slice(0, 3), ["STATE", "PROJECT", "SESSION"]);
});

Deno.test("renderList() is no wider than the terminal, and hides no control character in a name", () => {
  for (const columns of [30, 40, 61, 80, 120, 200]) {
    for (const isOfSeveral of [false, true]) {
      for (const row of shown(columns, isOfSeveral)) {
        assert.ok(displayWidth(row) < columns, `${columns}: ${row}`);
        assert.doesNotMatch(row, /\p{Cc}/u);
      }
    }
  }
});

Deno.test("renderList() tells age, plan and cost, and estimates apart", () => {
  const [, first = "", second = "", third = ""] = shown(200);
  assert.match(
    first,
    /^● running +add-jwt-login +5h +implementation +7 +2\/5 +\$4\.32 +Bash npm test -- --reporter=dot$/,
  );
  assert.match(
    second,
    /^◆ waiting +26-11-02-limit-login-attempts-per-address-日本語 +2w +planning +7 +2\/5 +~\$3\.50 /,
  );
  assert.match(third, /^◇ ready +new +init +7 {10}/);
});

Deno.test("renderList() paints the state and nothing else but the header", () => {
  const plain = renderList(SESSIONS, { color: false, columns: () => 120, nowMs: NOW, isOfSeveral: false });
  const painted = renderList(SESSIONS, { color: true, columns: () => 120, nowMs: NOW, isOfSeveral: false });
  // deno-lint-ignore no-control-regex -- the colours themselves
  assert.equal(painted.replace(/\x1b\[\d+m/g, ""), plain);
  assert.ok(painted.includes("\x1b[36m● running\x1b[39m"));
});
