import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderOverview } from "../../src/report/render_overview.ts";
import { renderReport } from "../../src/report/render_report.ts";
import { browserTest, checkAccess, checkStillness, type Chromium, type Look } from "../helpers/browser.ts";
import { EVIL, hostileReport } from "../helpers/hostile_report.ts";
import { sampleOverview, sampleReport } from "../helpers/sample_report.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

/** Where a test keeps what it saw, for a person to look at; nowhere without `SAMOCODE_TEST_PICTURES`. */
const PICTURES = Deno.env.get("SAMOCODE_TEST_PICTURES");

const LOOKS: readonly Required<Look>[] = [1280, 390].flatMap((width) =>
  (["light", "dark"] as const).map((theme) => ({ width, theme }))
);

/** Opens a report as one does who was sent it, opens all that is folded, and looks for what no report may do. */
async function look(chromium: Chromium, name: string, html: string): Promise<void> {
  using temp = new TempFolder();
  const path = temp.file(`${name}.html`, html);
  for (const { width, theme } of LOOKS) {
    await using profile = await chromium.profile({ width, theme });
    const page = await profile.open(pathToFileURL(path).href);
    await checkStillness(page);
    await page.evaluate(`for (const each of document.querySelectorAll("details")) each.open = true`);
    await checkStillness(page);
    await checkAccess(page);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${width}-${theme}.png`), fullPage: true });
    // Rows of one time line must be as wide as each other.
    const widths = await page.evaluate<number[]>(
      `[...document.querySelectorAll("svg.line")].map((each) => each.clientWidth)`,
    );
    assert.ok(new Set(widths).size <= 1, `${widths}`);
    assert.equal(await page.evaluate("document.scripts.length"), 0);
    await profile.check();
  }
}

browserTest("a report is accessible, loads nothing and fits, at both widths and in both themes", async (chromium) => {
  await look(chromium, "report", await renderReport(sampleReport()));
});

browserTest(
  "an overview is accessible, loads nothing and fits, at both widths and in both themes",
  async (chromium) => {
    await look(chromium, "overview", renderOverview(sampleOverview()));
  },
);

browserTest("a report of hostile texts runs and loads nothing, and shows them as they are", async (chromium) => {
  await look(chromium, "hostile", await renderReport(hostileReport()));
  const row = { project: EVIL, session: EVIL, task: EVIL, state: EVIL, detail: EVIL };
  const { sessions: [first], days: [day] } = sampleOverview();
  assert.ok(first !== undefined && day !== undefined);
  const rows = [{ ...day, key: EVIL }];
  await look(
    chromium,
    "hostile-overview",
    renderOverview(sampleOverview({
      ...{ sessions: [{ ...first, ...row }], states: { [EVIL]: 1 }, days: rows, phases: rows, models: rows },
      ...{ reasons: [{ text: EVIL, count: 2 }], leftOut: [EVIL] },
    })),
  );
});

browserTest("a report is whole when it is printed: what is folded is open", async (chromium) => {
  using temp = new TempFolder();
  const path = temp.file("report.html", await renderReport(sampleReport()));
  await using profile = await chromium.profile();
  const page = await profile.open(pathToFileURL(path).href);
  const height = () => page.evaluate<number>(`document.querySelector("#decisions details").offsetHeight`);
  const folded = await height();
  await page.emulateMedia({ media: "print" });
  assert.ok(await height() > 4 * folded);
});
