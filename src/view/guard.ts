/**
 * Who may talk to the page: a browser that was opened with an address from the person's own terminal, by the page's own
 * name. What is sent where is decided by request headers that no other page can forge.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { PageVisitor } from "../messages/who_decided.ts";
import { hashOf } from "../trust/seen_file.ts";
import { failure, HEADERS, json, plain } from "./answers.ts";
import type { SeatAnswer } from "./contract.ts";
import { PAGE_FILES } from "./page_files.ts";

/** Where the page is. */
export interface PageAddress {
  /** As browsers name it: scheme, host and port. */
  readonly origin: string;
  /** The port that the cookie is named after: cookies know no ports, so two servers would overwrite each other's. */
  readonly port: number;
}

/** A request that may pass. */
export interface Passed {
  /** Who acts, for the journal; `undefined` unless it carries a key for acts. */
  readonly by: PageVisitor | undefined;
}

/** What a guard needs. */
export interface GuardOptions {
  /** Whether a person leads this process: without that, nobody gets a key for acts. */
  readonly isPersons: boolean;
  /** Whom a token of an address lets in, once; `undefined` if it is none. */
  readonly takeToken: (token: string) => Promise<PageVisitor | undefined>;
}

/** The header of the key for acts. */
const KEY_HEADER = "x-samocode-key";

/** The header of the code that makes a page's key act, once. */
const CODE_HEADER = "x-samocode-code";

/** 256 bits in hexadecimal: what nobody guesses. */
const KEY_FORM = /^[0-9a-f]{64}$/;

/** What needs no cookie: it has nothing of any session. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/", ...Object.keys(PAGE_FILES).map((name) => `/${name}`)]);

/** A person has fewer browsers. The one that was opened first has to be opened again. */
const MAX_SEATS = 100;

/** What a person reads who may not see or act. */
const OPEN_AGAIN = "Type samocode view in a terminal, and open the address that it prints";

/** Why a page that an agent started takes no acts. */
const AGENTS = {
  error: "This page shows, and takes no decisions: an agent started it",
  hint: "Type samocode view in a terminal that no agent opened",
} as const;

/** Lets requests pass, or answers them. */
export class Guard {
  readonly #address: PageAddress;
  readonly #options: GuardOptions;
  /** By hash, so that how long a look takes says nothing: the cookies that show, and the keys that act. */
  readonly #cookies = new Map<string, PageVisitor>();
  readonly #keys = new Map<string, PageVisitor>();
  /** A browser writes the address that it was led to into its history, so the key must not be in there. */
  readonly #codes = new Map<string, PageVisitor>();

  constructor(address: PageAddress, options: GuardOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** Why a request may not act; `undefined` if it may. */
  whyNoActs({ by }: Passed): { readonly error: string; readonly hint: string } | undefined {
    if (!this.#options.isPersons) return AGENTS;
    return by !== undefined ? undefined : { error: "This page may show, but not act", hint: OPEN_AGAIN };
  }

  /** Answers a request that may not pass, and the one that brings a token. */
  async check(request: Request): Promise<Response | Passed> {
    const { method, headers } = request;
    const { origin } = this.#address;
    // HTTP/2 has no such header, and the name in the address instead. It may be anything.
    const host = headers.get("host") ?? (URL.canParse(request.url) ? new URL(request.url).host : "");
    // A foreign page whose name was made to lead here still says its own name (DNS rebinding).
    if (`${new URL(origin).protocol}//${host}` !== origin) {
      return plain(403, `This page is at ${origin} and answers to no other name`);
    }
    const { pathname, searchParams } = new URL(request.url);
    if (method !== "GET" && method !== "POST") return plain(405, "GET and POST only");
    const from = headers.get("origin");
    if (from !== null && from !== origin) return plain(403, "Not from this page");
    const isOpening = method === "GET" && pathname === "/" && headers.get("sec-fetch-mode") === "navigate";
    const site = headers.get("sec-fetch-site") ?? "none";
    // A link to the page may be anywhere, as in the file that --open makes.
    if (site !== "same-origin" && site !== "none" && !isOpening) return plain(403, "Not from this page");
    if (method === "POST") {
      const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
      if (from === null || type !== "application/json") return plain(403, "Not from this page");
    }
    const token = searchParams.get("token");
    if (token !== null && pathname === "/") return await this.#enter(request, token);
    const by = this.#keys.get(hashOf(headers.get(KEY_HEADER) ?? ""));
    if (OPEN_PATHS.has(pathname) && method === "GET") return { by };
    if (!this.#hasCookie(headers)) {
      return failure(401, { error: "This browser is not signed in", hint: OPEN_AGAIN });
    }
    if (method === "POST" && pathname === "/api/key") return this.#acceptKey(headers);
    if (method === "POST") {
      const refusal = this.whyNoActs({ by });
      if (refusal !== undefined) return failure(403, refusal);
    }
    return { by };
  }

  /** Lets a page's own key act. The page may ask again: it may have been reloaded before it had the answer. */
  #acceptKey(headers: Headers): Response {
    const key = headers.get(KEY_HEADER) ?? "";
    if (!this.#keys.has(hashOf(key))) {
      const code = hashOf(headers.get(CODE_HEADER) ?? "");
      const visitor = this.#codes.get(code);
      if (visitor === undefined) return failure(403, { error: "This address was used", hint: OPEN_AGAIN });
      if (!KEY_FORM.test(key)) return failure(400, { error: "A key is 64 hexadecimal digits", hint: "" });
      this.#codes.delete(code);
      keep(this.#keys, key, visitor);
    }
    return json({ mayAct: true, why: "" } satisfies SeatAnswer);
  }

  /** Gives a browser its cookie and the code of its key for the token of an address, which leaves the address. */
  async #enter({ method, headers }: Request, token: string): Promise<Response> {
    // A browser that looks ahead would use it up.
    if (method !== "GET" || headers.has("sec-purpose") || headers.has("purpose")) return plain(403, "Not yet");
    const visitor = await this.#options.takeToken(token);
    if (visitor === undefined) {
      if (this.#hasCookie(headers)) return redirect("/");
      return plain(401, `This address was used, or its server has ended. ${OPEN_AGAIN}`);
    }
    const isSecure = this.#address.origin.startsWith("https:") ? "; Secure" : "";
    const cookie = issue(this.#cookies, visitor);
    const code = this.#options.isPersons ? `#code=${issue(this.#codes, visitor)}` : "";
    return redirect(`/${code}`, `${this.#cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/${isSecure}`);
  }

  get #cookieName(): string {
    return `samocode_${this.#address.port}`;
  }

  #hasCookie(headers: Headers): boolean {
    const start = `${this.#cookieName}=`;
    const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
    return pairs.some((pair) => pair.startsWith(start) && this.#cookies.has(hashOf(pair.slice(start.length))));
  }
}

/** Whether the guard let a request pass. */
export function isPassed(checked: Response | Passed): checked is Passed {
  return !(checked instanceof Response);
}

function issue(known: Map<string, PageVisitor>, visitor: PageVisitor): string {
  const secret = randomBytes(32).toString("hex");
  keep(known, secret, visitor);
  return secret;
}

function keep(known: Map<string, PageVisitor>, secret: string, visitor: PageVisitor): void {
  known.set(hashOf(secret), visitor);
  const [oldest] = known.keys();
  if (known.size > MAX_SEATS && oldest !== undefined) known.delete(oldest);
}

function redirect(location: string, cookie?: string): Response {
  const headers = new Headers({ ...HEADERS, location });
  if (cookie !== undefined) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
