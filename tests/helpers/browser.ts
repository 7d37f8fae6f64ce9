/**
 * A real Chromium: `CHROMIUM_PATH`, or Debian's. Whatever a page should never do fails its test: errors in the console,
 * violations of the content security policy, dialogs, requests to another host, and what a hostile text would run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { skippedForClient } from "../../tools/skipped_test.ts";
import { slow } from "./slow.ts";

const PATH = Deno.env.get("CHROMIUM_PATH") || "/usr/bin/chromium";

/** How a page is looked at. */
export interface Look {
  /** In pixels; 390 is a phone's, which has no mouse. */
  readonly width?: number;
  readonly theme?: "light" | "dark";
}

/** A Chromium, which ends when it is disposed. */
export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Chromium> {
    // Its sandbox wants a user of its own, which a container's root is not.
    const args = ["--no-sandbox", "--disable-dev-shm-usage"];
    return new Chromium(await chromium.launch({ executablePath: PATH, args, chromiumSandbox: false }));
  }

  /** A profile of its own: nothing is kept of others. */
  async profile({ width = 1280, theme = "light" }: Look = {}): Promise<Profile> {
    const isPhone = width < 720;
    const context = await this.#browser.newContext({
      viewport: { width, height: isPhone ? 844 : 860 },
      colorScheme: theme,
      hasTouch: isPhone,
      isMobile: isPhone,
      // What a person sees must not depend on the moment of an animation.
      reducedMotion: "reduce",
      locale: "en-GB",
    });
    return new Profile(context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** A browser's profile with its tabs, and what went wrong in them. */
export class Profile implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #problems: string[] = [];
  /** All that its tabs asked for. */
  readonly requests: { readonly page: Page; readonly path: string }[] = [];
  /** What a page may say, for a server that is down. */
  readonly #expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    this.#context = context;
  }

  /** Opens a tab. */
  async open(url: string): Promise<Page> {
    const page = await this.#context.newPage();
    const { host } = new URL(url);
    page.on("console", (message) => message.type() === "error" && this.#problems.push(message.text()));
    page.on("pageerror", ({ message }) => this.#problems.push(message));
    page.on("dialog", (dialog) => {
      this.#problems.push(`A dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      this.requests.push({ page, path: new URL(request.url()).pathname });
      if (new URL(request.url()).host !== host) this.#problems.push(`A request to ${request.url()}`);
    });
    await page.addInitScript(WATCH);
    await page.goto(url);
    return page;
  }

  /** Takes a message of the console for right. */
  expect(message: RegExp): void {
    this.#expected.push(message);
  }

  /** Fails with everything that went wrong. */
  async check(): Promise<void> {
    for (const page of this.#context.pages()) {
      const seen: readonly string[] = await page.evaluate("window.problems");
      this.#problems.push(...seen);
    }
    const left = this.#problems.filter((text) => !this.#expected.some((expected) => expected.test(text)));
    assert.deepEqual(left, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}

/** Hears from the first moment on; `hacked` is what hostile texts of tests would call. */
const WATCH = `
window.problems = [];
window.hacked = (from) => window.problems.push("ran: " + from);
window.shifts = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  window.problems.push("policy: " + violatedDirective + " " + blockedURI));
const placeOf = ({ x, y, width, height }) => [x, y, width, height].join();
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    // A number that grows to the left within its own box moves nothing.
    const moved = sources.filter(({ previousRect, currentRect }) => placeOf(previousRect) !== placeOf(currentRect));
    if (hadRecentInput || (sources.length > 0 && moved.length === 0)) continue;
    window.shifts.push(value + " " + moved.map(({ node, previousRect, currentRect }) =>
      (node && (node.className || node.nodeName)) + " " + placeOf(previousRect) + " to " + placeOf(currentRect)).join("; "));
  }
}).observe({ type: "layout-shift", buffered: true });
`;

/** Fails with what axe finds: rules that a screen reader or a keyboard depends on, and contrast. */
export async function checkAccess(page: Page): Promise<void> {
  await page.evaluate(axeSource());
  const found: readonly string[] = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ": " + node.html.slice(0, 200) + " " + node.failureSummary)))`);
  assert.deepEqual(found, []);
}

/** Fails where a finger would miss: on a phone each control has at least 44 by 44 pixels, but for links in a text. */
export async function checkTargets(page: Page): Promise<void> {
  const small: readonly string[] = await page.evaluate(`
    [...document.querySelectorAll("button:not(.link), select, .field, .option, .row, .tabs a, summary, .brand")]
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ each, box }) => each.outerHTML.slice(0, 120) + " " + box.width + "x" + box.height)`);
  assert.deepEqual(small, []);
}

/** Fails if anything moved that nobody touched, since the page was opened. */
export async function checkStillness(page: Page): Promise<void> {
  const shifts: readonly string[] = await page.evaluate("window.shifts");
  assert.deepEqual(shifts, []);
}

/** Fails if one must scroll sideways. */
export async function checkWidth(page: Page): Promise<void> {
  const wide: readonly string[] = await page.evaluate(`
    document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth)
      .map((each) => each.nodeName + " " + each.getAttribute("class") + " " + each.getBoundingClientRect().right)`);
  assert.deepEqual(wide, [], "scrolls sideways");
}

/** Registers a test that drives Chromium, or an ignored one whose name says that it is missing. */
export function browserTest(name: string, run: (chromium: Chromium) => Promise<void>): void {
  const lacks = Deno.version.deno.startsWith("2.4.")
    ? `${name} (skipped: tested with the other Deno)`
    : isThere(PATH)
    ? undefined
    : skippedForClient(name, "chromium");
  if (lacks !== undefined) {
    Deno.test({ name: lacks, ignore: true, fn: () => {} });
    return;
  }
  Deno.test(slow({
    name,
    // Playwright keeps timers and pipes of its own.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(): Promise<void> {
      await using chromium = await Chromium.start();
      await run(chromium);
    },
  }));
}

function axeSource(): string {
  const path = new URL(import.meta.resolve("axe-core")).pathname.replace(/[^/]+$/, "axe.min.js");
  return Deno.readTextFileSync(path);
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
