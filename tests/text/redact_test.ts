import assert from "node:assert/strict";
import { Redactor } from "../../src/text/redact.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";

const KEY = "sk-ant-api03-Zq8/xY+77=kLmN_opQrStUvWx4y5z";
const HOSTILE = 'back\\slash "quote"\nline\ttab é😀 %41+/=';

const FORMS: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => secret,
  "in JSON": (secret) => JSON.stringify({ text: `a ${secret} b` }),
  "in JSON in JSON": (secret) => JSON.stringify(JSON.stringify({ text: `a ${secret} b` })),
  "in a URL": (secret) => `https://x/?key=${encodeURIComponent(secret)}&a=b`,
  "in a URL with small letters": (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  "in base64": (secret) => base64(secret),
  "in base64 after one byte": (secret) => base64(`x${secret} and more`),
  "in base64 after two bytes": (secret) => base64(`xy${secret} and more`),
  "in base64 for URLs": (secret) => base64(`user:${secret}`).replaceAll("+", "-").replaceAll("/", "_"),
};

for (const secret of [KEY, HOSTILE, "8 chars!"]) {
  Deno.test(`Redactor masks a secret in every form, in as many bytes: ${JSON.stringify(secret)}`, () => {
    const redactor = new Redactor([secret]);
    for (const [what, write] of Object.entries(FORMS)) {
      const text = `before ${write(secret)} after`;
      const masked = redactor.text(text);
      assert.ok(/\[secret\]\**/.test(masked), `${what}: ${masked}`);
      assert.ok(masked.startsWith("before ") && masked.endsWith(" after"), masked);
      assert.equal(new TextEncoder().encode(masked).length, new TextEncoder().encode(text).length, what);
      assert.equal(redactor.text(masked), masked, what);
      // In base64 the first and the last bits share a character with what is around them.
      const around = `before ${write("")} after`.length + (what.includes("base64") ? 4 : 0);
      assert.ok(masked.replace(/\[secret\]\**/g, "").length <= around, `${what}: ${masked}`);
    }
  });
}

Deno.test("Redactor masks parts of 16 characters that a line's end or a limit left", () => {
  const redactor = new Redactor([KEY]);
  for (let cut = 16; cut <= KEY.length - 16; cut++) {
    const masked = redactor.text(`${KEY.slice(0, cut)}\n  ${KEY.slice(cut)}`);
    assert.match(masked, /^\[secret\]\*{8,}\n {2}\[secret\]\*{8,}$/);
  }
  assert.match(redactor.text(`curl -H 'x-api-key: ${KEY.slice(0, 20)}…`), /^curl -H 'x-api-key: \[secret\]\*{12}…$/);
});

Deno.test("Redactor leaves a text without secrets as it is, and values under 8 characters are none", () => {
  const text = `hunter2 ${KEY.slice(0, 15)} \ud800 sk-ant-api03-`;
  assert.equal(new Redactor(["hunter2", KEY]).text(text), text);
  assert.equal(new Redactor([]).text(KEY), KEY);
});

Deno.test("Redactor keeps JSON valid and its other values, whatever the secret begins, ends and stands with", () => {
  const random = randomNumbers(7);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? "";
  const pieces = ["\\", '"', "\n", "n", "u00e9", "é", "a", "/", "tbfr", "\u2028", "😀", "x\\", "9"];
  const some = (count: number) => Array.from({ length: count }, () => pick(pieces)).join("");
  let hits = 0;
  for (let round = 0; round < 5_000; round++) {
    const secret = some(8 + Math.floor(random() * 12));
    const value = { before: some(3), text: `${some(3)}${random() < 0.7 ? secret : secret.slice(1)}${some(3)}`, end: 1 };
    const json = JSON.stringify(value).replaceAll("é", "\\u00e9");
    const masked = new Redactor([secret]).text(json);
    if (masked === json) continue;
    hits++;
    const parsed = JSON.parse(masked);
    assert.deepEqual(Object.keys(parsed), ["before", "text", "end"]);
    assert.equal(parsed.end, 1);
  }
  assert.ok(hits > 2_500, `${hits}`);
});

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
