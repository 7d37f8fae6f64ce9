/**
 * The offers: which act each button stands for, and what a typed reply to each post does. They are on disk, so that
 * buttons work after a restart.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { readTextIfExists, writeAtomic } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { type Checked, listOf, number, optional, record, text } from "../workflow/shape.ts";
import { type Act, act as isAct, type Deed } from "./act.ts";

/** How long a button works. */
export const OFFER_LASTS_MS = 7 * 86_400_000;

/** How long an act may take. Until then its used button is not replaced by a new one. */
const TAKES_MS = 60_000;

const offered = record({
  session: text,
  act: isAct,
  /** 32 hexadecimal digits; for a reply, the id of its post. */
  key: text,
  /** In milliseconds since 1970. */
  madeAtMs: number,
  /** Who used it and when; absent while unused. */
  usedBy: optional(text),
  usedAtMs: optional(number),
});
const isFile = record({ offers: listOf(offered), replies: listOf(offered) });

type Offered = Checked<typeof offered>;

/** The offer for a nonce. */
export interface FoundOffer extends Deed {
  /** Who used it; `undefined` if nobody has. */
  readonly usedBy: string | undefined;
}

/** All offers of this user, of all sessions. Only the listener opens it. */
export class OfferBook {
  readonly #path: string;
  readonly #now: () => number;
  /** By the hash of the nonce, so that the time of a lookup reveals nothing about other nonces. */
  readonly #offers = new Map<string, Offered>();
  /** By session and act. */
  readonly #nonces = new Map<string, string>();
  readonly #replies = new Map<string, Offered>();
  #isChanged = false;

  /**
   * Opens the book. If it cannot be read, it is empty and earlier buttons do nothing.
   *
   * @param folder The listener's own folder.
   * @param now The clock, in milliseconds since 1970.
   */
  constructor(folder: string, now: () => number) {
    this.#path = join(folder, "offers.json");
    this.#now = now;
    const found: unknown = unlessFailing(() => JSON.parse(readTextIfExists(this.#path) ?? ""));
    if (!isFile(found)) return;
    for (const each of found.offers) this.#add(each);
    for (const each of found.replies) this.#replies.set(pairOf(each.session, each.key), each);
  }

  /**
   * The nonce for an act, which stays the same until it is used or expires. Call {@linkcode save} before showing it.
   */
  offer(session: string, act: Act): string {
    const known = this.#nonces.get(pairOf(session, JSON.stringify(act)));
    const found = known === undefined ? undefined : this.#offers.get(hashOf(known));
    if (known !== undefined && !this.#isOld(found) && !this.#isOver(found)) return known;
    const key = randomBytes(16).toString("hex");
    this.#add({ session, act, key, madeAtMs: this.#now() });
    this.#isChanged = true;
    return key;
  }

  /** Records what a typed reply to a post does; the act lacks only the text. */
  expect({ session, act }: Deed, post: string): void {
    const pair = pairOf(session, post);
    const before = this.#replies.get(pair);
    if (!this.#isOld(before) && JSON.stringify(before?.act) === JSON.stringify(act)) return;
    this.#replies.set(pair, { session, act, key: post, madeAtMs: this.#now() });
    this.#isChanged = true;
  }

  /** The act that a nonce stands for; `undefined` if it is unknown or expired. */
  find(nonce: string): FoundOffer | undefined {
    const found = this.#offers.get(hashOf(nonce));
    if (found === undefined || this.#isOld(found)) return undefined;
    const { session, act, usedBy } = found;
    return { session, act, usedBy };
  }

  /** What a reply to a post does; `undefined` if it does nothing. */
  findReply(session: string, post: string): Act | undefined {
    const found = this.#replies.get(pairOf(session, post));
    return this.#isOld(found) ? undefined : found?.act;
  }

  /** Marks an offer as used, on disk, so that it works only once. */
  use(nonce: string, by: string): void {
    this.#mark(nonce, by);
  }

  /** Marks an offer as unused, since its act could not be performed. */
  release(nonce: string): void {
    this.#mark(nonce, undefined);
  }

  /** Forgets a session. */
  drop(session: string): void {
    this.#remove((each) => each.session === session);
    this.save();
  }

  /** Writes the changes, without expired offers. If that fails, the next call tries again. */
  save(): void {
    if (!this.#isChanged) return;
    this.#remove((each) => this.#isOld(each));
    const text = JSON.stringify({ offers: [...this.#offers.values()], replies: [...this.#replies.values()] });
    unlessFailing(() => {
      writeAtomic(this.#path, text, { newMode: 0o600 });
      this.#isChanged = false;
    });
  }

  #mark(nonce: string, usedBy: string | undefined): void {
    const hash = hashOf(nonce);
    const found = this.#offers.get(hash);
    if (found === undefined) return;
    this.#offers.set(hash, { ...found, usedBy, usedAtMs: usedBy === undefined ? undefined : this.#now() });
    this.#isChanged = true;
    this.save();
  }

  #add(each: Offered): void {
    this.#offers.set(hashOf(each.key), each);
    this.#nonces.set(pairOf(each.session, JSON.stringify(each.act)), each.key);
  }

  #remove(isOver: (each: Offered) => boolean): void {
    for (const [hash, each] of this.#offers) {
      if (!isOver(each)) continue;
      this.#offers.delete(hash);
      const pair = pairOf(each.session, JSON.stringify(each.act));
      if (this.#nonces.get(pair) === each.key) this.#nonces.delete(pair);
      this.#isChanged = true;
    }
    for (const [pair, each] of this.#replies) {
      if (isOver(each)) this.#isChanged = this.#replies.delete(pair);
    }
  }

  /** Whether it was used long ago and its act is due again. */
  #isOver(each: Offered | undefined): boolean {
    return each?.usedBy !== undefined && this.#now() - (each.usedAtMs ?? 0) > TAKES_MS;
  }

  #isOld(each: Offered | undefined): boolean {
    const ageMs = this.#now() - (each?.madeAtMs ?? 0);
    return each === undefined || ageMs > OFFER_LASTS_MS;
  }
}

function hashOf(nonce: string): string {
  return createHash("sha256").update(nonce).digest("hex");
}

function pairOf(session: string, about: string): string {
  return `${session}\0${about}`;
}
