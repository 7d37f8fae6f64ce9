/**
 * Serves the page: takes connections, has the guard look at each request, and answers.
 *
 * @module
 */
import { pause } from "../system/pause.ts";
import { messageOf } from "../text/errors.ts";
import { failure, json } from "./answers.ts";
import type { SeatAnswer } from "./contract.ts";
import { Guard, type GuardOptions, isPassed, type PageAddress } from "./guard.ts";
import type { Listening } from "./listening.ts";
import { readBody } from "./read_body.ts";
import { answerAbout } from "./requests.ts";
import type { Sessions } from "./sessions.ts";
import { staticFile, type StaticFiles } from "./static_files.ts";
import { readPlaces, Stream } from "./stream.ts";
import { Turns } from "./turns.ts";

/** What the server needs. */
export interface ServeOptions extends GuardOptions {
  readonly sessions: Sessions;
  readonly files: StaticFiles;
  readonly log: (line: string) => void;
}

/** A person has fewer devices, and all tabs of a browser share one stream. */
const MAX_STREAMS = 64;

/** What a page asks for at once, and what all pages may have waiting. */
const TURNS = { most: 4, longest: 64 } as const;

/** Who reads slowly does not hold the end of the server. */
const ENDS_WITHIN_MS = 2_000;

/** When no more connections can be taken, some will have ended by then. */
const AGAIN_MS = 1_000;

/** A server that takes requests until it is closed. */
export interface PageServer extends AsyncDisposable {
  readonly address: PageAddress;
  /** Rejects if it cannot go on. */
  readonly failed: Promise<never>;
}

/**
 * Begins to serve.
 *
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export function serve({ hostname, port, tls, origin }: Listening, options: ServeOptions): PageServer {
  const { sessions, files, log } = options;
  const streams = new Set<Stream>();
  const turns = new Turns(TURNS);
  const over = new AbortController();
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => {});
  let server = begin(port);
  const address = addressOf(server.addr, { tls: tls !== undefined, origin });
  const guard = new Guard(address, options);

  function begin(port: number): Deno.HttpServer<Deno.NetAddr> {
    const begun = Deno.serve({
      ...{ hostname, port },
      ...(tls && { cert: tls.cert, key: tls.key }),
      onListen: () => {},
      onError: (error) => {
        log(messageOf(error));
        return failure(500, { error: "The server failed", hint: "Its terminal says why" });
      },
    }, answer);
    begun.finished.catch((error) => beginAgain(begun.addr.port, error));
    return begun;
  }

  /** Deno stops where it has no file left for one more connection. */
  async function beginAgain(port: number, error: unknown): Promise<void> {
    if (over.signal.aborted) return;
    log(`The page takes no connections for a moment: ${messageOf(error)}`);
    await pause(AGAIN_MS, over.signal);
    if (over.signal.aborted) return;
    try {
      server = begin(port);
    } catch (failure) {
      failing.reject(failure);
    }
  }

  async function answer(request: Request): Promise<Response> {
    const checked = await guard.check(request);
    if (!isPassed(checked)) return checked;
    const { pathname, searchParams: query } = new URL(request.url);
    if (request.method === "POST") return await answerPost(request, { pathname, by: checked.by });
    const found = staticFile(files, pathname);
    if (found !== undefined) return found;
    switch (pathname) {
      case "/api/stream":
        return stream(request.headers.get("last-event-id") ?? query.get("watch") ?? "");
      case "/api/seat": {
        const { error = "", hint = "" } = guard.whyNoActs(checked) ?? {};
        return json({ mayAct: error === "", why: error === "" ? "" : `${error}. ${hint}` } satisfies SeatAnswer);
      }
      case "/api/sessions":
        await sessions.ready;
        return json({ at: new Date().toISOString(), rows: sessions.rows(), gone: [], isAll: true });
    }
    const mayAct = checked.by !== undefined;
    return await turns.take(() => answerAbout(sessions, pathname, { query, mayAct })) ??
      failure(503, { error: "Too much was asked at once", hint: "Try again in a moment" });
  }

  async function answerPost(
    request: Request,
    { pathname, by }: { readonly pathname: string; readonly by: string | undefined },
  ): Promise<Response> {
    const [, key] = /^\/api\/sessions\/([0-9a-f]{16})\/acts$/.exec(pathname) ?? [];
    if (key === undefined || by === undefined) return failure(404, { error: "There is no such act", hint: "" });
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const { answerAct } = await import("./acts.ts");
    return await answerAct(sessions, { key, body: body.value, by });
  }

  function stream(places: string): Response {
    if (streams.size >= MAX_STREAMS) return failure(503, { error: "Too many pages are open", hint: "Close some" });
    const begun = new Stream(sessions, readPlaces(places));
    streams.add(begun);
    void begun.ended.then(() => streams.delete(begun));
    return begun.response();
  }

  return {
    address,
    failed: failing.promise,
    async [Symbol.asyncDispose](): Promise<void> {
      over.abort();
      for (const each of streams) each.close();
      const late = new AbortController();
      await Promise.race([server.shutdown(), pause(ENDS_WITHIN_MS, late.signal)]);
      late.abort();
    },
  };
}

function addressOf(
  { hostname, port }: Deno.NetAddr,
  { tls, origin }: { readonly tls: boolean; readonly origin: string | undefined },
): PageAddress {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const url = new URL(origin ?? `${tls ? "https" : "http"}://${host}:${port}`);
  return { origin: url.origin, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}
