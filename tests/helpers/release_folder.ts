/**
 * A release on loopback, with a small shell script for a binary: what install.sh downloads from.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { TempFolder } from "./temp_folder.ts";

/** The platform that the tests run on, as releases call it. */
export const HERE = `${Deno.build.os === "darwin" ? "macos" : Deno.build.os}-${
  Deno.build.arch === "aarch64" ? "arm64" : "x64"
}`;

/** A binary that prints its version, and nothing else. */
export function programOf(version: string): string {
  return `#!/bin/sh\n[ "$1" = --version ] && echo 'samocode ${version} (a test, not a build)'\n`;
}

/** SHA-256 in hexadecimal digits, as `sha256sum` writes it. */
export function sumOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Releases, and a server that serves them until it is disposed. */
export class ReleaseFolder implements AsyncDisposable {
  /** The paths that were requested, in order. */
  readonly requests: string[] = [];
  /** Answers by the end of the path; they replace the file. */
  readonly answers: Map<string, () => Response> = new Map();
  readonly #folder = new TempFolder();
  readonly #server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    const path = new URL(url).pathname.slice(1);
    this.requests.push(path);
    const special = [...this.answers].find(([end]) => path.endsWith(end));
    if (special !== undefined) return special[1]();
    try {
      return new Response(Deno.readFileSync(this.#folder.at(path)));
    } catch {
      return new Response("Not found", { status: 404 });
    }
  });

  /** For SAMOCODE_RELEASES. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Publishes a release with this binary as the latest. */
  add(version: string, { program = programOf(version), platform = HERE } = {}): void {
    this.addArchive(version, (stage) => stage.file(`samocode-${platform}/bin/samocode`, program), { platform });
  }

  /** Publishes a release with an archive of whatever `fill` puts into a folder; `tar` is added to tar's arguments. */
  addArchive(
    version: string,
    fill: (stage: TempFolder) => void,
    { platform = HERE, tar = [] }: { readonly platform?: string; readonly tar?: readonly string[] } = {},
  ): void {
    using stage = new TempFolder();
    using made = new TempFolder();
    fill(stage);
    const args = ["-czPf", made.at("archive"), "-C", stage.path, ...tar, ...stage.names()];
    if (!new Deno.Command("tar", { args }).outputSync().success) throw new Error("tar failed");
    const archive = Deno.readFileSync(made.at("archive"));
    for (const below of [`download/v${version}`, "latest/download"]) {
      this.#folder.file(`${below}/samocode-${platform}.tar.gz`, archive);
      this.#folder.file(`${below}/SHA256SUMS`, `${sumOf(archive)}  samocode-${platform}.tar.gz\n`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#folder[Symbol.dispose]();
  }
}
