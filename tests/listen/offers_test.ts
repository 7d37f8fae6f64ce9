import assert from "node:assert/strict";
import { join } from "node:path";
import type { Act } from "../../src/listen/act.ts";
import { OFFER_LASTS_MS, OfferBook } from "../../src/listen/offers.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const RUN = "2026-01-02T03:04:05.000Z";
const RESUME: Act = { verb: "resume", run: RUN, note: "" };
const STOP: Act = { verb: "stop", run: RUN, now: false };

Deno.test("an act keeps its nonce, even across restarts, until it is used", () => {
  using folder = new TempFolder();
  let nowMs = 0;
  const book = new OfferBook(folder.path, () => nowMs);
  const nonce = book.offer("/s", RESUME);
  assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.equal(book.offer("/s", { ...RESUME }), nonce);
  assert.notEqual(book.offer("/s", STOP), nonce);
  assert.notEqual(book.offer("/other", RESUME), nonce);
  book.save();
  const again = new OfferBook(folder.path, () => nowMs);
  assert.equal(again.offer("/s", RESUME), nonce);
  assert.deepEqual(again.find(nonce), { session: "/s", act: RESUME, usedBy: undefined });
  again.use(nonce, "telegram:1");
  assert.deepEqual(new OfferBook(folder.path, () => 0).find(nonce), {
    session: "/s",
    act: RESUME,
    usedBy: "telegram:1",
  });
  assert.equal(again.offer("/s", RESUME), nonce, "while it is being done");
  nowMs = 60_001;
  assert.notEqual(again.offer("/s", RESUME), nonce, "once it was done, and is due again");
});

Deno.test("an expired or unknown nonce, or one of a dropped session, stands for nothing", () => {
  using folder = new TempFolder();
  let nowMs = 0;
  const book = new OfferBook(folder.path, () => nowMs);
  const nonce = book.offer("/s", RESUME);
  book.expect({ session: "/s", act: RESUME }, "post");
  book.save();
  nowMs = OFFER_LASTS_MS;
  assert.notEqual(book.find(nonce), undefined);
  assert.deepEqual(book.findReply("/s", "post"), RESUME);
  nowMs++;
  assert.equal(book.find(nonce), undefined);
  assert.equal(book.findReply("/s", "post"), undefined);
  const fresh = book.offer("/s", RESUME);
  assert.notEqual(fresh, nonce);
  book.expect({ session: "/s", act: RESUME }, "post");
  book.save();
  assert.equal(Deno.readTextFileSync(join(folder.path, "offers.json")).includes(nonce), false);
  for (const strange of ["", "x", nonce, fresh.toUpperCase(), `${fresh} `]) {
    assert.equal(book.find(strange), undefined, strange);
  }
  book.drop("/s");
  assert.equal(new OfferBook(folder.path, () => nowMs).find(fresh), undefined);
  assert.equal(new OfferBook(folder.path, () => nowMs).findReply("/s", "post"), undefined);
});

Deno.test(
  "only the user can read the book; one that is broken is empty",
  { ignore: Deno.build.os === "windows" },
  () => {
    using folder = new TempFolder();
    const path = join(folder.path, "offers.json");
    const book = new OfferBook(folder.path, () => 0);
    const nonce = book.offer("/s", RESUME);
    book.save();
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    const text = Deno.readTextFileSync(path);
    for (const broken of [text.slice(0, -5), text.replace("resume", "rm"), "[]", "\0"]) {
      Deno.writeTextFileSync(path, broken);
      assert.equal(new OfferBook(folder.path, () => 0).find(nonce), undefined);
    }
  },
);

Deno.test("a nonce is released if its act failed", () => {
  using folder = new TempFolder();
  const book = new OfferBook(folder.path, () => 0);
  const nonce = book.offer("/s", RESUME);
  book.use(nonce, "telegram:1");
  book.release(nonce);
  assert.equal(book.offer("/s", RESUME), nonce);
  assert.equal(new OfferBook(folder.path, () => 0).find(nonce)?.usedBy, undefined);
});
