/**
 * How long a person waits for the page: from an address to what it shows of a session of 100,000 events, and from a line
 * of its journal to the screen. Beside it, the same Chromium with a bare page of a bare server.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { layoutOf } from "../src/session/layout.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { Chromium } from "../tests/helpers/browser.ts";
import { makeLongSession } from "../tests/helpers/long_session.ts";
import { openJournal } from "../tests/helpers/own_journal.ts";
import { TempProject } from "../tests/helpers/temp_project.ts";
import { ViewServer } from "../tests/helpers/view_page.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { samocodeProgram } from "./program.ts";

const CHROMIUM = Deno.env.get("CHROMIUM_PATH") || "/usr/bin/chromium";

/** Measures and says what came of it. */
export async function benchViewPage({ root, quick, write }: BenchOptions): Promise<void> {
  if (statIfExists(CHROMIUM) === undefined) {
    write("The page in a browser: not measured, there is no Chromium; set CHROMIUM_PATH");
    return;
  }
  const count = quick ? 1_000 : 100_000;
  const program = samocodeProgram(root);
  using project = new TempProject({}, [program.command, ...program.before]);
  const folder = makeLongSession(project, { count, isRunning: true });
  await using server = await ViewServer.start(project);
  await using bare = new BareServer();
  await using chromium = await Chromium.start();
  await using profile = await chromium.profile();
  const page = await profile.open(server.url);
  const floor = await profile.open(bare.url);
  const key: string = await page.evaluate(
    `fetch("/api/sessions").then((answer) => answer.json()).then(({ rows }) => rows[0].key)`,
  );
  const session = (tab: string): string => `${server.origin}/?${++loads}#/s/${key}/${tab}`;
  let loads = 0;

  const rounds = quick ? 1 : 15;
  const painted = new Series(() => paint(page, { url: session(""), until: ".stepper" }));
  const plotted = new Series(() => paint(page, { url: session(""), until: ".read-out p:not(:empty)" }));
  const listed = new Series(() => paint(page, { url: session("journal"), until: ".event-line b" }));
  const plain = new Series(() => paint(floor, { url: `${bare.url}?${++loads}`, until: "p" }));
  await inTurns([painted, plotted, listed, plain], { rounds });

  await page.goto(session("journal"));
  await page.locator(".event-line b").first().waitFor();
  const journal = openJournal(layoutOf(folder).journal, { stateFolder: stateFolder(project.env) });
  const appended = new Series(() =>
    show(page, (text) => Promise.resolve(void journal.append({ type: "agent.said", text })))
  );
  const pushed = new Series(() => show(floor, (text) => bare.push(text)));
  await inTurns([appended, pushed], { rounds: quick ? 1 : 30 });

  write(`The page of a session of ${count} events, ${rounds} rounds; the program is ${program.name}`);
  write(ratioLine("the session's head / a bare page", { of: painted.figures, to: plain.figures }));
  write(figureLine("until the session's head is there", { figures: painted.figures, unit: "ms" }));
  write(figureLine("until a bare page is there", { figures: plain.figures, unit: "ms" }));
  write(figureLine("until the timeline is drawn", { figures: plotted.figures, unit: "ms" }));
  write(figureLine("until the journal's last events are listed", { figures: listed.figures, unit: "ms" }));
  write(
    ratioLine("a line appended to the journal / pushed by a bare server", { of: appended.figures, to: pushed.figures }),
  );
  write(figureLine("from the journal to the screen", { figures: appended.figures, unit: "ms" }));
  write(figureLine("from a bare server to the screen", { figures: pushed.figures, unit: "ms" }));
}

/** Milliseconds from an address to the frame after something is there. */
async function paint(page: Page, { url, until }: { readonly url: string; readonly until: string }): Promise<number> {
  // Chromium holds back what nobody looks at.
  await page.bringToFront();
  await page.goto(url, { waitUntil: "commit" });
  return await page.evaluate(`new Promise((done) => {
    const look = () => requestAnimationFrame(() => document.querySelector(${JSON.stringify(until)}) === null
      ? look()
      : requestAnimationFrame(() => done(performance.now())));
    look();
  })`);
}

let texts = 0;

/** Milliseconds from a text being sent to the frame after it is in the document; both clocks are this machine's. */
async function show(page: Page, send: (text: string) => Promise<void>): Promise<number> {
  await page.bringToFront();
  const text = `line ${++texts} of the measurement`;
  await page.evaluate(`window.shownAt = new Promise((done) => {
    new MutationObserver((_, observer) => {
      if (!document.body.textContent.includes(${JSON.stringify(text)})) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(Date.now())));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }); undefined`);
  const begun = Date.now();
  await send(text);
  const shownAt: number = await page.evaluate("window.shownAt");
  return shownAt - begun;
}

/** The least that shows a page and pushes text to it. */
class BareServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  constructor() {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
      const path = new URL(url).pathname;
      if (path === "/stream") return new Response(this.#stream(), { headers: { "content-type": "text/event-stream" } });
      return new Response(PAGE, { headers: { "content-type": "text/html" } });
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async push(text: string): Promise<void> {
    while (this.#streams.size === 0) await new Promise((wake) => setTimeout(wake, 5));
    for (const stream of this.#streams) stream.enqueue(new TextEncoder().encode(`data: ${text}\n\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await this.#server.shutdown();
  }

  #stream(): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream({
      start: (stream) => {
        own = stream;
        this.#streams.add(stream);
        stream.enqueue(new TextEncoder().encode(": hello\n\n"));
      },
      cancel: () => void this.#streams.delete(own),
    });
  }
}

const PAGE = `<!DOCTYPE html><title>bare</title><p>bare</p><script>
  new EventSource("/stream").onmessage = ({ data }) => document.body.append(data);
</script>`;
