import assert from "node:assert/strict";
import { join } from "node:path";
import { lockPlace } from "../../../src/project/install/manifest.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const hasFlock = isThere("flock");

for (const os of ["linux", "windows"]) {
  const name = `lockPlace() keeps other programs out until it is released, as on ${os}`;
  Deno.test({
    name: hasFlock ? name : `${name} (skipped: no flock here)`,
    ignore: !hasFlock,
    fn: () => {
      using temp = new TempFolder();
      using scratch = new ScratchFolder(temp.folder("scratch"));
      const root = temp.at("place");
      const lock = lockPlace(root, { os });
      const left = temp.names("scratch").map((each) => join(scratch.path, each));
      assert.equal(left.length, os === "windows" ? 1 : 0);
      const locked = left[0] ?? temp.path;
      assert.equal(isFree(locked), false);
      lock[Symbol.dispose]();
      assert.equal(isFree(locked), true);
      // Another place is another lock.
      using _other = lockPlace(temp.at("scratch", "place"), { os });
      assert.equal(isFree(locked), true);
    },
  });
}

Deno.test("lockPlace() names the missing folder", () => {
  using temp = new TempFolder();
  assert.throws(() => lockPlace(temp.at("it is gone", "place"), { os: "linux" }), {
    name: "SamocodeError",
    code: "system",
    hint: `Create the parent folder: mkdir -p '${temp.at("it is gone")}'`,
  });
});

/** The folder for temporary files until disposed. */
class ScratchFolder implements Disposable {
  readonly #before = Deno.env.get("TMPDIR");
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    Deno.env.set("TMPDIR", path);
  }

  [Symbol.dispose](): void {
    if (this.#before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", this.#before);
  }
}

/** Asks another program without waiting. */
function isFree(path: string): boolean {
  return new Deno.Command("flock", { args: ["--nonblock", path, "true"] }).outputSync().success;
}

function isThere(binary: string): boolean {
  try {
    return new Deno.Command(binary, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}
