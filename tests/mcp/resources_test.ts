/**
 * Resources, prompts and completion.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { McpClient, McpProject } from "./mcp_client.ts";

async function withSession(project: McpProject): Promise<McpClient> {
  const client = await McpClient.connect(project);
  await client.status("start_session", { task: "Add --top", session: "top" });
  await client.status("wait_session", { session: "top" });
  return client;
}

Deno.test("sessions are listed as resources and read as notebooks; files are read by name", async () => {
  using project = new McpProject();
  await using client = await withSession(project);
  assert.deepEqual((await client.result("resources/list")).resources, [
    {
      uri: "samocode://sessions/top",
      name: "top",
      mimeType: "text/markdown",
      title: "Session notebook",
      description: "What a session has found, done and plans",
    },
  ]);
  const read = async (uri: string) => (await client.result("resources/read", { uri })).contents[0];
  const notebook = await read("samocode://sessions/top");
  assert.equal(notebook.text, Deno.readTextFileSync(join(project.sessionFolder(), "_overview.md")));
  const dive = [...Deno.readDirSync(project.sessionFolder())].find(({ name }) => name.includes("dive"))?.name ?? "";
  assert.match(dive, /:/, "a name that must be written otherwise in an address");
  const { text, mimeType } = await read(`samocode://sessions/top/${encodeURIComponent(dive)}`);
  assert.equal(mimeType, "text/markdown");
  assert.equal(text, Deno.readTextFileSync(join(project.sessionFolder(), dive)));
});

Deno.test("a session without a notebook is listed and can be read", async () => {
  using project = new McpProject();
  await using client = await withSession(project);
  Deno.removeSync(join(project.sessionFolder(), "_overview.md"));
  const { contents } = await client.result("resources/read", { uri: "samocode://sessions/top" });
  assert.equal(contents[0].text, "No notebook has been written yet.\n");
});

Deno.test("resources/read finds nothing outside the sessions", async () => {
  using project = new McpProject();
  await using client = await withSession(project);
  Deno.symlinkSync("/etc/passwd", join(project.sessionFolder(), "link.md"));
  const hostile = [
    "nobody",
    "..",
    "%2e%2e",
    "..%2F..%2Fetc",
    "top/..%2F..%2F..%2Frepo%2FREADME.md",
    "top/link.md",
    "top/%ff",
  ];
  for (const path of hostile) {
    const { error } = await client.request("resources/read", { uri: `samocode://sessions/${path}` });
    assert.ok([-32002, -32602].includes(error?.code), `${path}: ${JSON.stringify(error)}`);
  }
});

Deno.test("names of sessions and files are completed", async () => {
  using project = new McpProject();
  await using client = await withSession(project);
  const complete = async (ref: object, argument: object, context?: object) =>
    (await client.result("completion/complete", { ref, argument, ...(context && { context }) })).completion.values;
  const session = { type: "ref/resource", uri: "samocode://sessions/{session}" };
  assert.deepEqual(await complete(session, { name: "session", value: "t" }), ["top"]);
  assert.deepEqual(await complete(session, { name: "session", value: "x" }), []);
  const file = { type: "ref/resource", uri: "samocode://sessions/{session}/{file}" };
  assert.deepEqual(
    await complete(file, { name: "file", value: "_qa" }, { arguments: { session: "top" } }),
    ["_qa.md"],
  );
  assert.deepEqual(await complete(file, { name: "file", value: "" }, { arguments: { session: "../.." } }), []);
  assert.deepEqual(await complete({ type: "ref/prompt", name: "follow" }, { name: "session", value: "to" }), ["top"]);
});

Deno.test("the prompts follow and status take at most one word and say what to do", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project);
  const { prompts } = await client.result("prompts/list");
  assert.deepEqual(prompts.map(({ name }: { name: string }) => name), ["status", "follow"]);
  const follow = await client.result("prompts/get", { name: "follow", arguments: { session: "top" } });
  assert.match(follow.messages[0].content.text, /^Follow the samocode session top with wait_session/);
  assert.match((await client.result("prompts/get", { name: "status" })).messages[0].content.text, /read_status/);
});
