/**
 * Lines that are no single message: broken ones, long ones and batches.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ClientOptions, McpClient, McpProject, type Wire } from "./mcp_client.ts";

const WITH_BATCHES: ClientOptions = { era: "legacy", version: "2025-03-26" };
const INVALID = -32600;

/** Sends lines, and gives what is answered before the answer to a request behind them. */
async function answersTo(client: McpClient, ...lines: readonly string[]): Promise<readonly Wire[]> {
  const before = client.lines.length;
  await client.sendText(lines.map((line) => `${line}\n`).join(""));
  // The answers of a batch come when its last one is there, perhaps after the answer to what was asked next.
  for (let asked = 0; asked < 2; asked++) await client.result("tools/list");
  const answers = client.lines.slice(before).map((line): Wire => JSON.parse(line));
  return answers.filter((answer) => answer.result?.tools === undefined);
}

function ping(id: Wire, rest: object = {}): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "ping", ...rest });
}

/** Answers without their words. */
function codes(answers: Wire): readonly Wire[] {
  return answers.map(({ id, error }: Wire) => [id, error?.code ?? "result"]);
}

Deno.test("a line over 10 MiB is answered with the request's id where one of its ends tells it, and the next is served", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, { era: "legacy" });
  const filling = "x".repeat(10 * 1024 * 1024);
  const answers = await answersTo(
    client,
    ping("first", { params: { filling, id: "inner" } }),
    `{"method":"ping","params":{"id":"inner","filling":"${filling}"},"jsonrpc":"2.0","id":-7}`,
    `{"method":"ping","params":{"id":"inner","filling":"${filling}"}}`,
    `{"params":{"filling":"${filling}","id":"inner"},"jsonrpc":"2.0"}`,
    `{"params":"${filling}, \\"id\\":\\"inner\\"}`,
    `${filling}x`,
  );
  assert.deepEqual(codes(answers), [["first", INVALID], [-7, INVALID], ...Array(4).fill([null, INVALID])]);
  assert.match(answers[0].error.message, /over 10 MiB/);
  const room = 10 * 1024 * 1024 - ping("just", { params: { filling: "" } }).length;
  assert.deepEqual(codes(await answersTo(client, ping("just", { params: { filling: "x".repeat(room) } }))), [
    ["just", "result"],
  ]);
});

Deno.test("under 2025-03-26 a batch is answered in one array, without what needs no answer", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, WITH_BATCHES);
  const note = `{"jsonrpc":"2.0","method":"notifications/nothing"}`;
  const response = `{"jsonrpc":"2.0","id":4,"result":{}}`;
  const [[...mixed], ...more] = await answersTo(
    client,
    `[${ping("a")},${note},${ping("b", { method: "nope" })},${response},7,${ping("a")},${ping(9)},[${ping("c")}]]`,
  );
  const byId = codes(mixed).toSorted();
  assert.deepEqual(byId, [...Array(3).fill([null, INVALID]), [9, "result"], ["a", "result"], ["b", -32601]]);
  assert.deepEqual(more, []);
  assert.deepEqual(await answersTo(client, `[${note}]`, `[${note},${response}]`), []);
  assert.deepEqual(codes(await answersTo(client, "[]", `[${Array(101).fill(note)}]`)), Array(2).fill([null, INVALID]));
  assert.deepEqual((await answersTo(client, `[7]`)).map(codes), [[[null, INVALID]]]);
  const initialize = ping("i", { method: "initialize", params: {} });
  assert.deepEqual((await answersTo(client, `[${initialize}]`)).map(codes), [[["i", INVALID]]]);
});

Deno.test("a batch of which a request is cancelled is answered without it", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, { ...WITH_BATCHES, env: project.endlessAgent() });
  await using other = await McpClient.connect(project, { env: project.endlessAgent() });
  void other.call("start_session", { task: "Add --top", session: "top" }).catch(() => {});
  await project.untilAtWork();
  const wait = ping("w", { method: "tools/call", params: { name: "wait_session", arguments: { session: "top" } } });
  assert.deepEqual(await answersTo(client, `[${wait},${ping("p")}]`), []);
  const cancel = JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "w" } });
  assert.deepEqual((await answersTo(client, cancel)).map(codes), [[["p", "result"]]]);
});

Deno.test("elsewhere a batch is no message, and nothing of it is done", async () => {
  using project = new McpProject();
  for (const options of [{}, { era: "legacy" }, { era: "legacy", version: "2025-11-25" }] as const) {
    await using client = await McpClient.connect(project, options);
    const [refused, ...more] = await answersTo(client, `[${ping(1001)}]`);
    assert.deepEqual([refused.id, refused.error.code, more], [null, INVALID, []]);
    assert.match(refused.error.message, /2025-03-26/);
  }
});

Deno.test("a message that is nested as deep as it can be is answered, alone and in a batch, and the next is served", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, WITH_BATCHES);
  const deep = `{"jsonrpc":"2.0","id":"deep","method":"ping","params":{"x":${"[".repeat(1e6)}${"]".repeat(1e6)}}}`;
  const [alone, batch] = await answersTo(client, deep, `[${deep},${ping("flat")}]`);
  assert.equal(alone.id, "deep");
  assert.deepEqual(batch.map(({ id }: Wire) => id).toSorted(), ["deep", "flat"]);
});
