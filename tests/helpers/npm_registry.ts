/**
 * An npm registry on this machine that knows a few packages, and an npm that knows nothing else.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { TempFolder } from "./temp_folder.ts";

/** What a program said, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A registry, and a home folder without settings or a cache for whoever uses it. */
export class NpmRegistry implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly #files = new Map<string, BodyInit>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const file = this.#files.get(new URL(url).pathname);
    return file === undefined ? new Response("{}", { status: 404 }) : new Response(file);
  });
  readonly url = `http://127.0.0.1:${this.#server.addr.port}`;
  /** For node, npm and npx: no proxy, no settings of the person's, no other registry. */
  readonly env: Readonly<Record<string, string>> = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: this.#folder.folder("home"),
    npm_config_cache: this.#folder.at("cache"),
    npm_config_globalconfig: this.#folder.at("no-npmrc"),
    npm_config_prefix: this.#folder.folder("prefix"),
    npm_config_registry: this.url,
    npm_config_update_notifier: "false",
    npm_config_audit: "false",
    npm_config_fund: "false",
  };

  /** Where `npm install -g` puts commands. */
  readonly globalBin: string = join(this.#folder.at("prefix"), "bin");

  /** Offers a packed package as the latest of its name, with the manifest that is in it. */
  publish(archive: string): void {
    const bytes = Deno.readFileSync(archive);
    const folder = basename(archive, ".tar.gz");
    const { stdout } = new Deno.Command("tar", { args: ["-xzOf", archive, `${folder}/package.json`] }).outputSync();
    const manifest = JSON.parse(new TextDecoder().decode(stdout));
    const { name, version } = manifest;
    const tarball = `/${name}/-/${name}-${version}.tgz`;
    const dist = {
      tarball: this.url + tarball,
      integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    };
    this.#files.set(tarball, bytes);
    const packument = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
    this.#files.set(`/${name}`, JSON.stringify(packument));
  }

  /** Lets the download of a package fail, until the returned function is called. */
  withhold(name: string): () => void {
    const files = [...this.#files].filter(([path]) => path.startsWith(`/${name}/-/`));
    for (const [path] of files) this.#files.delete(path);
    return () => files.forEach(([path, file]) => this.#files.set(path, file));
  }

  /** Runs a program against the registry, without input. */
  async run(binary: string, args: readonly string[]): Promise<Ended> {
    const { code, stdout, stderr } = await new Deno.Command(binary, {
      args: [...args],
      cwd: this.env["HOME"] ?? "",
      clearEnv: true,
      env: { ...this.env },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#folder[Symbol.dispose]();
  }
}
