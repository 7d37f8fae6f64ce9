/**
 * A home of releases on loopback, whose program is a small shell script: what install.sh downloads from.
 *
 * @module
 */
import { dirname } from "node:path";
import { TempFolder } from "./temp_folder.ts";

/** The texts of an archive beside the program, as every release has them. */
const TEXTS = {
  "LICENSE": "The license\n",
  "samocode.1": ".TH samocode 1\n",
  "completions/samocode.bash": "complete samocode\n",
  "completions/_samocode": "#compdef samocode\n",
  "completions/samocode.fish": "complete -c samocode\n",
  "completions/samocode.ps1": "# samocode\n",
} as const;

/** What a request is answered with instead of the file. */
export type Answer = () => Response;

/** How a release differs from a sound one. */
export interface ReleaseOptions {
  /** Members by name; `undefined` leaves one out. */
  readonly members?: Readonly<Record<string, string | undefined>>;
  /** More arguments for tar, before the members. */
  readonly tar?: readonly string[];
  /** The archives to make; all are alike. */
  readonly platforms?: readonly string[];
}

/** A program that says its version, and nothing else. */
export function programOf(version: string): string {
  return `#!/bin/sh\n[ "$1" = --version ] && echo 'samocode ${version} (a test, not a build)'\n`;
}

/** The releases, and a server that gives them out until it is disposed. */
export class ReleaseFolder implements AsyncDisposable {
  readonly folder = new TempFolder();
  /** What was asked for, in order. */
  readonly requests: string[] = [];
  /** Answers by the end of the path. */
  readonly answers: Map<string, Answer> = new Map();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname.replace("/releases/", "")),
    );
  }

  /** For SAMOCODE_RELEASES. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/releases`;
  }

  /** The same as a folder. */
  get fileAddress(): string {
    return `file://${this.folder.path}`;
  }

  /** Makes a release, which is the latest from now on. */
  async add(version: string, { members = {}, tar = [], platforms = [HERE] }: ReleaseOptions = {}): Promise<void> {
    using stage = new TempFolder();
    const all = Object.entries({ samocode: programOf(version), ...TEXTS, ...members });
    const names = all.flatMap(([name, text]) => {
      if (text === undefined) return [];
      Deno.mkdirSync(dirname(stage.at(name)), { recursive: true });
      stage.file(name, text);
      return [name];
    });
    // As an archive may come: the program's mode is not to be relied on.
    const { success } = new Deno.Command("tar", {
      args: ["-czPf", stage.at("made.tar.gz"), "-C", stage.path, ...tar, ...names],
    }).outputSync();
    if (!success) throw new Error("tar failed");
    const archive = Deno.readFileSync(stage.at("made.tar.gz"));
    const sums = await Promise.all(platforms.map(async (name) => `${await sumOf(archive)}  samocode-${name}.tar.gz\n`));
    for (const below of [`download/v${version}`, "latest/download"]) {
      for (const name of platforms) this.folder.file(`${below}/samocode-${name}.tar.gz`, archive);
      this.folder.file(`${below}/SHA256SUMS`, sums.join(""));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.folder[Symbol.dispose]();
  }

  #answer(path: string): Response {
    this.requests.push(path);
    const special = [...this.answers].find(([end]) => path.endsWith(end));
    if (special !== undefined) return special[1]();
    try {
      return new Response(Deno.readFileSync(this.folder.at(path)));
    } catch {
      return new Response("Not found", { status: 404 });
    }
  }
}

/** The platform that the tests run on, as releases call it. */
export const HERE = `${Deno.build.os === "darwin" ? "macos" : Deno.build.os}-${
  Deno.build.arch === "aarch64" ? "arm64" : "x64"
}`;

/** SHA-256 in small hexadecimal digits, as `sha256sum` writes it. */
export async function sumOf(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
