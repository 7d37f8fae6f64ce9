/**
 * Finds secrets in text and masks them: as they are, in JSON, in URLs and in base64, whole or in large parts, since a
 * line or a limit may have cut them.
 *
 * A mask is as long as what it hides, so that a file can be masked in place while another process appends to it, and
 * JSON stays JSON.
 *
 * @module
 */

/** Shorter values are words: masking them would garble every text. */
export const LEAST_SECRET = 8;

/** Parts of a secret that are at least this long are masked, too. */
const LEAST_PART = 16;

/** How many bytes are looked up at once. */
const GRAM = 4;

const MASK = new TextEncoder().encode("[secret]");
const STAR = 0x2a;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** What a secret can look like in a text. */
interface Form {
  readonly bytes: Uint8Array;
  /** The shortest part that is masked. */
  readonly least: number;
}

/** A place in a form. */
interface Spot {
  readonly form: Form;
  readonly at: number;
}

/** Masks the secrets that it was made with. */
export class Redactor {
  /** In bytes; nothing that is masked is longer. */
  readonly longest: number;
  readonly #spots = new Map<number, Spot[]>();
  /** By a hash: most of a text is passed over by this alone. */
  readonly #maybe = new Uint8Array(1 << 16);
  /** Every part that is long enough has a gram that begins at a multiple of this. */
  readonly #step: number;

  constructor(secrets: Iterable<string>) {
    const texts = new Set([...secrets].filter((secret) => secret.length >= LEAST_SECRET).flatMap(formsOf));
    const forms = [...texts].map((text): Form => {
      const bytes = new TextEncoder().encode(text);
      return { bytes, least: Math.min(bytes.length, LEAST_PART) };
    });
    for (const form of forms) {
      for (let at = 0; at + GRAM <= form.bytes.length; at++) this.#add(gramAt(form.bytes, at), { form, at });
    }
    this.longest = Math.max(0, ...forms.map(({ bytes }) => bytes.length));
    this.#step = Math.min(...forms.map(({ least }) => least)) - GRAM + 1;
  }

  /** Masks a text. One without secrets is returned as it is. */
  text(text: string): string {
    if (this.longest === 0 || text.length < LEAST_SECRET) return text;
    const bytes = new TextEncoder().encode(text);
    return this.mask(bytes) ? new TextDecoder().decode(bytes) : text;
  }

  /**
   * Masks bytes in place.
   *
   * @param before What begins here or later is left alone.
   * @returns Whether there was anything to mask.
   */
  mask(bytes: Uint8Array, before: number = bytes.length): boolean {
    if (this.longest === 0) return false;
    let found = false;
    for (let at = 0; at + GRAM <= bytes.length; at += this.#step) {
      const gram = gramAt(bytes, at);
      if (this.#maybe[hash(gram)] === 0) continue;
      const run = this.#longestRun(bytes, at, gram);
      if (run === undefined || run.from >= before) continue;
      cover(bytes, { from: afterEscape(bytes, run.from), to: beforeEscape(bytes, run.to) });
      found = true;
    }
    return found;
  }

  #longestRun(bytes: Uint8Array, at: number, gram: number): Run | undefined {
    let longest: Run | undefined;
    for (const spot of this.#spots.get(gram) ?? []) {
      const run = agreement(bytes, at, spot);
      const length = run.to - run.from;
      if (length >= spot.form.least && length > (longest === undefined ? 0 : longest.to - longest.from)) longest = run;
    }
    return longest;
  }

  #add(gram: number, spot: Spot): void {
    this.#maybe[hash(gram)] = 1;
    const spots = this.#spots.get(gram);
    if (spots === undefined) this.#spots.set(gram, [spot]);
    // A secret that repeats itself would make every look at it long.
    else if (spots.length < MAX_SPOTS) spots.push(spot);
  }
}

const MAX_SPOTS = 64;

function formsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const plain = new TextDecoder().decode(bytes);
  const inJson = JSON.stringify(plain).slice(1, -1);
  const inUrl = encodeURIComponent(plain);
  const base64 = [0, 1, 2].map((shift) => base64Core(bytes, shift));
  return [
    ...[plain, inJson, JSON.stringify(inJson).slice(1, -1)],
    ...[inUrl, inUrl.replace(/%../g, (code) => code.toLowerCase())],
    ...[...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))],
  ];
}

/** What is the same in the base64 of every text that has the secret so many bytes after a multiple of three. */
function base64Core(bytes: Uint8Array, shift: number): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
  return text.slice(Math.ceil(shift * 8 / 6), Math.floor((shift + bytes.length) * 8 / 6));
}

function gramAt(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at) | byteAt(bytes, at + 1) << 8 | byteAt(bytes, at + 2) << 16 | byteAt(bytes, at + 3) << 24;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Knuth's multiplicative hash: The Art of Computer Programming, volume 3, section 6.4. */
function hash(gram: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> 16;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** How far bytes around a place agree with those around a place in a form. */
function agreement(bytes: Uint8Array, at: number, { form, at: spot }: Spot): Run {
  let before = 0;
  while (before < at && before < spot && bytes[at - before - 1] === form.bytes[spot - before - 1]) before++;
  let after = 0;
  while (at + after < bytes.length && spot + after < form.bytes.length) {
    if (bytes[at + after] !== form.bytes[spot + after]) break;
    after++;
  }
  return { from: at - before, to: at + after };
}

function cover(bytes: Uint8Array, { from, to }: Run): void {
  if (to <= from) return;
  bytes.fill(STAR, from, to);
  if (to - from >= MASK.length) bytes.set(MASK, from);
}

/** The first place from here on that is in the middle neither of an escape nor of a character. */
function afterEscape(bytes: Uint8Array, at: number): number {
  let place = escapeAround(bytes, at)?.to ?? at;
  while (isContinued(bytes, place)) place++;
  return place;
}

/** The last such place up to here. */
function beforeEscape(bytes: Uint8Array, at: number): number {
  let place = escapeAround(bytes, at)?.from ?? at;
  while (isContinued(bytes, place)) place--;
  return place;
}

/** The escape of a JSON string that a place is in the middle of. */
function escapeAround(bytes: Uint8Array, at: number): Run | undefined {
  for (let from = at - 1; from >= Math.max(0, at - 5); from--) {
    if (bytes[from] !== BACKSLASH) continue;
    let count = 1;
    while (bytes[from - count] === BACKSLASH) count++;
    const to = from + (bytes[from + 1] === LETTER_U ? 6 : 2);
    return count % 2 === 1 && at < to ? { from, to } : undefined;
  }
  return undefined;
}

/** Whether a place is inside a character of UTF-8. */
function isContinued(bytes: Uint8Array, at: number): boolean {
  return (byteAt(bytes, at) & 0xc0) === 0x80;
}
