/**
 * A collector on loopback: takes OTLP over HTTP, or misbehaves in one of the ways that collectors do.
 *
 * @module
 */
import { readPoints, readSpans, type SeenPoint, type SeenSpan } from "./otlp.ts";

/** A request as it arrived. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Answers a request; by default as a collector that took everything. */
export type Answering = (request: SeenRequest, count: number) => Response | Promise<Response>;

/** A collector, until it is disposed. */
export class Collector implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stop = new AbortController();

  constructor(answer: Answering = () => new Response(new Uint8Array())) {
    const { signal } = this.#stop;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal, onListen: () => {} }, async (request) => {
      const { pathname: path } = new URL(request.url);
      const seen = { path, headers: request.headers, body: new Uint8Array(await request.arrayBuffer()) };
      const count = this.requests.push(seen);
      return await answer(seen, count);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** All spans so far. */
  get spans(): readonly SeenSpan[] {
    return this.#at("/v1/traces").flatMap(({ body, headers }) => readSpans(body, isJson(headers)));
  }

  /** The points of the last export of each source of metrics. */
  get points(): readonly SeenPoint[] {
    const exports = this.#at("/v1/metrics").map(({ body, headers }) => readPoints(body, isJson(headers)));
    const last = new Map(exports.map((points) => [points[0]?.resource["service.instance.id"], points]));
    return [...last.values()].flat();
  }

  #at(end: string): readonly SeenRequest[] {
    return this.requests.filter(({ path }) => path.endsWith(end));
  }

  /** Ends it with whatever it has not answered. */
  async abandon(): Promise<void> {
    this.#stop.abort();
    await this.#server.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function isJson(headers: Headers): boolean {
  return headers.get("content-type") === "application/json";
}
