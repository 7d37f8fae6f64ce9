/**
 * Temporary folders that are removed when they are disposed.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nearestProjectFile } from "../../src/settings/load_settings.ts";

/** Where temporary folders go: below no `.samocode`, which a developer may have above the system's usual place. */
const PARENT = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"].find((folder) => {
  try {
    return nearestProjectFile(Deno.realPathSync(folder)) === undefined;
  } catch {
    return false;
  }
});

/** Makes a temporary folder; its path has no links in it, as programs print it. */
export function makeTempFolder(): string {
  const options = PARENT === undefined ? {} : { dir: PARENT };
  return Deno.realPathSync(Deno.makeTempDirSync({ ...options, prefix: "samocode-test-" }));
}

/** A folder of its own for one test. */
export class TempFolder implements Disposable {
  readonly path: string = makeTempFolder();

  /** A path in the folder. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Makes a folder in it. */
  folder(...names: readonly string[]): string {
    Deno.mkdirSync(this.at(...names), { recursive: true });
    return this.at(...names);
  }

  /** Writes a file in it. */
  file(name: string, content: string | Uint8Array): string {
    Deno.mkdirSync(join(this.at(name), ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(this.at(name), content);
    else Deno.writeFileSync(this.at(name), content);
    return this.at(name);
  }

  /** Makes a pipe with a name: a plain read of it never ends. */
  pipe(name: string): string {
    const { success } = new Deno.Command("mkfifo", { args: [this.at(name)] }).outputSync();
    if (!success) throw new Error("mkfifo failed");
    return this.at(name);
  }

  /** All names in it, sorted. */
  names(...below: readonly string[]): readonly string[] {
    return [...Deno.readDirSync(this.at(...below))].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A very small disk. Not everybody may mount one: ask first. */
export class SmallDisk implements Disposable {
  readonly #folder = new TempFolder();
  readonly path: string = this.#folder.path;

  constructor(sizeKiB: number) {
    const args = ["-t", "tmpfs", "-o", `size=${sizeKiB}k`, "none", this.path];
    if (new Deno.Command("mount", { args, stderr: "null" }).outputSync().success) return;
    this.#folder[Symbol.dispose]();
    throw new Error(`cannot mount ${this.path}`);
  }

  static isPossible(): boolean {
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
    try {
      new SmallDisk(64)[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    if (!new Deno.Command("umount", { args: [this.path] }).outputSync().success) {
      throw new Error(`cannot unmount ${this.path}`);
    }
    this.#folder[Symbol.dispose]();
  }
}

/** A disk of its own under a folder and all that is in it, to be filled. Ask {@linkcode SmallDisk} whether it is possible. */
export class DiskUnder implements Disposable {
  readonly #folder: string;
  readonly #filler: string;

  constructor(folder: string, { sizeMiB }: { readonly sizeMiB: number }) {
    this.#folder = folder;
    this.#filler = join(folder, "filler");
    using aside = new TempFolder();
    run("cp", "--archive", `${folder}/.`, aside.path);
    run("mount", "-t", "tmpfs", "-o", `size=${sizeMiB}m`, "none", folder);
    run("cp", "--archive", `${aside.path}/.`, folder);
  }

  /** Leaves no room for a single byte. */
  fill(): void {
    using file = Deno.openSync(this.#filler, { write: true, create: true });
    for (let size = 1024 * 1024; size >= 1;) {
      try {
        if (file.writeSync(new Uint8Array(size)) < size) size /= 2;
      } catch {
        size = Math.floor(size / 2);
      }
    }
  }

  /** Makes room again. */
  free(): void {
    Deno.removeSync(this.#filler);
  }

  [Symbol.dispose](): void {
    run("umount", this.#folder);
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
