/**
 * Serves the page: takes connections, has the guard look at each request, and answers.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";
import { failure, json } from "./answers.ts";
import { answerAct } from "./acts.ts";
import { readBody } from "./read_body.ts";
import { Guard, type GuardOptions, isPassed, type PageAddress } from "./guard.ts";
import type { Listening } from "./listening.ts";
import { answerAbout } from "./requests.ts";
import type { Sessions } from "./sessions.ts";
import { staticFile, type StaticFiles } from "./static_files.ts";
import { readPlaces, Stream } from "./stream.ts";

/** What the server needs. */
export interface ServeOptions extends GuardOptions {
  readonly sessions: Sessions;
  readonly files: StaticFiles;
  readonly log: (line: string) => void;
}

/** A person has fewer devices, and all tabs of a browser share one stream. */
const MAX_STREAMS = 64;

/** A server that takes requests until it is closed. */
export interface PageServer extends AsyncDisposable {
  readonly address: PageAddress;
}

/**
 * Begins to serve.
 *
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export function serve(listening: Listening, options: ServeOptions): PageServer {
  const { hostname, port, tls, origin } = listening;
  const { sessions, log } = options;
  const streams = new Set<Stream>();
  const server = Deno.serve({
    ...{ hostname, port },
    ...(tls && { cert: tls.cert, key: tls.key }),
    onListen: () => {},
    onError: (error) => {
      log(messageOf(error));
      return failure(500, { error: "The server failed", hint: "Its terminal says why" });
    },
  }, (request) => answer(request));
  const address = addressOf(server.addr, { tls: tls !== undefined, origin });
  const guard = new Guard(address, options);

  async function answer(request: Request): Promise<Response> {
    const checked = await guard.check(request);
    if (!isPassed(checked)) return checked;
    const { pathname, searchParams: query } = new URL(request.url);
    const found = request.method === "GET" ? staticFile(options.files, pathname) : undefined;
    if (found !== undefined) return found;
    if (request.method === "GET") {
      switch (pathname) {
        case "/api/stream":
          return stream(request.headers.get("last-event-id") ?? query.get("watch") ?? "");
        case "/api/seat": {
          const refusal = guard.whyNoActs(checked);
          return json({
            mayAct: refusal === undefined,
            why: refusal === undefined ? "" : `${refusal.error}. ${refusal.hint}`,
          });
        }
        case "/api/sessions":
          await sessions.ready;
          return json({ at: new Date().toISOString(), rows: sessions.rows(), gone: [], isAll: true });
      }
    }
    if (request.method === "POST") {
      const [, key] = /^\/api\/sessions\/([0-9a-f]{16})\/acts$/.exec(pathname) ?? [];
      if (key === undefined || checked.by === undefined) {
        return failure(404, { error: "There is no such act", hint: "" });
      }
      const body = await readBody(request);
      return body instanceof Response ? body : await answerAct(sessions, { key, body: body.value, by: checked.by });
    }
    return await answerAbout(sessions, pathname, { query, mayAct: checked.by !== undefined });
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
    async [Symbol.asyncDispose](): Promise<void> {
      for (const each of streams) each.close();
      await server.shutdown();
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
