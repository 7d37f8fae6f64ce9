import assert from "node:assert/strict";
import { join } from "node:path";
import { type ArtifactPage, readArtifact } from "../../src/operations/read_artifact.ts";
import type { Samocode } from "../../src/operations/samocode.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { Journal } from "../../src/session/journal.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { samocodeIn } from "../helpers/background.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const SESSION = "sessions/26-01-02-top";

/** A project with one session, and a file beside it that must never be seen. */
class Stage implements Disposable {
  readonly temp = new TempFolder();
  readonly folder: string;
  readonly #samocode: Samocode;

  constructor() {
    for (const name of ["repo", "worktrees", `${SESSION}/_logs`]) this.temp.folder(...name.split("/"));
    this.folder = this.temp.at(SESSION);
    this.temp.file(".samocode", "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
    this.temp.file("secret", "SECRET");
    using journal = Journal.open(join(this.folder, "_journal.jsonl"), {
      stateFolder: stateFolder({ HOME: this.temp.path }),
    });
    journal.append({ type: "session.created", name: "top", task: "Add --top", dive: "" });
    viewTrust({ env: { HOME: this.temp.path }, workingDirectory: this.temp.path, config: undefined }).trust();
    this.#samocode = samocodeIn(this.temp.path, { HOME: this.temp.path, SAMOCODE_PROVIDER: "demo" });
  }

  file(name: string, content: string | Uint8Array): void {
    this.temp.file(`${SESSION}/${name}`, content);
  }

  names(): readonly string[] {
    const answer = readArtifact(this.#samocode, { session: "top", file: undefined, offset: 0, limit: 0 });
    assert.ok("files" in answer);
    return answer.files.map(({ name }) => name);
  }

  sizes(): Readonly<Record<string, number>> {
    const answer = readArtifact(this.#samocode, { session: "top", file: undefined, offset: 0, limit: 0 });
    assert.ok("files" in answer);
    return Object.fromEntries(answer.files.map(({ name, bytes }) => [name, bytes]));
  }

  page(file: string, offset = 0, limit = 40_000): ArtifactPage {
    const answer = readArtifact(this.#samocode, { session: "top", file, offset, limit });
    assert.ok("text" in answer);
    return answer;
  }

  refusal(file: string, offset = 0, limit = 40_000): string {
    try {
      return `read: ${this.page(file, offset, limit).text}`;
    } catch (error) {
      if (!(error instanceof SamocodeError)) throw error;
      return error.code;
    }
  }

  [Symbol.dispose](): void {
    this.temp[Symbol.dispose]();
  }
}

Deno.test("readArtifact() lists the session's files with their sizes, without the lock, hidden files and links", () => {
  using stage = new Stage();
  stage.file("_overview.md", "# Top ä\n");
  stage.file("_logs/11-20-0500-001-planning.jsonl", "{}\n");
  stage.file("reports/flow.log", "");
  stage.file("reports/deep/er.md", "not listed");
  stage.file(".0d1b.tmp", "half");
  stage.file(".hidden/file", "x");
  for (const name of ["two\nlines.md", "bidi\u202e.md", "esc\x1b[2J.md", "back\\slash.md"]) stage.file(name, "x");
  stage.temp.pipe(`${SESSION}/pipe`);
  Deno.symlinkSync(stage.temp.at("secret"), join(stage.folder, "link.md"));
  Deno.symlinkSync(stage.temp.path, join(stage.folder, "out"));
  const { "_journal.jsonl": journal, ...others } = stage.sizes();
  assert.ok((journal ?? 0) > 0);
  assert.deepEqual(others, { "_overview.md": 9, "_logs/11-20-0500-001-planning.jsonl": 3, "reports/flow.log": 0 });
});

Deno.test("readArtifact() lists only the last of many files, and only some of many folders", () => {
  using stage = new Stage();
  for (let number = 0; number < 600; number++) stage.file(`_logs/${String(number).padStart(4, "0")}.jsonl`, "");
  for (let number = 0; number < 100; number++) stage.file(`x${String(number).padStart(3, "0")}/file`, "");
  const names = stage.names();
  assert.equal(names.length, 1 + 500 + 19);
  assert.equal(names.includes("_logs/0599.jsonl") && !names.includes("_logs/0099.jsonl"), true);
  assert.equal(stage.page("_logs/0000.jsonl").text, "", "what is not listed can be read");
});

Deno.test("readArtifact() reads a page, says where the next begins, and counts a negative offset from the end", () => {
  using stage = new Stage();
  stage.file("a.md", "0123456789");
  const page = { name: "a.md", bytes: 10 };
  assert.deepEqual(stage.page("a.md", 0, 4), { ...page, text: "0123", offset: 0, next: 4 });
  assert.deepEqual(stage.page("a.md", 4, 4), { ...page, text: "4567", offset: 4, next: 8 });
  assert.deepEqual(stage.page("a.md", 8, 4), { ...page, text: "89", offset: 8, next: undefined });
  assert.deepEqual(stage.page("a.md", 6, 4), { ...page, text: "6789", offset: 6, next: undefined });
  assert.deepEqual(stage.page("a.md", -4, 100), { ...page, text: "6789", offset: 6, next: undefined });
  assert.deepEqual(stage.page("a.md", -100, 4), { ...page, text: "0123", offset: 0, next: 4 });
  assert.deepEqual(stage.page("a.md", 99, 4), { ...page, text: "", offset: 10, next: undefined });
  for (const limit of [0, -5, 1]) {
    assert.equal(stage.page("a.md", 0, limit).next, 4, "a page takes at least a character");
  }
  stage.file("big.md", "x".repeat(100_000));
  assert.deepEqual([stage.page("big.md", 0, 1e9).text.length, stage.page("big.md", -1e15, 1e15).next], [
    40_000,
    40_000,
  ]);
});

Deno.test("readArtifact() cuts between characters: the pages together are the text, whatever their size", () => {
  using stage = new Stage();
  const text = "aä€😀\tb\n".repeat(40) + "€";
  stage.file("a.md", text);
  for (let limit = 4; limit < 30; limit++) {
    let together = "";
    for (let next: number | undefined = 0; next !== undefined;) {
      const page: ArtifactPage = stage.page("a.md", next, limit);
      assert.equal(page.offset, next);
      together += page.text;
      next = page.next;
    }
    assert.equal(together, text, `pages of ${limit}`);
  }
  for (let back = 1; back < 40; back++) assert.equal(text.endsWith(stage.page("a.md", -back).text), true);
});

Deno.test("readArtifact() reaches the end of invalid text", () => {
  using stage = new Stage();
  for (const byte of [0x80, 0xff, 0xf0, 0xc2, 0x00]) {
    stage.file("a.bin", new Uint8Array(1000).fill(byte));
    let pages = 0;
    for (let next: number | undefined = 0; next !== undefined; pages++) {
      const page: ArtifactPage = stage.page("a.bin", next, 4);
      assert.ok(page.next === undefined || page.next > next, `byte ${byte} at ${next}`);
      next = page.next;
    }
    assert.ok(pages >= 250);
  }
});

Deno.test("readArtifact() removes escape sequences, control, bidi and invisible characters, but no lines and tabs", () => {
  using stage = new Stage();
  stage.file("a.md", "\ufeffa\x1b[31m  b\x1b]0;title\x07\tc\r\n\u202ed\u2066e\u200b\x00\x07\x7f\u009b1mf\rg\n\n");
  assert.equal(stage.page("a.md").text, "a  b\tc\ndefg\n\n");
});

Deno.test("readArtifact() reads nothing outside the session's folder, whatever the name", () => {
  using stage = new Stage();
  stage.file(".hidden", "x");
  stage.temp.pipe(`${SESSION}/pipe`);
  stage.temp.pipe(`${SESSION}/_logs/pipe`);
  Deno.symlinkSync(stage.temp.at("secret"), join(stage.folder, "link.md"));
  Deno.symlinkSync("/dev/zero", join(stage.folder, "zero"));
  Deno.symlinkSync(stage.temp.path, join(stage.folder, "out"));
  Deno.symlinkSync(".", join(stage.folder, "here"));
  const names = [
    ...[
      "",
      ".",
      "..",
      "/",
      "../../secret",
      "_logs/../../../secret",
      stage.temp.at("secret"),
      "/etc/passwd",
      "//etc/passwd",
    ],
    ...["_logs/..", "_logs", "_logs/", "./_journal.jsonl", "_logs//x", "..\\..\\secret", "%2e%2e%2f%2e%2e%2fsecret"],
    ...["link.md", "out/secret", "here/_journal.jsonl", "zero", "pipe", "_logs/pipe", ".hidden", "gone"],
    ...["_journal.jsonl\0", "_journal.jsonl/x", "\u202egone", "x".repeat(5000), "x/".repeat(5000)],
  ];
  assert.deepEqual(names.map((name) => [name, stage.refusal(name)]), names.map((name) => [name, "usage"]));
  assert.match(stage.page("_journal.jsonl").text, /session\.created/);
});

Deno.test("readArtifact() reads one version of a file that an agent keeps replacing, or none", () => {
  using stage = new Stage();
  stage.file("a.md", "0123456789");
  const { next, bytes } = stage.page("a.md", 0, 4);
  stage.file("a.md", "01");
  assert.deepEqual([next, bytes, stage.page("a.md", next, 4)], [4, 10, {
    name: "a.md",
    text: "",
    offset: 2,
    next: undefined,
    bytes: 2,
  }]);
});
