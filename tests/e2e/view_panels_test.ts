import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { StoryAnswer } from "../../src/view/contract.ts";
import { formatCost, formatDuration } from "../../src/text/format.ts";
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
import { keepPicture } from "../helpers/keep_picture.ts";
import { hostile, makeLongSession, MAX_COST, NEEDLE } from "../helpers/long_session.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { ViewServer } from "../helpers/view_page.ts";

/** What is in sight of a list, and twenty rows beyond it. */
const MOST_ROWS = 60;

browserTest("a page lists 100,000 events with few of them in the document, and searches them", async (chromium) => {
  await using scene = await Scene.open(chromium, { count: 100_000 });
  const { page, project } = scene;
  await scene.tab("journal");
  const list = page.getByRole("listbox", { name: "Events" });
  await row(page, 100_000).waitFor();
  assert.equal(await page.getByText("100,000 events").count(), 1);

  await list.focus();
  await page.keyboard.press("Home");
  await row(page, 1).getByText("session.created").waitFor();
  assert.ok(await list.getByRole("option").count() <= MOST_ROWS);
  for (const seq of [50_001, 77_777, 20]) {
    await list.evaluate((box, top) => box.scrollTop = top, (seq - 1) * 30);
    await row(page, seq).waitFor();
    assert.ok(await list.getByRole("option").count() <= MOST_ROWS);
  }
  await page.keyboard.press("End");
  await row(page, 100_000).getByText("session.stopped").waitFor();
  assert.deepEqual(
    await list.getByRole("option").last().evaluate((each) => [each.ariaSetSize, each.ariaPosInSet]),
    ["100000", "100000"],
  );

  // Whoever is at the end stays there.
  const guided = await project.run(["guide", "long", "Look at the clock first"]);
  assert.equal(guided.code, 0, guided.stderr);
  await list.getByText("Look at the clock first").waitFor();
  assert.equal(await page.getByText("100,001 events").count(), 1);

  await page.getByRole("searchbox", { name: "Search the journal" }).fill(NEEDLE);
  await page.getByText("1 found", { exact: true }).waitFor();
  await list.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText(hostile("journal")).waitFor();
  await dialog.getByRole("button", { name: "Copy" }).click();
  await dialog.getByRole("button", { name: "Copied" }).waitFor();
  await checkAccess(page);
  await keepPicture(page, "panel-journal-event");
  await page.keyboard.press("Escape");
  await page.getByRole("searchbox", { name: "Search the journal" }).fill("");
  await page.getByRole("combobox", { name: "Which events" }).selectOption({ label: "Checks and reviews" });
  await list.getByText("review.ended").waitFor();
  const types = await list.locator("b").allTextContents();
  assert.deepEqual([...new Set(types)].sort(), ["baseline.accepted", "check.ended", "check.started", "review.ended"]);
  await scene.check();
});

browserTest("a page plots each iteration of a session, and tells the same in a table", async (chromium) => {
  await using scene = await Scene.open(chromium, { count: 3_000 });
  const { page, story } = scene;
  const iterations = new Set(story.attempts.map(({ iteration }) => iteration)).size;
  const spent = story.attempts.reduce((sum, { usage }) => sum + (usage.costUsd ?? 0), 0);
  const plots = page.getByRole("slider", { name: "Iterations" });
  await page.locator(`[role=slider][aria-valuemax="${iterations}"]`).waitFor();
  assert.deepEqual(await drawn(page), {
    bars: ["--phase-2", "--phase-3", "--phase-4", "--phase-6", "--phase-8", "--accent"],
    cost: ["--accent", "--bad"],
  });
  await keepPicture(page, "panel-timeline");

  await plots.focus();
  await page.keyboard.press("Home");
  const readOut = page.locator(".read-out");
  await readOut.getByText("Iteration 1, investigation").waitFor();
  await page.keyboard.press("ArrowRight");
  await readOut.getByText("Iteration 2, requirements · 3 attempts").waitFor();
  assert.match(await plots.getAttribute("aria-valuetext") ?? "", /^Iteration 2, .*check failed: npm test failed/);
  await page.locator(".bar-plot .u-over").hover({ position: { x: 1, y: 20 } });
  await readOut.getByText("Iteration 1, ").waitFor();

  await page.getByRole("button", { name: "By time" }).click();
  await page.getByRole("button", { name: "Tokens" }).click();
  assert.equal((await drawn(page)).cost.length, 2);
  await page.getByRole("button", { name: "As table" }).click();
  const table = page.getByRole("table");
  await table.getByText(`${iterations} iterations, ${formatCost(spent)} of ${formatCost(MAX_COST)}`).waitFor();
  for (;;) {
    const more = page.getByRole("button", { name: "earlier row" });
    if (await more.count() === 0) break;
    await more.click();
  }
  const shown = await page.evaluate(`[...document.querySelectorAll("tbody tr")].map((row) =>
    [...row.cells].map((cell) => cell.textContent))`) as readonly (readonly string[])[];
  assert.deepEqual(
    shown.filter((cells) => cells.length === 8).map((
      [number, phase, , duration, , cost],
    ) => [number, phase, duration, cost]),
    story.attempts.map(({ iteration, attempt, phase, durationMs, usage }) => [
      attempt === 1 ? `${iteration}` : `${iteration}, attempt ${attempt}`,
      phase,
      formatDuration(durationMs),
      formatCost(usage.costUsd ?? 0),
    ]),
  );
  assert.deepEqual(
    shown.filter((cells) => cells.length === 4).map(([, , , text]) => text),
    story.marks.map(({ text }) => text),
  );
  await scene.check();
});

for (const look of [{ width: 1280, theme: "light" }, { width: 390, theme: "dark" }] as const) {
  const { width, theme } = look;
  browserTest(`the parts of a session run nothing of its texts, at ${width} pixels, ${theme}`, async (chromium) => {
    await using scene = await Scene.open(chromium, { count: 400, look });
    const { page } = scene;
    const expected: Readonly<Record<string, () => Promise<void>>> = {
      "": async () => await page.getByText("Which key store").first().waitFor(),
      diff: async () => {
        await page.getByRole("button", { name: "hostile.html" }).click();
        await page.locator(".diff-box").getByText(hostile("diff")).waitFor();
        await page.getByText("more lines are not shown").waitFor();
      },
      log: async () => {
        await page.locator("[data-kind=said]").getByText(hostile("log")).waitFor();
        await page.getByRole("button", { name: "Show what came before" }).click();
        await page.locator("[data-kind=attempt]").waitFor();
        await scene.tab("log/2.3");
        await page.locator(".log-rows li:only-child").getByText("Attempt 3").waitFor();
        await page.getByRole("button", { name: "All", exact: true }).click();
        await page.locator(".log-rows").getByText("Attempt 1").waitFor();
        await scene.tab("log");
        await page.getByRole("searchbox", { name: "Search this iteration" }).fill("filter 123");
        await page.locator(".log-rows li:only-child").waitFor();
      },
      documents: async () => {
        await page.getByRole("button", { name: "11-20-0509-plan-long.md" }).click();
        await page.locator(".document").getByText(hostile("plan")).waitFor();
        await page.getByRole("img", { name: "login 390.png" }).click();
        await page.getByRole("dialog", { name: "login 390.png" }).getByRole("img").waitFor();
        await page.keyboard.press("ArrowRight");
        await page.getByRole("dialog", { name: "login 1280.png" }).waitFor();
        await checkAccess(page);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      },
      checks: async () => await page.getByText("1 of 214 tests failed").waitFor(),
      journal: async () => await page.getByText(hostile("journal")).first().waitFor(),
    };
    for (const [tab, see] of Object.entries(expected)) {
      await scene.tab(tab);
      await see();
      await checkAccess(page);
      await checkStillness(page);
      await checkWidth(page);
      if (width === 390) await checkTargets(page);
      await keepPicture(page, `panel-${tab || "overview"}-${width}-${theme}`);
    }
    await scene.tab("diff");
    await page.getByText("2 commits").waitFor();
    await page.getByRole("button", { name: hostile("subject") }).first().click();
    await page.locator(".diff-files li:only-child").waitFor();
    await scene.check();
  });
}

/** The row of an event, by its number. */
function row(page: Page, seq: number): ReturnType<Page["locator"]> {
  return page.getByRole("option").filter({ has: page.getByText(String(seq), { exact: true }) });
}

/** Which colours of the style are on the canvases, below the marks. The fifth phase has the accent's. */
async function drawn(page: Page): Promise<{ readonly bars: readonly string[]; readonly cost: readonly string[] }> {
  return await page.evaluate(`(() => {
    const names = [2, 3, 4, 6, 8].map((n) => "--phase-" + n).concat("--accent", "--bad");
    const probe = document.createElement("i");
    document.body.append(probe);
    const colours = new Map(names.map((name) => {
      probe.style.color = "var(" + name + ")";
      return [getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).join(), name];
    }));
    probe.remove();
    const on = (canvas, top) => {
      const { data } = canvas.getContext("2d").getImageData(0, top, canvas.width, canvas.height - 40 - top);
      const found = new Set();
      for (let at = 0; at < data.length; at += 4) found.add(colours.get(data.slice(at, at + 3).join()));
      return names.filter((name) => found.has(name));
    };
    return { bars: on(document.querySelector(".bar-plot canvas"), 70), cost: on(document.querySelector(".cost-plot canvas"), 0) };
  })()`);
}

/** A browser that looks at a long session. */
class Scene implements AsyncDisposable {
  readonly project: TempProject;
  readonly page: Page;
  readonly story: StoryAnswer;
  readonly #key: string;
  readonly #profile: Profile;
  readonly #server: ViewServer;

  private constructor(
    { project, server, profile }: {
      readonly project: TempProject;
      readonly server: ViewServer;
      readonly profile: Profile;
    },
    { page, key, story }: { readonly page: Page; readonly key: string; readonly story: StoryAnswer },
  ) {
    this.project = project;
    this.page = page;
    this.story = story;
    this.#key = key;
    this.#profile = profile;
    this.#server = server;
  }

  static async open(
    chromium: Chromium,
    { count, look = {} }: { readonly count: number; readonly look?: Look },
  ): Promise<Scene> {
    const project = new TempProject();
    makeLongSession(project, { count });
    const server = await ViewServer.start(project);
    const profile = await chromium.profile(look);
    const page = await profile.open(server.url);
    // The address opens one browser, once.
    const key: string = await page.evaluate(
      `fetch("/api/sessions").then((answer) => answer.json()).then(({ rows }) => rows[0].key)`,
    );
    const story: StoryAnswer = await page.evaluate(
      `fetch("/api/sessions/${key}/story").then((answer) => answer.json())`,
    );
    const scene = new Scene({ project, server, profile }, { page, key, story });
    await scene.tab("");
    return scene;
  }

  async tab(name: string): Promise<void> {
    await this.page.evaluate(`location.hash = "#/s/${this.#key}${name === "" ? "" : `/${name}`}"`);
  }

  /** Fails with what went wrong in the browser, and with what axe finds. */
  async check(): Promise<void> {
    await this.#profile.check();
    await checkAccess(this.page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#profile[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}
