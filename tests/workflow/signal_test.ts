import assert from "node:assert/strict";
import { PHASE_NAMES } from "../../src/workflow/phases.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { describeReading, MAX_SIGNAL_BYTES, readSignal } from "../../src/workflow/signal.ts";

const NEEDS_STATUS = 'needs "status": one of continue, waiting, blocked, done';
const PHASE_LIST = "must be one of init, investigation, requirements, planning, implementation, testing, quality, done";
const WAIT_LIST = "must be one of qa_answers, plan_approval, file_update, human_action";
const NEED_LIST = "must be one of human_decision, clarification, error_resolution, investigation";

Deno.test("readSignal() reads every valid signal", () => {
  const signals: readonly Signal[] = [
    { status: "continue", phase: undefined },
    ...PHASE_NAMES.map((phase) => ({ status: "continue", phase }) as const),
    ...(["qa_answers", "plan_approval", "file_update", "human_action"] as const)
      .map((waitFor) => ({ status: "waiting", for: waitFor, phase: undefined }) as const),
    ...(["human_decision", "clarification", "error_resolution", "investigation"] as const)
      .map((needs) => ({ status: "blocked", reason: "No key", needs, phase: "testing" }) as const),
    { status: "done", summary: "All is well", phase: undefined },
    { status: "done", summary: "All is well", phase: "done" },
  ];
  for (const signal of signals) assert.deepEqual(readText(JSON.stringify(signal)), { kind: "signal", signal });
});

Deno.test("readSignal() takes a phase in any case and with spaces, and drops the spaces around what is said", () => {
  for (const written of ["testing", "Testing", "TESTING", " testing ", "\\ttesting\\r\\n"]) {
    assert.deepEqual(readText(`{"status":"continue","phase":"${written}"}`), {
      kind: "signal",
      signal: { status: "continue", phase: "testing" },
    });
  }
  assert.deepEqual(readText('{"status":"blocked","reason":"  No key\\n","needs":"clarification"}'), {
    kind: "signal",
    signal: { status: "blocked", reason: "No key", needs: "clarification", phase: undefined },
  });
  assert.deepEqual(readText('{"status":"done","summary":"\\n Gr\u00fc\u00dfe \ud83d\udc4b "}'), {
    kind: "signal",
    signal: { status: "done", summary: "Gr\u00fc\u00dfe \ud83d\udc4b", phase: undefined },
  });
});

Deno.test("readSignal() takes every name in lower case, capitalized or in capitals", () => {
  const signals: readonly Signal[] = [
    { status: "continue", phase: "testing" },
    { status: "waiting", for: "qa_answers", phase: undefined },
    { status: "blocked", reason: "No Key", needs: "error_resolution", phase: undefined },
    { status: "done", summary: "All Is Well", phase: undefined },
  ];
  const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
  for (const signal of signals) {
    for (const write of [capitalized, (name: string) => name.toUpperCase(), (name: string) => ` ${name} `]) {
      const named = Object.entries(signal).map((
        [key, value],
      ) => [key, typeof value === "string" && !/^(?:reason|summary)$/.test(key) ? write(value) : value]);
      assert.deepEqual(readText(JSON.stringify(Object.fromEntries(named))), { kind: "signal", signal });
    }
  }
});

Deno.test("readSignal() ignores what is around a signal: unknown keys, layout, a byte order mark", () => {
  const stay = { kind: "signal", signal: { status: "continue", phase: undefined } };
  const texts = [
    '{"status":"continue"}',
    '\ufeff{"status":"continue"}',
    ' \r\n\t{\n  "status" : "continue"\n}\n\n',
    '{"status":"continue","summary":7,"for":"ever","reason":null,"needs":[]}',
    '{"status":"continue","Phase":"done","status ":"done"}',
    '{"status":"continue","__proto__":{"phase":"done","status":"done"}}',
    '{"status":"continue","constructor":{"prototype":{"phase":"done"}},"toString":1}',
    '{"\\u0073tatus":"continue"}',
    `{"status":"continue","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  ];
  for (const text of texts) assert.deepEqual(readText(text), stay, text.slice(0, 80));
  assert.equal(Object.hasOwn(Object.prototype, "phase"), false);
});

Deno.test("readSignal() takes the last of a repeated key", () => {
  assert.deepEqual(readText('{"status":"done","summary":"x","status":"continue","phase":"done","phase":"quality"}'), {
    kind: "signal",
    signal: { status: "continue", phase: "quality" },
  });
});

Deno.test("readSignal() says what is wrong with what is no JSON object", () => {
  const problems: Readonly<Record<string, string>> = {
    "": "is empty",
    " \r\n\t ": "is empty",
    "\ufeff": "is empty",
    "[]": "must be a JSON object, found a list",
    '[{"status":"continue"}]': "must be a JSON object, found a list",
    "42": "must be a JSON object, found a number",
    "1e999": "must be a JSON object, found a number",
    "null": "must be a JSON object, found null",
    "true": "must be a JSON object, found a boolean",
    '"continue"': "must be a JSON object, found a string",
    ["[".repeat(30_000) + "]".repeat(30_000)]: "must be a JSON object, found a list",
    ['{"a":'.repeat(8_000) + "1" + "}".repeat(8_000)]: NEEDS_STATUS,
  };
  for (const [text, problem] of Object.entries(problems)) {
    assert.deepEqual(readText(text), { kind: "malformed", problem }, text.slice(0, 80));
  }
});

Deno.test("readSignal() calls a text that is no JSON so, and quotes no control or invisible character of it", () => {
  const texts = [
    '{"status":"continue"',
    '{"status":"conti',
    "{",
    "{'status':'continue'}",
    "{status:continue}",
    '{"status":"continue",}',
    '{"status":"continue"}{"status":"done"}',
    '{"status":"continue"}\0',
    "\0\0\0",
    "\u001b[2J\u001b]0;owned\u0007",
    "\u202egnp.exe",
    "\u2028\u2029\u0085",
    '```json\n{"status":"continue"}\n```',
    "I am done, go on with testing!",
    "[".repeat(60_000),
    '{"a":'.repeat(13_000),
    "{".repeat(MAX_SIGNAL_BYTES),
  ];
  for (const text of texts) {
    const reading = readText(text);
    assert.ok(reading.kind === "malformed", text.slice(0, 80));
    assert.match(reading.problem, /^is not JSON: [^\p{C}]{10,200}$/u);
  }
});

Deno.test("readSignal() says which key is wrong, and what may stand there", () => {
  const problems: readonly (readonly [text: string, problem: string])[] = [
    ["{}", NEEDS_STATUS],
    ['{"status":"finished"}', NEEDS_STATUS],
    ['{"status":null}', NEEDS_STATUS],
    ['{"status":1}', NEEDS_STATUS],
    ['{"status":["continue"]}', NEEDS_STATUS],
    ['{"status":"__proto__"}', NEEDS_STATUS],
    ['{"status":"constructor"}', NEEDS_STATUS],
    ['{"__proto__":{"status":"continue"}}', NEEDS_STATUS],
    ['{"STATUS":"continue"}', NEEDS_STATUS],
    ['{"status":"continue","phase":null}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":3}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":true}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":""}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":"plan"}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":"constructor"}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":["testing"]}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"continue","phase":{"toString":"testing"}}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"done","summary":"x","phase":null}', `has a bad "phase": ${PHASE_LIST}`],
    ['{"status":"waiting"}', `has a bad "for": ${WAIT_LIST}`],
    ['{"status":"waiting","for":["qa_answers"]}', `has a bad "for": ${WAIT_LIST}`],
    ['{"status":"blocked","needs":"clarification"}', 'has a bad "reason": must be text'],
    ['{"status":"blocked","reason":7,"needs":"clarification"}', 'has a bad "reason": must be text'],
    ['{"status":"blocked","reason":"","needs":"clarification"}', 'has a bad "reason": must not be empty'],
    ['{"status":"blocked","reason":" \\n ","needs":"clarification"}', 'has a bad "reason": must not be empty'],
    ['{"status":"blocked","reason":"No key"}', `has a bad "needs": ${NEED_LIST}`],
    ['{"status":"blocked","reason":"No key","needs":"coffee"}', `has a bad "needs": ${NEED_LIST}`],
    ['{"status":"blocked"}', `has a bad "reason": must be text; has a bad "needs": ${NEED_LIST}`],
    ['{"status":"done"}', 'has a bad "summary": must be text'],
    ['{"status":"done","summary":null}', 'has a bad "summary": must be text'],
    ['{"status":"done","summary":"   "}', 'has a bad "summary": must not be empty'],
  ];
  for (const [text, problem] of problems) assert.deepEqual(readText(text), { kind: "malformed", problem }, text);
});

Deno.test("readSignal() refuses what is not UTF-8", () => {
  const valid = new TextEncoder().encode('{"status":"continue"}');
  const contents = [
    new Uint8Array([0xff]),
    new Uint8Array([...valid, 0xff]),
    new Uint8Array([0xc3, 0x28]),
    new Uint8Array([0xe2, 0x82]),
    new Uint8Array([0xed, 0xa0, 0x80]),
    new Uint8Array([0xff, 0xfe, ...[...valid].flatMap((byte) => [byte, 0])]),
    new Uint8Array([...new TextEncoder().encode('{"status":"done","summary":"Gr'), 0xfc, 0xdf, 0x65, 0x22, 0x7d]),
  ];
  for (const bytes of contents) {
    assert.deepEqual(readSignal(bytes), { kind: "malformed", problem: "is not UTF-8 text" }, String(bytes));
  }
});

Deno.test("readSignal() takes a file of up to 64 KiB in bytes and refuses one byte more", () => {
  assert.equal(MAX_SIGNAL_BYTES, 65_536);
  const tooLong = { kind: "malformed", problem: "is over 64 KiB" };
  const sized = (bytes: number, fill: string): string => {
    const empty = '{"status":"done","summary":""}';
    return empty.replace('""', `"${fill.repeat((bytes - empty.length) / new TextEncoder().encode(fill).length)}"`);
  };
  const longest = sized(MAX_SIGNAL_BYTES, "x");
  assert.equal(longest.length, MAX_SIGNAL_BYTES);
  assert.equal(readText(longest.slice(0, -3) + '"}').kind, "signal", "one byte less");
  assert.equal(readText(longest).kind, "signal");
  assert.deepEqual(readText(longest + " "), tooLong);
  assert.deepEqual(readText(sized(MAX_SIGNAL_BYTES + 2, "\u00fc")), tooLong, "characters are not bytes");
  assert.deepEqual(readText(sized(1_048_576, "x")), tooLong);
  assert.deepEqual(readSignal(new Uint8Array(MAX_SIGNAL_BYTES + 1).fill(0xff)), tooLong);
  assert.deepEqual(readText(" ".repeat(MAX_SIGNAL_BYTES)), { kind: "malformed", problem: "is empty" });
});

Deno.test("readSignal() tells no file from an empty one", () => {
  assert.deepEqual(readSignal(undefined), { kind: "missing" });
  assert.deepEqual(readSignal(new Uint8Array(0)), { kind: "malformed", problem: "is empty" });
});

Deno.test("describeReading() says what the agent has to fix", () => {
  assert.equal(describeReading({ kind: "missing" }), "_signal.json was not written");
  assert.equal(describeReading({ kind: "malformed", problem: "is empty" }), "_signal.json is empty");
});

Deno.test("readSignal() never throws: 20,000 damaged signals are each a sound signal or a problem in words", () => {
  const random = seeded(20_261_120);
  let signals = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = damaged(random);
    const reading = readSignal(bytes);
    const shown = `round ${round}: ${new TextDecoder().decode(bytes)}`;
    if (reading.kind === "signal") {
      signals++;
      assert.equal(whatIsUnsound(reading.signal), undefined, shown);
    } else {
      assert.ok(reading.kind === "malformed" && /^(?:is|needs|must|has) [^\p{C}]+$/u.test(reading.problem), shown);
    }
  }
  assert.ok(signals > 1_000 && signals < 19_000, `${signals} of 20,000 were signals`);
});

const SEEDS = [
  '{"status":"continue","phase":"testing"}',
  '{"status":"continue","phase":"Quality","note":{"a":[1,2,{"b":null}]}}',
  '{"status":"waiting","for":"plan_approval","phase":"planning"}',
  '{"status":"blocked","reason":"No key \\u00e9\\n","needs":"error_resolution"}',
  '{"status":"done","summary":"Gr\u00fc\u00dfe \ud83d\udc4b"}',
];

const SCRAPS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "null",
  "1e9",
  "\0",
  "\u202e",
  "\\u0000",
  "\\ud800",
  '"phase":',
];

function damaged(random: (below: number) => number): Uint8Array {
  let text = SEEDS[random(SEEDS.length)] ?? "";
  for (let left = random(3); left > 0; left--) {
    const from = random(text.length + 1);
    const to = Math.min(text.length, from + random(8));
    const scrap = [SCRAPS[random(SCRAPS.length)] ?? "", text.slice(from, to).repeat(2), ""][random(3)] ?? "";
    text = text.slice(0, from) + scrap + text.slice(to);
  }
  const bytes = new TextEncoder().encode(text);
  if (random(4) === 0) bytes[random(bytes.length)] = random(256);
  return random(8) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes;
}

function whatIsUnsound(signal: Signal): string | undefined {
  const { phase } = signal;
  if (phase !== undefined && !PHASE_NAMES.includes(phase)) return `phase ${phase}`;
  switch (signal.status) {
    case "continue":
      return undefined;
    case "waiting":
      return WAIT_LIST.split(/ of |, /).includes(signal.for) ? undefined : `for ${signal.for}`;
    case "blocked":
      return signal.reason.trim() !== "" && NEED_LIST.split(/ of |, /).includes(signal.needs)
        ? undefined
        : "reason or needs";
    case "done":
      return signal.summary.trim() !== "" ? undefined : "summary";
  }
}

/** Marsaglia's xorshift32: the same damage on every machine. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function readText(text: string): ReturnType<typeof readSignal> {
  return readSignal(new TextEncoder().encode(text));
}
