/**
 * What a server reads for one of many calls about a session with a long past.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../src/session/journal.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { McpClient, McpProject } from "./mcp_client.ts";

const BEGINNING: readonly SessionEvent[] = [
  { type: "session.created", name: "top", task: "Add --top", dive: "" },
  { type: "session.started", provider: "demo", version: "1", pid: 1 },
];
const ACTED: SessionEvent = { type: "agent.acted", tool: "Bash", about: "x".repeat(100) };
const STOPPED: SessionEvent = { type: "session.stopped", outcome: { kind: "stopped", by: "me" } };

/** Settings and what is small besides. */
const MAX_BYTES = 200 * 1024;

Deno.test({
  name: "a server reads what is new of a long journal, for read_status, wait_session, tasks and lists",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    using project = new McpProject();
    const folder = join(project.root, "sessions", "26-01-02-top");
    const journal = join(folder, "_journal.jsonl");
    Deno.mkdirSync(folder, { recursive: true });
    const events = [...BEGINNING, ...Array.from({ length: 20_000 }, () => ACTED)];
    const at = "2026-01-02T03:04:05.000Z";
    Deno.writeTextFileSync(journal, events.map((event, index) => eventLine({ seq: index + 1, at, ...event })).join(""));
    project.own(folder);
    await using client = await McpClient.connect(project, {
      capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } },
    });
    const readBy = async (call: () => Promise<unknown>): Promise<number> => {
      const before = bytesRead(client.pid);
      await call();
      return bytesRead(client.pid) - before;
    };
    const taskId = "w.26-01-02-top.2.0.01900000-0000-7000-8000-000000000000";
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      read_status: () => client.status("read_status", { session: "top" }),
      wait_session: () => client.status("wait_session", { session: "top" }),
      "a list": () => client.status("read_status"),
      "tasks/get": () => client.result("tasks/get", { taskId }),
    };
    assert.ok(await readBy(async () => await client.status("read_status", { session: "top" })) > 2_000_000);
    for (const [name, call] of Object.entries(calls)) {
      append(project, journal, ACTED);
      const bytes = await readBy(call);
      assert.ok(bytes < MAX_BYTES, `${name}: ${bytes} bytes`);
    }
    append(project, journal, STOPPED);
    assert.equal((await client.status("read_status", { session: "top" })).state, "stopped");
  },
});

function append(project: McpProject, path: string, event: SessionEvent): void {
  const stateFolder = join(project.root, "home", ".local", "state", "samocode");
  using journal = Journal.open(path, { stateFolder });
  journal.append(event);
}

/** What a process has read from files and pipes. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`))?.[1]);
}
