/**
 * An npm registry on this machine that knows a few packages, and an npm that knows nothing else.
 *
 * @module
 */
import { basename, join } from "node:path";
import { createHash } from "node:crypto";
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

  /** An empty folder to stand in. */
  readonly project: string = this.#folder.folder("project");
  /** Where `npm install -g` puts commands. */
  readonly globalBin: string = join(this.env["npm_config_prefix"] ?? "", "bin");

  /** Packs the package in a folder, as publishing does, and offers it as the latest of its name. */
  async publish(folder: string): Promise<void> {
    const packed = this.#folder.folder("packed", basename(folder));
    const { code, stderr } = await this.run("npm", ["pack", "--silent", "--pack-destination", packed, folder], {
      // Of its own: what npm packs it finds again in its cache, and asks no registry for.
      npm_config_cache: this.#folder.at("cache-for-packing"),
    });
    const tarball = [...Deno.readDirSync(packed)][0]?.name;
    if (code !== 0 || tarball === undefined) throw new Error(`npm pack failed: ${stderr}`);
    const manifest = JSON.parse(Deno.readTextFileSync(join(folder, "package.json")));
    const { name, version } = manifest;
    const bytes = Deno.readFileSync(join(packed, tarball));
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const dist = { tarball: `${this.url}/${name}/-/${tarball}`, integrity };
    this.#files.set(`/${name}/-/${tarball}`, bytes);
    const packument = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
    this.#files.set(`/${name}`, JSON.stringify(packument));
  }

  /** Lets the download of a package fail, until the returned function is called. */
  withhold(name: string): () => void {
    const files = [...this.#files].filter(([path]) => path.startsWith(`/${name}/-/`));
    for (const [path] of files) this.#files.delete(path);
    return () => files.forEach(([path, file]) => this.#files.set(path, file));
  }

  /** Runs a program against the registry, without input, with some settings more. */
  async run(binary: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const { code, stdout, stderr } = await new Deno.Command(binary, {
      args: [...args],
      cwd: this.project,
      clearEnv: true,
      env: { ...this.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#folder[Symbol.dispose]();
  }
}
