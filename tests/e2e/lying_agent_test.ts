import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, START } from "../cli/command_line.ts";
import { slow, slowTest } from "../helpers/slow.ts";

/** What an honest agent does in each phase; `$round` is the number of the next review. */
const HONEST = `
plan="$folder/11-20-0500-plan-top.md"
round=$(($(ls "$folder" | grep -c quality-) + 1))
say() { echo "$1" > "$signal"; }
go() { say '{"status":"continue","phase":"'$1'"}'; }
review() { printf '# Quality\\n\\n## Left open\\n\\n- blocking: a leak\\n\\nVerdict: %s\\n' "$1" > "$folder/11-20-06$round-quality-$round.md"; }
commit() { git -c user.name=me -c user.email=me@localhost commit -q "$@"; }
tick() { sed -i 's/- \\[ \\]/- [x]/' "$plan"; }
honest() {
  case $phase in
    investigation) echo found > "$folder/11-20-0450-dive-top.md"; go requirements ;;
    requirements)
      if [ -e "$folder/_qa.md" ]; then go planning
      else printf '### Q1: Which?\\n\\n**Answer:** _waiting_\\n' > "$folder/_qa.md"; say '{"status":"waiting","for":"qa_answers"}'; fi ;;
    planning) printf '# Plan\\n\\n- [ ] Phase 1: one\\n- [ ] Phase 2: two\\n' > "$plan"; say '{"status":"waiting","for":"plan_approval"}' ;;
    implementation) date +%N > code; git add code; commit -m Work; tick; go testing ;;
    testing) date +%N > "$folder/11-20-0700-test-report.md"; go quality ;;
    quality) review fixed; go testing ;;
    done)
      rm -rf "$folder"/*-summary.md
      echo text > "$folder/11-20-0800-summary.md"; echo text > "$folder/11-20-0800-pull-request.md"
      say '{"status":"done","summary":"All of it"}' ;;
  esac
}
`;

const RUN = ["run", "top"];

/** The agents write beside their work, to tell the test what they saw. */
const UNGUARDED = { SAMOCODE_GUARD: "off" };

/** A session with an approved plan of two steps. */
async function approved(): Promise<CommandLine> {
  const line = new CommandLine();
  const play = (args: readonly string[]) => line.typeWithAgent(`${HONEST}\nhonest`, args, { env: UNGUARDED });
  assert.equal((await play(START)).code, 10);
  await line.type(["answer", "top", "Q1=so"]);
  assert.equal((await play(RUN)).code, 10);
  assert.equal((await line.type(["approve", "top"])).code, 0);
  return line;
}

/** Runs the session with an agent that does something else in one phase, and honestly plays the others. */
async function lie(line: CommandLine, phase: string, act: string): Promise<Tried> {
  const before = line.project.events().length;
  const script = `
cp "$HOME"/.cache/samocode/context/*/*.md "$HOME/../context"
${HONEST}
if [ $phase = ${phase} ]; then
${act}
else honest
fi`;
  const { code } = await line.typeWithAgent(script, RUN, { env: UNGUARDED });
  const events = line.project.events().slice(before);
  return {
    code,
    reason: (await line.status("top")).detail,
    phases: events.flatMap((event) => event.type === "phase.entered" ? [event.phase] : []),
    starts: events.filter((event) => event.type === "iteration.started" && event.phase === phase).length,
    context: Deno.readTextFileSync(join(line.project.root, "context")),
  };
}

interface Tried {
  readonly code: number;
  readonly reason: string;
  /** The phases entered. */
  readonly phases: readonly string[];
  /** The agents started in the lying one's phase. */
  readonly starts: number;
  /** What the last agent was told. */
  readonly context: string;
}

/** The agent is told in its second attempt, then the session blocks, and no phase was entered. */
function assertTold({ code, reason, phases, starts, context }: Tried, problem: RegExp): void {
  assert.deepEqual({ code, phases, starts }, { code: 20, phases: [], starts: 2 }, reason);
  assert.match(reason, problem);
  assert.match(reason, /, and was told so\./);
  assert.match(context, /The previous attempt did not leave a usable signal: /);
  assert.match(context, problem);
}

Deno.test(slow({
  name: "an agent that tries each slip is told once, then a human is asked: none passes",
  async fn(test): Promise<void> {
    using line = await approved();

    await test.step("testing and quality with unticked steps in the plan", async () => {
      await lie(line, "implementation", `say '{"status":"waiting","for":"human_action"}'`);
      // The last one crashes after it signaled.
      for (const [target, after] of [["testing", ":"], ["quality", ":"], ["testing", "exit 3"]]) {
        const tried = await lie(
          line,
          "implementation",
          `sed -i 's/- \\[ \\] Phase 1/- [x] Phase 1/' "$plan"; go ${target}; ${after}`,
        );
        assertTold(tried, new RegExp(`asks for ${target}, but the approved plan has unticked steps: "Phase 2: two"`));
      }
    });

    await test.step("quality and done after ticks were taken back: the session goes back, and is told why", async () => {
      for (const target of ["quality", "done"]) {
        await lie(line, "implementation", `tick; say '{"status":"waiting","for":"human_action"}'`);
        const act =
          `if [ $phase = testing ]; then sed -i 's/- \\[x\\] Phase 2/- [ ] Phase 2/' "$plan"; go ${target}; fi`;
        const tried = await lie(
          line,
          "implementation",
          `if grep -q 'sent the session back' "$HOME/../context"; then go testing; else tick; go testing; fi\nelif [ $phase = testing ]; then\n${act}`,
        );
        assert.equal(tried.code, 20, tried.reason);
        assert.deepEqual(tried.phases, ["testing", "implementation"]);
        assert.match(
          tried.context,
          new RegExp(`sent the session back to this phase: the agent of the testing phase asks for ${target}, but the`),
        );
        assert.match(
          tried.reason,
          /asks for testing, but the approved plan has unticked steps: "Phase 2: two", and was told/,
        );
      }
    });

    await test.step("out of the review without a report, or without a verdict", async () => {
      const { phases } = await lie(line, "quality", "go testing");
      assert.deepEqual(phases, ["testing", "quality"]);
      for (const target of ["testing", "done"]) {
        assertTold(await lie(line, "quality", `go ${target}`), /, but no report STAMP-quality-N\.md is there/);
      }
      const unfinished = `echo 'Verdict: pending' > "$folder/11-20-0601-quality-1.md"; go done`;
      assertTold(await lie(line, "quality", unfinished), /, but 11-20-0601-quality-1\.md is unfinished/);
    });

    await test.step("on from an open review, out of quality and out of testing", async () => {
      for (const target of ["testing", "done"]) {
        const tried = await lie(line, "quality", `round=1; review open; go ${target}`);
        assertTold(
          tried,
          /, but round 1 of the review leaves open: blocking: a leak; that goes to implementation first/,
        );
      }
      const tried = await lie(
        line,
        "testing",
        `go done\nelif [ $phase = quality ]; then go implementation`,
      );
      assert.deepEqual(tried.phases, ["implementation", "testing"]);
      assert.match(
        tried.reason,
        /asks for done, but round 1 of the review leaves open: blocking: a leak; .*was told so/,
      );
    });

    await test.step("on after an open last round: a human is asked at once, with what is open", async () => {
      const rounds = await lie(line, "quality", "review open; go implementation");
      assert.equal(rounds.code, 20);
      assert.deepEqual(rounds.phases, ["quality", "implementation", "testing", "quality"]);
      assert.match(
        rounds.reason,
        /^The last round 3 of the review leaves open: blocking: a leak\. Give guidance/,
      );
      for (const target of ["testing", "done"]) {
        const tried = await lie(line, "quality", `go ${target}`);
        assert.deepEqual([tried.code, tried.phases, tried.starts], [20, [], 1]);
        assert.match(tried.reason, /^The last round 3 of the review leaves open: blocking: a leak/);
      }
    });

    await test.step("to the end by a report that was rewritten or removed in another phase", async () => {
      const back = await lie(
        line,
        "testing",
        `sed -i s/open/fixed/ "$folder"/*quality-3.md; go done\nelif [ $phase = quality ]; then go implementation`,
      );
      assert.deepEqual([back.code, back.phases, back.starts], [20, ["implementation", "testing"], 1]);
      const removed = await lie(line, "testing", `rm "$folder"/*quality-*.md; go done`);
      assert.deepEqual([removed.code, removed.phases, removed.starts], [20, [], 1]);
      assert.match(removed.reason, /^The last round 3 of the review leaves open: blocking: a leak/);
    });

    await test.step("done without what it needs", async () => {
      line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: done"));
      const done = `say '{"status":"done","summary":"All of it"}'`;
      const nothing = await lie(line, "done", `rm -f "$folder"/*-test-report.md; ${done}`);
      assert.deepEqual(nothing.phases, ["done"], "a human accepted what is open");
      assert.match(
        nothing.reason,
        /says done, but there is no summary STAMP-summary\.md; there is no report STAMP-test-report\.md or STAMP-quality-N\.md; there is no pull-request text STAMP-pull-request\.md, and was told so\.$/,
      );
      const slips: readonly (readonly [act: string, problem: RegExp])[] = [
        [`ln -s /etc/hostname "$folder/11-20-0800-summary.md"; ${done}`, /there is no summary/],
        [`rm "$folder"/*-summary.md; : > "$folder/11-20-0800-summary.md"; ${done}`, /there is no summary/],
        [`mkdir -p "$folder/summary.md"; ${done}`, /there is no summary/],
        ["honest", /says done, but there is no report/],
        [
          `echo pass > "$folder/11-20-0700-test-report.md"; rm "$folder"/*-pull-request.md; ${done}`,
          /says done, but there is no pull-request text/,
        ],
        [`honest; echo x > forgotten`, /says done, but the worktree is not clean: forgotten/],
        [`honest; git add forgotten`, /says done, but the worktree is not clean: forgotten/],
        [
          `honest; rm -f forgotten; git rm -q --cached forgotten; echo x >> README.md`,
          /says done, but the worktree is not clean: README\.md/,
        ],
        [
          `git checkout -q README.md; honest; sed -i 's/- \\[x\\] Phase 1/- [ ] Phase 1/' "$plan"`,
          /says done, but the approved plan has unticked steps: "Phase 1: one"/,
        ],
      ];
      for (const [act, problem] of slips) assertTold(await lie(line, "done", act), problem);
      const honest = await lie(line, "done", "tick; honest");
      assert.deepEqual([honest.code, honest.reason], [0, "All of it"]);
    });
  },
}));

slowTest(
  "a human leaves steps out by moving the session on; the journal names them, and new ones stay due",
  async () => {
    using line = await approved();
    await lie(line, "implementation", `sed -i 's/- \\[ \\] Phase 1/- [x] Phase 1/' "$plan"; go testing`);
    line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: testing"));
    const tried = await lie(
      line,
      "quality",
      `sed -i 's/- \\[x\\] Phase 1/- [ ] Phase 1/' "$plan"; review clean; go done`,
    );
    assert.deepEqual(tried.phases.slice(0, 3), ["testing", "quality", "implementation"]);
    assert.match(tried.context, /asks for done, but the approved plan has unticked steps: "Phase 1: one"\. Carry/);
    const moved = line.project.events().flatMap((event) => event.type === "phase.entered" ? event.waived ?? [] : []);
    assert.deepEqual(moved, ["Phase 2: two"]);
  },
);

const STUCK: Readonly<Record<string, string>> = {
  "signals continue and changes nothing": `say '{"status":"continue"}'`,
  "says the same in the notebook again and again":
    `echo "- [00$(date +%S) @ 11-20 14:37] Still at it" >> "$folder/_overview.md"; say '{"status":"continue"}'`,
  "goes round through the phases": `
case $phase in implementation) go testing ;; *) go implementation ;; esac`,
  "notes something new each time": `date +%N >> "$folder/_overview.md"; say '{"status":"continue"}'`,
  "crashes every other time":
    `[ -e "$HOME/../odd" ] && { rm "$HOME/../odd"; exit 3; }; touch "$HOME/../odd"; say '{"status":"continue"}'`,
  "crashes each time": "exit 3",
  "makes empty commits": `commit --allow-empty -m "$(date +%N)"; say '{"status":"continue"}'`,
};

for (const [what, act] of Object.entries(STUCK)) {
  Deno.test(`an agent that ${what} is started five times at most, and told before the last`, async () => {
    using line = new CommandLine();
    await line.typeWithAgent(`${HONEST}\nhonest`, START, { env: UNGUARDED });
    line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: implementation"));
    const script = `
cp "$HOME"/.cache/samocode/context/*/*.md "$HOME/../context.$(ls "$HOME/.." | grep -c '^context')"
${HONEST}
${act}`;
    const { code, out } = await line.typeWithAgent(script, RUN, {
      env: { ...UNGUARDED, SAMOCODE_MAX_RETRIES: "50", SAMOCODE_RETRY_DELAY: "0" },
    });
    assert.equal(code, 20, out);
    assert.match((await line.status("top")).detail, /^No progress: the last 5 agent starts \(/);
    const contexts = [0, 1, 2, 3, 4].map((start) =>
      Deno.readTextFileSync(join(line.project.root, `context.${start}`)).includes("There was no progress: the last 4")
    );
    assert.deepEqual(contexts, [false, false, false, false, true]);
    const starts = line.project.events().filter(({ type }) => type === "iteration.started").length;
    assert.equal(starts, 2 + 5, "two of them before");
  });
}

slowTest("the same failing command is told after six attempts, and an outage counts for nothing", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(`${HONEST}\nhonest`, START, { env: UNGUARDED });
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: implementation"));
  const script = `
${HONEST}
echo x >> "$HOME/../starts"
if [ $(wc -l < "$HOME/../starts") -le 3 ]; then
  echo '{"type":"system","subtype":"init"}'
  echo '{"type":"result","is_error":true,"api_error_status":529,"result":"Overloaded"}'
  exit 1
fi
echo '{"type":"assistant","message":{"id":"m","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"npm test"}}]}}'
echo '{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"Exit code 1","is_error":true,"tool_use_id":"t1"}]}}'
date +%N > code
say '{"status":"continue"}'`;
  const { code } = await line.typeWithAgent(script, RUN, {
    env: { ...UNGUARDED, SAMOCODE_MAX_RETRIES: "50", SAMOCODE_RETRY_DELAY: "0" },
  });
  assert.equal(code, 20);
  assert.equal(
    (await line.status("top")).detail,
    'No progress: the command "npm test" failed in each of the last 7 attempts, and neither the plan nor another ' +
      "document changed meanwhile",
  );
  assert.equal(Deno.readTextFileSync(join(line.project.root, "starts")).length / 2, 3 + 7);
});
