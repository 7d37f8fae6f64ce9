import assert from "node:assert/strict";
import { hideSecretsInFile } from "../../../src/system/files/hide_in_file.ts";
import { learnSecrets } from "../../../src/text/known_secrets.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const SECRET = "hide-in-file/9f8e7d6c5b4a";
learnSecrets([SECRET]);

Deno.test("hideSecretsInFile() masks a secret wherever the pieces that it reads are cut", () => {
  using temp = new TempFolder();
  for (let before = 0; before < 200; before++) {
    const text = `${"x".repeat(before)}\\"${SECRET}\\n${SECRET}${"y".repeat(150)}`;
    const path = temp.file("log", text);
    hideSecretsInFile(path, { pieceBytes: 64 });
    assert.equal(Deno.readTextFileSync(path), text.replaceAll(SECRET, "[secret]".padEnd(SECRET.length, "*")));
  }
});

Deno.test("hideSecretsInFile() touches no link, pipe or missing file, and loses nothing that is appended", () => {
  using temp = new TempFolder();
  const other = temp.file("other", SECRET);
  Deno.symlinkSync(other, temp.at("link"));
  Deno.linkSync(other, temp.at("hard"));
  for (const path of [temp.at("link"), temp.at("hard"), temp.at("missing"), temp.pipe("pipe")]) hideSecretsInFile(path);
  assert.equal(Deno.readTextFileSync(other), SECRET);
  const log = temp.file("log", `${SECRET}\n`);
  using appending = Deno.openSync(log, { append: true });
  hideSecretsInFile(log);
  appending.writeSync(new TextEncoder().encode("more\n"));
  assert.equal(Deno.readTextFileSync(log), `${"[secret]".padEnd(SECRET.length, "*")}\nmore\n`);
});
