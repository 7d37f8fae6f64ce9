/**
 * A client that sends anything: the server answers each call with what it deserves, forgets none, and lives on in
 * bounded memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";
import { slowTest } from "../helpers/slow.ts";
import { type ClientOptions, environmentOf, McpClient, McpProject, type Wire } from "./mcp_client.ts";

const SEED = Number(Deno.env.get("SAMOCODE_TEST_SEED") ?? 13);
const CALLS = 1_000;
/** Deno with the SDK takes 140 MB before the first call. */
const MAX_MEGABYTES = 400;

const TASKS = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } };
const CLIENTS: Readonly<Record<string, ClientOptions>> = {
  "of 2026-07-28": TASKS,
  "of 2025-03-26, with batches": { era: "legacy", version: "2025-03-26" },
};

/** What comes back: the code of an error, `result`, `refused` for a tool that says no, or nothing. */
type Answer = number | "result" | "refused" | undefined;

/** A line, and how it is answered. */
interface Call {
  readonly text: string;
  readonly id: Wire;
  readonly answer: Answer;
}

for (const [name, options] of Object.entries(CLIENTS)) {
  slowTest(`${CALLS} hostile calls from a client ${name}: each has its answer, and nothing dies`, async () => {
    using project = new McpProject();
    const client = await McpClient.connect(project, { ...options, env: project.endlessAgent() });
    await using other = await McpClient.connect(project, { env: project.endlessAgent() });
    void other.call("start_session", { task: "Add --top", session: "top" }).catch(() => {});
    await project.untilAtWork();
    const [worker] = project.workers();
    client.lines.length = 0;

    const make = new CallMaker(options);
    const calls = Array.from({ length: CALLS }, () => make.next());
    const random = randomNumbers(SEED);
    const bytes = new TextEncoder().encode(calls.map(({ text }) => `${text}\n`).join(""));
    for (let sent = 0; sent < bytes.length;) {
      const length = random() < 0.5 ? Math.ceil(random() * 100) : 1 << Math.ceil(random() * 18);
      await client.sendBytes(bytes.subarray(sent, sent += length));
    }
    assert.equal((await client.status("read_status", { session: "top" })).state, "running");
    await client.until(() =>
      answersIn(client.lines).length > calls.filter(({ answer }) => answer !== undefined).length
    );

    const given = new Map<string, Answer[]>();
    for (const { id, answer } of answersIn(client.lines)) given.set(keyOf(id), [...given.get(keyOf(id)) ?? [], answer]);
    const wrong = calls.filter(({ id }) => id !== null).map(({ id, text, answer }) => ({
      text: text.slice(0, 300),
      given: given.get(keyOf(id)) ?? [],
      wanted: answer === undefined ? [] : [answer],
    })).filter(({ given, wanted }) => keyOf(given) !== keyOf(wanted));
    assert.deepEqual(wrong, []);
    const nameless = calls.filter(({ id, answer }) => id === null && answer !== undefined).map(({ answer }) => answer);
    assert.deepEqual(given.get("null")?.toSorted(), nameless.toSorted());

    const peak = Number(/^VmHWM:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${client.pid}/status`))?.[1]) / 1024;
    assert.ok(peak < MAX_MEGABYTES, `${peak} MB`);
    assert.deepEqual(project.workers(), [worker], "and the session's worker is at work");
    assert.equal((await client.close()).code, 0, await client.stderr);
  });
}

Deno.test("a server whose client reads no more ends, also with its input open", async () => {
  using project = new McpProject();
  const [command, ...args] = programUnderTest([]);
  const child = new Deno.Command(command, {
    args: [...args, "mcp"],
    cwd: project.root,
    clearEnv: true,
    env: environmentOf(project),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await child.stdout.cancel();
  const input = child.stdin.getWriter();
  const ping = new TextEncoder().encode(`{"jsonrpc":"2.0","id":1,"method":"ping"}\n`);
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  for (let pings = 0; pings < 400 && !hasEnded; pings++) {
    await input.write(ping).catch(() => {});
    await new Promise((wake) => setTimeout(wake, 50));
  }
  assert.ok(hasEnded, "in 20 s");
  assert.equal((await child.status).code, 0);
  await input.close().catch(() => {});
});

/** Makes calls, the same from the same seed. */
class CallMaker {
  readonly #random = randomNumbers(SEED);
  readonly #options: ClientOptions;
  #count = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  next(): Call {
    this.#count++;
    return this.#pick(this.#kinds)();
  }

  readonly #kinds: readonly (() => Call)[] = [
    () => nameless(this.#pick(NO_JSON), -32700),
    () => nameless(this.#broken(), -32700),
    () => nameless(JSON.stringify(this.#pick(NO_MESSAGES)), -32600),
    () => nameless(this.#text({ id: this.#pick(NO_IDS), method: "ping" }), -32600),
    () => nameless(this.#pick(["", "   ", "\t\r"]), undefined),
    () => nameless(this.#text(this.#pick(NOTIFICATIONS)), undefined),
    () => nameless(this.#text({ id: this.#count, result: {} }), undefined),
    () =>
      this.#request(
        this.#pick(["nope", "", "__proto__", "tools", "toString", "tools/call\0", this.#odd()]),
        {},
        -32601,
      ),
    () => this.#request("tools/list", {}, "result"),
    () => this.#tool(this.#pick(["nope", "", "__proto__", "constructor", this.#odd()]), {}, -32602),
    () => this.#request("tools/call", { name: this.#pick(NO_STRINGS) }, -32602),
    () => this.#tool(this.#pick(TOOLS), this.#arguments(), "refused"),
    () => this.#tool(this.#pick(TOOLS), { session: this.#pick(NAMES), task: "x", decision: "revise" }, "refused"),
    () => this.#tool("start_session", { task: "y".repeat(this.#pick([20_001, 100_000, 400_000])) }, "refused"),
    () => this.#tool("read_artifact", { session: "top", file: this.#pick(PATHS) }, "refused"),
    () => this.#tool("read_status", { session: "top" }, "result"),
    () => this.#request("resources/read", { uri: this.#pick(URIS) }, -32602),
    () => this.#request("tasks/get", { taskId: this.#pick(TASK_IDS) }, this.#isLegacy ? -32021 : -32602),
    () => this.#request("tasks/cancel", { taskId: this.#pick(NO_STRINGS) }, -32602),
    () => this.#cancelled(),
    () => this.#batch(),
    () => this.#deep(),
    () => this.#long(),
  ];

  get #isLegacy(): boolean {
    return this.#options.era === "legacy";
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick");
    return item;
  }

  /** Text of every plane, with what is invisible, turns around or has no other half. */
  #odd(): string {
    const length = Math.ceil(this.#random() * 20);
    const codes = Array.from({ length }, () => this.#pick([0x202e, 0xd800, 0xfeff, 0x1f388, 0x7f, 0x9b, 0x41]));
    return `${codes.map((code) => String.fromCodePoint(code)).join("")}${this.#count}`;
  }

  /** Ids that only this call has, of each kind that there is. */
  #id(): string | number {
    const kinds = [
      1e6 + this.#count,
      -this.#count,
      Number.MAX_SAFE_INTEGER - this.#count,
      `${this.#count}`,
      `"${this.#odd()}`,
      `${"i".repeat(500)}${this.#count}`,
    ];
    return this.#pick(kinds);
  }

  #text(message: object): string {
    return JSON.stringify({ jsonrpc: "2.0", ...message });
  }

  #request(method: string, params: object, answer: Answer): Call {
    const id = this.#id();
    return { id, answer, text: this.#text({ id, method, params: this.#withEnvelope(params) }) };
  }

  #tool(name: string, args: object, answer: Answer): Call {
    return this.#request("tools/call", { name, arguments: args }, answer);
  }

  #arguments(): object {
    const session = this.#pick([7, null, [], {}, true, "../top", "a/b", this.#odd(), "x".repeat(3_000)]);
    return { session, [this.#pick(["max_seconds", "__proto__", "answers", "zzz"])]: this.#pick([-1, 1e99, {}, "x"]) };
  }

  /** A message that was cut off. */
  #broken(): string {
    const { text } = this.#tool("read_status", { session: "top" }, "result");
    return text.slice(0, 1 + Math.floor(this.#random() * (text.length - 1)));
  }

  /** A long wait, and its end: it has no answer. */
  #cancelled(): Call {
    const call = this.#tool("wait_session", { session: "top", max_seconds: 300 }, undefined);
    if (!this.#isLegacy) return this.#tool("wait_session", { session: "top", max_seconds: 0 }, "refused");
    const end = { method: "notifications/cancelled", params: { requestId: call.id, reason: this.#odd() } };
    return { ...call, text: `${call.text}\n${this.#text(end)}` };
  }

  #batch(): Call {
    const [one, two] = [this.#request("tools/list", {}, "result"), this.#request("nope", {}, -32601)];
    if (!this.#isLegacy) return nameless(`[${one.text},${two.text}]`, -32600);
    const notification = this.#text({ method: "notifications/nothing" });
    return { ...one, text: `[${one.text},${notification}]` };
  }

  #deep(): Call {
    const depth = Math.ceil(this.#random() * 20_000);
    return nameless("[".repeat(depth) + "]".repeat(depth), -32600);
  }

  /** Eleven mebibytes of one message, once in a while. */
  #long(): Call {
    if (this.#random() > 0.1) return this.#request("ping", {}, this.#isLegacy ? "result" : -32601);
    const id = this.#id();
    const filling = "z".repeat(11 * 1024 * 1024);
    const order = this.#random() < 0.5 ? { id, params: { filling } } : { params: { id: 0, filling }, id };
    return { id: String(id).length > 200 ? null : id, answer: -32600, text: this.#text({ method: "ping", ...order }) };
  }

  #withEnvelope(params: object): object {
    if (this.#isLegacy) return params;
    return {
      ...params,
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "tester", version: "1.0" },
        "io.modelcontextprotocol/clientCapabilities": this.#options.capabilities ?? {},
      },
    };
  }
}

const NO_JSON = ["nonsense", "{", "]", "\u0000", "{'a':1}", "NaN", "{}{}", '"\\x"', "\u202e{}", "undefined"];
const NO_MESSAGES = [
  {},
  7,
  null,
  true,
  "text",
  { jsonrpc: "1.0", method: "ping" },
  { method: "ping" },
  { id: 1 },
  {
    jsonrpc: "2.0",
    method: 7,
  },
  { jsonrpc: "2.0", method: "ping", params: 7 },
  { jsonrpc: "2.0", id: 5, result: 7 },
];
const NO_IDS = [null, true, 1.5, 1e300, {}, [], [1]];
const NO_STRINGS = [null, 7, {}, [], true];
const NOTIFICATIONS = [
  { method: "notifications/nothing" },
  { method: "notifications/cancelled", params: { requestId: "nobody's" } },
  { method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
];
const TOOLS = ["wait_session", "read_status", "answer_qa", "approve_plan", "raise_budget", "resume_session"];
const NAMES = ["nobody", "..", "../../etc", "/etc/passwd", "a b", "-rf", "\u0000", "", "x".repeat(300), "\ud83c\udf88"];
const PATHS = ["../_journal.jsonl", "/etc/passwd", "_logs/../../x", "\u0000", "nothing.md", "x".repeat(501)];
const URIS = ["samocode://sessions/nobody", "samocode://sessions/..%2f..", "file:///etc/passwd", "", "x"];
const TASK_IDS = [
  "",
  "w",
  "w.nobody.0.01900000-0000-7000-8000-000000000000",
  `w.top.1.${"0".repeat(36)}`,
  `p.../top.1.x`,
];

function nameless(text: string, answer: Answer): Call {
  return { id: null, text, answer };
}

function keyOf(id: Wire): string {
  return JSON.stringify(id);
}

function answersIn(lines: readonly string[]): readonly { readonly id: Wire; readonly answer: Answer }[] {
  return lines.flatMap((line): Wire => JSON.parse(line)).filter(({ method }) => method === undefined)
    .map(({ id, error, result }) => ({ id, answer: error?.code ?? (result.isError ? "refused" : "result") }));
}
