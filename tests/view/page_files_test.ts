import assert from "node:assert/strict";
import { join } from "node:path";
import { bundlePage, findPageFiles, PAGE_FILES } from "../../src/view/page_files.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { makeTempFolder } from "../helpers/temp_folder.ts";

Deno.test("bundlePage() gives the same bytes from the same source, wherever that is, and nothing that a browser lacks", async () => {
  const folder = makeTempFolder();
  try {
    const texts: string[][] = [];
    for (const [at, root] of [ROOT, copyOf(join(folder, "a", "longer", "path"))].entries()) {
      const bundled = join(folder, String(at));
      await bundlePage({ root, folder: bundled });
      assert.deepEqual([...Deno.readDirSync(bundled)].map(({ name }) => name).sort(), Object.keys(PAGE_FILES).sort());
      texts.push(Object.keys(PAGE_FILES).map((name) => Deno.readTextFileSync(join(bundled, name))));
    }
    assert.deepEqual(texts[0], texts[1]);
    const all = texts.flat().join("\n");
    assert.deepEqual(all.match(/\bDeno\.|https?:\/\/(?!www\.w3\.org\/)[^\s"'`)]*|\beval\(|new Function\(/g) ?? [], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("findPageFiles() bundles once for a source, and again when it changes", async () => {
  const folder = makeTempFolder();
  try {
    const root = copyOf(folder);
    const [first, second] = await Promise.all([findPageFiles(root), findPageFiles(root)]);
    assert.equal(first, second);
    assert.deepEqual([...Deno.readDirSync(join(root, "dist"))].length, 1);
    Deno.writeTextFileSync(join(root, "page", "styles", "base.css"), "main { color: teal }", { append: true });
    const changed = await findPageFiles(root);
    assert.notEqual(changed, first);
    assert.match(Deno.readTextFileSync(join(changed, "page.css")), /teal/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** What the page is made of. */
function copyOf(to: string): string {
  for (const path of ["page", "src/text", "src/workflow", "src/view", "deno.json", "deno.lock"]) {
    copy(join(ROOT, path), join(to, path));
  }
  return to;
}

function copy(from: string, to: string): void {
  Deno.mkdirSync(join(to, ".."), { recursive: true });
  if (Deno.statSync(from).isFile) return Deno.copyFileSync(from, to);
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}
