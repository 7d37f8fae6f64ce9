import assert from "node:assert/strict";
import { join } from "node:path";
import { ntfyTest, type PhoneMessage, RealNtfy } from "../helpers/real_ntfy.ts";
import { TempProject } from "../helpers/temp_project.ts";

ntfyTest(
  "a whole session is decided on ntfy alone: buttons, an answer in one's own words, the plan, the report",
  async () => {
    await using server = await RealNtfy.start();
    using project = new TempProject({
      SAMOCODE_DEMO_PACE: "0",
      NTFY_URL: server.url,
      NTFY_TOPIC: "work",
      NTFY_TOKEN: server.token,
      NTFY_REPLY_TOKEN: server.replyToken,
    });
    const { code, stderr } = await project.run(["run", "--session", "tally", "--provider", "demo", "--task", "Count"]);
    assert.equal(code, 10, stderr);
    const second = await shown(server, /asks Q2/);
    await server.write(`${/#[0-9a-f]{5}/.exec(second.message)?.[0]} The longest word first`);
    await shown(server, /^👌.* asks Q2/);
    await server.tap(await shown(server, /asks Q1/), (await shown(server, /asks Q1/)).actions?.[0]?.label ?? "");
    await server.tap(await shown(server, /^✋.*its plan needs your approval/), "Approve");
    const report = await shown(server, /^✅ tally is done/);
    assert.equal(report.priority, 3);
    const decided = project.events().flatMap((event) =>
      event.type === "answers.given" || event.type === "gate.opened" ? [[event.type, event.by]] : []
    );
    assert.deepEqual(decided, [
      ["answers.given", "ntfy:work-reply"],
      ["answers.given", "ntfy:work-reply"],
      ["gate.opened", "ntfy:work-reply"],
      ["gate.opened", "ntfy:work-reply"],
    ]);
    assert.match(Deno.readTextFileSync(join(project.sessionFolder(), "_qa.md")), /The longest word first/);
    for (const name of ["_journal.jsonl", "session.log", "_overview.md"]) {
      const text = Deno.readTextFileSync(join(project.sessionFolder(), name));
      for (const token of [server.token, server.replyToken]) assert.ok(!text.includes(token), `${name} holds no token`);
    }
  },
);

/** The message with such a title, once it is there. */
async function shown(server: RealNtfy, title: RegExp): Promise<PhoneMessage> {
  while (true) {
    const found = (await server.messages()).find((message) => title.test(message.title ?? ""));
    if (found !== undefined) return found;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
