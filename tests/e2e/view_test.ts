/**
 * The page in a real browser, on the real server and the demo's agent.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
  checkStillness,
  checkTargets,
  checkWidth,
  type Chromium,
  type Look,
  type Profile,
} from "../helpers/browser.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { ViewServer } from "../helpers/view_page.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

/** Pictures of every view are kept here, to be looked at. */
const PICTURES = join(ROOT, "dist", "pictures");

/** Everything that holds for a view, whatever it shows, and its picture. */
async function look(page: Page, name: string, { width = 1280, theme = "light" }: Look): Promise<void> {
  await checkAccess(page);
  await checkWidth(page);
  if (width < 720) await checkTargets(page);
  await page.screenshot({ path: join(PICTURES, `${name}-${width}-${theme}.png`) });
}

/** How a person does things. */
interface Hand {
  /** Presses a button or follows a link. */
  readonly press: (page: Page, name: string | RegExp) => Promise<void>;
  readonly open: (page: Page, session: string) => Promise<void>;
  readonly answer: (page: Page) => Promise<void>;
  readonly type: (page: Page, text: string) => Promise<void>;
  readonly tab: (page: Page, title: string) => Promise<void>;
}

const MOUSE: Hand = {
  press: (page, name) => control(page, name).click(),
  open: (page, session) => page.locator("a.row", { hasText: session }).click(),
  answer: async (page) => {
    await page.getByRole("radio", { name: /^B/ }).first().click();
    await page.getByRole("radio", { name: "Something else" }).nth(1).click();
    await page.getByLabel("Own answer to Q2").fill("A");
  },
  type: (page, text) => page.getByRole("textbox").first().fill(text),
  tab: (page, title) => page.getByRole("link", { name: title, exact: true }).click(),
};

const LETTERS: Readonly<Record<string, string>> = { Overview: "o", Plan: "p", Diff: "d", Journal: "j" };

const KEYBOARD: Hand = {
  press: async (page, name) => {
    await reach(page, name);
    await page.keyboard.press("Enter");
  },
  open: async (page, session) => {
    await page.keyboard.press("/");
    await page.keyboard.type(session);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
  },
  answer: async (page) => {
    await page.keyboard.press("w");
    await untilFocused(page, /^A/);
    await page.keyboard.press("ArrowDown");
    await reach(page, "Take all suggestions");
    await page.keyboard.press("Enter");
    // That moves the focus on to what sends them.
    await untilFocused(page, "Send answers");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
  },
  type: async (page, text) => {
    await page.keyboard.type(text);
  },
  tab: async (page, title) => {
    await page.keyboard.press("g");
    await page.keyboard.press(LETTERS[title] ?? "");
  },
};

function control(page: Page, name: string | RegExp): ReturnType<Page["locator"]> {
  return page.getByRole("button", { name }).or(page.getByRole("link", { name })).first();
}

/** Presses Tab until a control has the focus: whoever has no mouse must get there. */
async function reach(page: Page, name: string | RegExp): Promise<void> {
  await control(page, name).waitFor();
  for (let presses = 0; presses < 80; presses++) {
    if (await hasFocus(page, name)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not lead to ${name}`);
}

async function untilFocused(page: Page, name: string | RegExp): Promise<void> {
  for (let waits = 0; waits < 100 && !await hasFocus(page, name); waits++) await page.waitForTimeout(20);
  assert.ok(await hasFocus(page, name), `${name} has no focus`);
}

async function hasFocus(page: Page, name: string | RegExp): Promise<boolean> {
  const text = String(
    await page.evaluate(
      "document.activeElement.closest('label')?.innerText ?? document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText",
    ),
  ).trim();
  return typeof name === "string" ? text === name : name.test(text);
}

const WHOLE_SESSIONS: readonly (readonly [string, Hand, Required<Look>])[] = [
  ["the mouse", MOUSE, { width: 1280, theme: "light" }],
  ["the keyboard alone", KEYBOARD, { width: 1280, theme: "dark" }],
  ["a finger", MOUSE, { width: 390, theme: "dark" }],
  ["the keyboard alone", KEYBOARD, { width: 390, theme: "light" }],
];

for (const [by, hand, view] of WHOLE_SESSIONS) {
  browserTest(
    `samocode view takes a whole session by ${by} at ${view.width} pixels, ${view.theme}`,
    async (chromium) => {
      using project = new TempProject(DEMO);
      await project.run(["run", "--session", "other", "--task", "Something else"]);
      await project.run(["run", "--session", "tally", "--task", "Add --top"]);
      await using opened = await open(chromium, project, view);
      const { page } = opened;
      await page.waitForSelector("a.row");
      await untilTitle(page, "2 need you · samocode");
      await look(page, "list", view);

      await hand.open(page, "tally");
      await page.getByRole("heading", { name: "2 questions for you" }).waitFor();
      await look(page, "questions", view);
      await hand.answer(page);
      await hand.press(page, "Send answers");

      await page.getByRole("heading", { name: "Plan to approve" }).waitFor();
      await page.waitForSelector(".gate .document");
      await untilTitle(page, "2 need you · tally · samocode");
      await look(page, "plan", view);
      await hand.press(page, "Send back…");
      await untilFocused(page, "");
      await hand.type(page, "Keep the order of the words");
      await hand.press(page, "Send back");

      await page.getByText("What changed since you saw it").waitFor();
      await look(page, "plan-again", view);
      await hand.press(page, "Approve this plan");
      await page.getByRole("heading", { name: "Done", exact: true }).waitFor();
      await untilTitle(page, "1 needs you · tally · samocode");
      await look(page, "done", view);

      for (const title of ["Plan", "Diff", "Journal"]) {
        await hand.tab(page, title);
        await page.getByRole("heading", { name: title, exact: true, includeHidden: true }).first().waitFor();
        await page.waitForSelector("[aria-busy=true]", { state: "detached" });
        await look(page, title.toLowerCase(), view);
      }
      const decided = project.events().flatMap((event) =>
        event.type === "gate.opened" || event.type === "plan.rejected" ? [[event.type, event.by.split(":")[0]]] : []
      );
      assert.deepEqual(decided, [["gate.opened", "page"], ["plan.rejected", "page"], ["gate.opened", "page"]]);
      await opened.profile.check();
    },
  );
}

browserTest(
  "samocode view: nothing moves while it loads and ticks, whatever it shows, at both widths",
  async (chromium) => {
    using project = new TempProject(DEMO);
    await project.run(["run", "--session", "asks", "--task", "Add --top ".repeat(40)]);
    await project.run(["run", "--session", "waits", "--task", "Add --top"]);
    await project.run(["answer", "waits", "--accept-suggestions"]);
    await project.run(["run", "waits"]);
    await project.run(["start", "--session", "runs", "--task", "Add --top"], { SAMOCODE_DEMO_PACE: "200" });
    for (const view of [{ width: 1280 }, { width: 390 }]) {
      await using opened = await open(chromium, project, view);
      const { profile, page, server } = opened;
      await page.waitForSelector("a.row");
      const addresses = await page.locator("a.row").evaluateAll((rows) =>
        rows.map((row) => row.getAttribute("href") ?? "")
      );
      assert.equal(addresses.length, 3);
      for (const address of ["#/", ...addresses, ...addresses.map((each) => `${each}/plan`)]) {
        const fresh = await profile.open(`${server.origin}/${address}`);
        await fresh.waitForSelector("a.row, .session .tab");
        await fresh.waitForSelector("[aria-busy=true]", { state: "detached" });
        // Two ticks of the clocks.
        await fresh.waitForTimeout(2_200);
        await checkStillness(fresh);
        await checkWidth(fresh);
        await fresh.close();
      }
      await page.getByText("runs", { exact: true }).click();
      await page.waitForSelector(".live");
      await look(page, "running", view);
      if (view.width === 390) {
        const [note, plot] = await Promise.all(
          [page.getByLabel("Note for the next agent"), page.locator(".plot-card").first()].map((each) =>
            each.boundingBox()
          ),
        );
        assert.ok(note && plot && note.y < plot.y, "one must scroll past the plots to steer");
      }
      await profile.check();
    }
    await project.run(["stop", "runs", "--now"]);
  },
);

browserTest("samocode view guides, stops and resumes, and keeps what is typed until it is taken", async (chromium) => {
  using project = new TempProject({ ...DEMO, SAMOCODE_DEMO_PACE: "200" });
  await project.run(["start", "--session", "tally", "--task", "Add --top"]);
  await using opened = await open(chromium, project);
  const { page, profile } = opened;
  await MOUSE.open(page, "tally");
  await page.getByLabel("Note for the next agent").fill("Mind the gap");
  await page.reload();
  assert.equal(await page.getByLabel("Note for the next agent").inputValue(), "Mind the gap");
  await MOUSE.press(page, "Leave note");
  await page.getByRole("status").filter({ hasText: "will be told" }).waitFor();
  assert.equal(await page.getByLabel("Note for the next agent").inputValue(), "");
  await MOUSE.press(page, "Stop…");
  await look(page, "stop", {});
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.ok(await hasFocus(page, "Stop…"));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Now", exact: true }).click();
  await page.getByRole("heading", { name: "It has stopped" }).waitFor();
  await MOUSE.type(page, "Go on quickly");
  await MOUSE.press(page, "Resume with this note");
  await page.getByRole("heading", { name: "Steer" }).waitFor();
  assert.deepEqual(
    project.events().flatMap((event) => event.type === "guidance.given" ? [event.text] : []),
    ["Mind the gap", "Go on quickly"],
  );
  await project.run(["stop", "tally", "--now"]);
  await profile.check();
});

browserTest(
  "samocode view approves only the plan that was read, and says what is so if somebody was first",
  async (chromium) => {
    using project = new TempProject(DEMO);
    await project.run(["run", "--session", "tally", "--task", "Add --top"]);
    await project.run(["answer", "tally", "--accept-suggestions"]);
    await project.run(["run", "tally"]);
    await using opened = await open(chromium, project);
    const { page, profile } = opened;
    await MOUSE.open(page, "tally");
    const approve = page.getByRole("button", { name: "Approve this plan" });
    await approve.waitFor();
    const [plan = ""] = [...Deno.readDirSync(project.sessionFolder())].map(({ name }) => name)
      .filter((name) => name.includes("-plan-"));
    const path = join(project.sessionFolder(), plan);
    Deno.writeTextFileSync(path, `${Deno.readTextFileSync(path)}\nAnd delete everything.\n`);
    await page.getByText("The plan has changed since it was shown here").waitFor();
    assert.ok(await approve.isDisabled());
    await look(page, "plan-changed", {});
    await MOUSE.press(page, "Show the new plan");
    await page.locator(".document").getByText("And delete everything.").waitFor();
    assert.ok(await approve.isEnabled());
    // What somebody else decides at the same moment comes first.
    profile.expect(/409/);
    await page.route("**/acts", async (route) => {
      await project.approve("tally");
      await project.run(["run", "tally"]);
      await route.continue();
    });
    await approve.click();
    await page.getByRole("heading", { name: "Done", exact: true }).waitFor();
    await profile.check();
  },
);

browserTest("samocode view acts for a page that was reloaded before the server had answered it", async (chromium) => {
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "tally", "--task", "Add --top"]);
  await using server = await ViewServer.start(project);
  await using profile = await chromium.profile({});
  profile.expect(/ERR_FAILED|401/);
  const page = await profile.open(server.origin);
  await page.route("**/api/key", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.goto(server.url);
  const notice = page.getByText("This page may show, but not act");
  await notice.waitFor();
  await page.reload();
  await page.locator("a.row", { hasText: "tally" }).waitFor();
  assert.equal(await notice.count(), 0);
  await MOUSE.open(page, "tally");
  await page.getByRole("button", { name: "Take all suggestions" }).click();
  await page.getByRole("button", { name: "Send answers" }).click();
  await page.getByRole("heading", { name: "Plan to approve" }).waitFor();
});

browserTest("samocode view runs nothing that a task, a plan, a diff, a log or a document says", async (chromium) => {
  const hostile = (from: string) =>
    `<img src=x onerror="hacked('${from}')"><script>hacked('${from}')</script> [link](javascript:hacked('${from}')) ` +
    `![picture](http://evil.example/${from}.png) <a href="javascript:hacked('${from}')">click</a>`;
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "tally", "--task", hostile("task")]);
  await project.run(["answer", "tally", "--accept-suggestions"]);
  await project.run(["guide", "tally", hostile("guidance")]);
  await project.run(["run", "tally"]);
  const folder = project.sessionFolder();
  for (
    const { name } of [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".md") && name !== "_qa.md")
  ) {
    Deno.writeTextFileSync(join(folder, name), `\n\n${hostile(name)}\n`, { append: true });
  }
  const worktree = join(project.root, "worktrees", "tally");
  Deno.writeTextFileSync(join(worktree, "<img src=x onerror=hacked('name')>.txt"), hostile("diff"));
  for (const args of [["add", "--all"], ["commit", "--quiet", "--message", hostile("commit")]]) {
    await new Deno.Command("git", { args, cwd: worktree, env: project.env }).output();
  }
  await using opened = await open(chromium, project);
  const { page, profile } = opened;
  await page.waitForSelector("a.row");
  await MOUSE.open(page, "tally");
  await page.getByText("hacked('task')").waitFor();
  await page.locator(".gate .document").waitFor();
  for (const title of ["Plan", "Diff", "Log", "Documents", "Checks", "Journal"]) {
    await MOUSE.tab(page, title);
    await page.waitForSelector("[aria-busy=true]", { state: "detached" });
    await page.waitForTimeout(200);
    assert.deepEqual(await page.locator("main script, main [onerror], main a[href^=javascript]").count(), 0, title);
    if (title === "Documents") {
      for (const document of await page.locator(".tab button, .tab a").filter({ hasText: ".md" }).all()) {
        await document.click();
        await page.waitForTimeout(100);
      }
    }
  }
  await profile.check();
});

browserTest(
  "samocode view: tabs share one stream, hand it on, and go on when the server is started anew",
  async (chromium) => {
    using project = new TempProject(DEMO);
    await project.run(["run", "--session", "one", "--task", "Add --top"]);
    const port = freePort();
    const first = await ViewServer.start(project, ["--port", String(port)]);
    await using profile = await chromium.profile();
    const tabs = [await profile.open(first.url), await profile.open(first.origin)];
    for (const tab of tabs) {
      await tab.waitForSelector("a.row");
      await MOUSE.open(tab, "one");
      await tab.getByRole("heading", { name: "2 questions for you" }).waitFor();
    }
    await project.run(["run", "--session", "two", "--task", "Add --top"]);
    for (const tab of tabs) await untilTitle(tab, "2 need you · one · samocode");
    const streaming = new Set(profile.requests.filter(({ path }) => path === "/api/stream").map(({ page }) => page));
    assert.equal(streaming.size, 1);
    const [leader] = streaming;
    const [follower] = tabs.filter((tab) => tab !== leader);
    assert.ok(leader && follower);
    await leader.close();
    await project.run(["run", "--session", "three", "--task", "Add --top"]);
    await untilTitle(follower, "3 need you · one · samocode");

    profile.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|401/);
    await first.end();
    await follower.waitForSelector(".live-sign.lost");
    const second = await ViewServer.start(project, ["--port", String(port)]);
    await follower.getByText("The server was restarted").waitFor();
    await checkAccess(follower);
    await project.run(["answer", "two", "--accept-suggestions"]);
    const again = await profile.open(second.url);
    await again.waitForSelector("a.row");
    await follower.getByText("Live", { exact: true }).waitFor();
    await untilTitle(follower, "2 need you · one · samocode");
    await MOUSE.press(follower, "Take all suggestions");
    await MOUSE.press(follower, "Send answers");
    await follower.getByRole("heading", { name: "Plan to approve" }).waitFor();
    await profile.check();
    await second.end();
  },
);

browserTest("samocode view says in one row on a phone that it is offline, and then what to do", async (chromium) => {
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "one", "--task", "Add --top"]);
  await using opened = await open(chromium, project, { width: 390 });
  const { page, profile, server } = opened;
  await page.waitForSelector(".need-count a");
  profile.expect(/ERR_/);
  await server.end("SIGKILL");
  await page.waitForSelector(".live-sign.lost");
  const [count, sign] = await Promise.all(
    [".need-count a", ".live-sign > svg"].map((each) => page.locator(each).boundingBox()),
  );
  assert.ok(count && sign && count.x + count.width <= sign.x, "the sign covers the count");
  await page.getByText("The server is not responding").waitFor();
  await look(page, "offline", { width: 390 });
  await profile.check();
});

browserTest(
  "samocode view notices that nobody answers any more, and is live again when somebody does",
  async (chromium) => {
    using project = new TempProject(DEMO);
    await project.run(["run", "--session", "one", "--task", "Add --top"]);
    await using opened = await open(chromium, project);
    const { page, profile, server } = opened;
    await page.clock.install();
    await page.reload();
    await page.getByText("Live", { exact: true }).waitFor();
    Deno.kill(server.pid, "SIGSTOP");
    try {
      await page.clock.fastForward(41_000);
      await page.waitForSelector(".live-sign.lost");
    } finally {
      Deno.kill(server.pid, "SIGCONT");
    }
    await page.clock.fastForward(5_000);
    await page.getByText("Live", { exact: true }).waitFor();
    await profile.check();
  },
);

browserTest("samocode view keeps the plot's labels and the checks true while a session goes on", async (chromium) => {
  using project = new TempProject(DEMO);
  Deno.writeTextFileSync(join(project.root, ".samocode"), "CHECK=true\n", { append: true });
  project.trust();
  await project.run(["run", "--session", "tally", "--task", "Add --top"]);
  await using opened = await open(chromium, project);
  const { page, profile } = opened;
  await page.addInitScript(`
    window.labels = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      window.labels.push(String(text));
      return fillText.call(this, text, ...rest);
    };`);
  await page.reload();
  await MOUSE.open(page, "tally");
  await untilDrawn(page, "2");
  await MOUSE.press(page, "Take all suggestions");
  await page.evaluate(`
    new MutationObserver(() => {
      if (document.querySelector("#resume-note") !== null) window.problems.push("It asks to resume what was just answered");
    }).observe(document.body, { childList: true, subtree: true, characterData: true });`);
  await MOUSE.press(page, "Send answers");
  await page.getByRole("heading", { name: "Plan to approve" }).waitFor();
  await untilDrawn(page, "4");
  await MOUSE.press(page, "Approve this plan");
  await page.getByRole("heading", { name: "Done", exact: true }).waitFor();
  await MOUSE.tab(page, "Checks");
  await page.getByText("on the latest commit").waitFor();
  const first = page.locator(".round", { hasText: "Before the first change" });
  assert.equal(await first.locator(".freshness").count(), 0);
  await profile.check();
});

browserTest("samocode view searches and filters 500 sessions, and keeps that in the address", async (chromium) => {
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "tally", "--task", "Add --top"]);
  await using opened = await open(chromium, project);
  const { page } = opened;
  await page.waitForSelector("a.row");
  // 500 rows as the server would send them: making as many sessions takes minutes.
  const rows = (await page.evaluate("fetch('/api/sessions').then((answer) => answer.json())")) as {
    readonly rows: readonly Record<string, unknown>[];
  };
  const [row] = rows.rows;
  const many = Array.from({ length: 500 }, (_, at) => ({
    ...row,
    key: at.toString(16).padStart(16, "0"),
    session: `session-${at}`,
    needs: at % 50 === 0 ? "answers" : "none",
    state: at % 50 === 0 ? "waiting" : at % 7 === 0 ? "running" : "done",
    project: at % 2 === 0 ? "even" : "odd",
  }));
  const message = { at: new Date().toISOString(), rows: many, gone: [], isAll: true };
  await page.route("**/api/stream*", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: `retry: 100000\nid: \nevent: sessions\ndata: ${JSON.stringify(message)}\n\n`,
    }));
  await page.reload();
  await page.getByText("session-499").waitFor();
  await look(page, "list-500", {});
  const made: number = await page.evaluate(`(async () => {
    const field = document.querySelector("input[type=search]");
    let made = 0;
    const watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => made += addedNodes.length));
    watch.observe(document.querySelector("main"), { childList: true, subtree: true });
    for (const text of ["s", "se", "session-1", "session-12", ""]) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
    return made;
  })()`);
  assert.ok(made < 50, `the search makes ${made} nodes anew`);
  await page.getByLabel("Search sessions").fill("session-10");
  await page.getByRole("button", { name: /^Running/ }).click();
  await page.getByLabel("Project").selectOption("odd");
  assert.equal(new URL(page.url()).hash, "#/?q=session-10&show=running&project=odd");
  await page.reload();
  await page.getByText("session-105").waitFor();
  assert.deepEqual(await page.locator("a.row:visible b").allTextContents(), ["session-105"]);
  assert.deepEqual(await page.evaluate("window.problems"), []);
});

/** A project's page in a profile of its own. */
interface Opened extends AsyncDisposable {
  readonly server: ViewServer;
  readonly profile: Profile;
  readonly page: Page;
}

async function open(chromium: Chromium, project: TempProject, view: Look = {}): Promise<Opened> {
  Deno.mkdirSync(PICTURES, { recursive: true });
  const server = await ViewServer.start(project);
  const profile = await chromium.profile(view);
  const page = await profile.open(server.url);
  return {
    server,
    profile,
    page,
    async [Symbol.asyncDispose](): Promise<void> {
      await profile[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Waits until a plot has drawn a label; the page's policy forbids what would wait in it. */
async function untilDrawn(page: Page, label: string): Promise<void> {
  const isDrawn = async (): Promise<boolean> => await page.evaluate(`window.labels.includes("${label}")`);
  for (let waits = 0; waits < 100 && !await isDrawn(); waits++) await page.waitForTimeout(50);
  assert.ok(await isDrawn(), `no label says ${label}`);
}

async function untilTitle(page: Page, title: string): Promise<void> {
  for (let waits = 0; waits < 100 && await page.title() !== title; waits++) await page.waitForTimeout(50);
  assert.equal(await page.title(), title);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
