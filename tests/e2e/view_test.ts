/**
 * The page in a real browser, on the real server and the demo's agent.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import {
  browserTest,
  checkAccess,
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
      const decisions = project.events().filter(({ type }) => /^(gate|plan)\./.test(type) && type !== "gate.opened");
      assert.deepEqual(decisions.flatMap((event) => "by" in event ? [String(event.by).split(":")[0]] : []), [
        "page",
        "page",
        "page",
      ]);
      await opened.profile.check();
    },
  );
}

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

async function untilTitle(page: Page, title: string): Promise<void> {
  for (let waits = 0; waits < 100 && await page.title() !== title; waits++) await page.waitForTimeout(50);
  assert.equal(await page.title(), title);
}
