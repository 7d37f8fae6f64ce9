import assert from "node:assert/strict";
import { join } from "node:path";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { keepShownPlan, planShownBefore } from "../../src/session/shown_plans.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("planShownBefore() is the newest other plan that was shown; ticks make no other one", () => {
  using temp = new TempFolder();
  const stateFolder = temp.at("state");
  using folder = SessionFolder.create(temp.folder("26-11-22-top"), { stateFolder });
  keepShownPlan(folder, "no journal yet");
  folder.journal.append({ type: "session.created", name: "top", task: "t", dive: "" });
  const [first, second, third] = ["- [ ] one\n", "- [ ] two\n", "- [ ] three\n"] as const;
  assert.equal(planShownBefore(folder, first), undefined);
  for (const shown of [first, "- [x] one\n"]) keepShownPlan(folder, shown);
  assert.deepEqual([first, "- [x] one\n", second].map((now) => planShownBefore(folder, now)), [
    ...[undefined, undefined, first],
  ]);
  for (const shown of [second, third, second]) keepShownPlan(folder, shown);
  assert.deepEqual([second, third].map((now) => planShownBefore(folder, now)), [third, second]);

  const name = [...Deno.readDirSync(join(stateFolder, "journals"))].map(({ name }) => name)
    .find((each) => each.endsWith(".shown")) ?? assert.fail("nothing is kept");
  assert.equal((Deno.statSync(join(stateFolder, "journals", name)).mode ?? 0) & 0o777, 0o600);
  Deno.writeTextFileSync(join(stateFolder, "journals", name), '["cut');
  assert.equal(planShownBefore(folder, third), undefined);
});
