/**
 * The MCP server: tools, resources, prompts and tasks for one client on stdin and stdout, until it disconnects.
 *
 * @module
 */
import process from "node:process";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { TASKS_EXTENSION } from "./caller.ts";
import { instructionsFor } from "./instructions.ts";
import { addPrompts, addResources } from "./resources.ts";
import { type AddTool, createHost, type Host, type HostOptions } from "./tool.ts";
import { resumeSessionTool, startSessionTool, stopSessionTool } from "./tools/acts.ts";
import { answerQaTool, approvePlanTool, raiseBudgetTool } from "./tools/decisions.ts";
import { finishSessionTool } from "./tools/finish.ts";
import { readArtifactTool, readStatusTool, waitSessionTool } from "./tools/views.ts";
import { serveTasks } from "./wait_task.ts";
import { openWire } from "./wire.ts";

/** Builds a server. It keeps nothing in memory that another one could not read from the disk. */
export function createServer(host: Host): McpServer {
  const server = new McpServer(
    { name: "samocode", title: "samocode", version: host.version },
    { instructions: instructionsFor(host), capabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
  );
  for (const addTool of TOOLS) addTool(server, host);
  addResources(server, host);
  addPrompts(server, host);
  serveTasks(server, host);
  return server;
}

/** Serves the client that started this process until it closes the connection. */
export function serve(options: HostOptions): Promise<void> {
  const host = createHost(options);
  const { input, output } = openWire(process.stdin, Deno.stdout.writable);
  const transport = new StdioServerTransport(input, output, { maxBufferSize: Infinity });
  return new Promise((resolve) => {
    // Handles both eras of the protocol; the client's first message tells which one it speaks.
    serveStdio(() => createServer(host), { transport, onerror: ({ message }) => host.log(message) });
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
}

/** All tools, in the order in which a parent meets them. */
const TOOLS: readonly AddTool[] = [
  startSessionTool,
  waitSessionTool,
  readStatusTool,
  answerQaTool,
  approvePlanTool,
  raiseBudgetTool,
  resumeSessionTool,
  stopSessionTool,
  finishSessionTool,
  readArtifactTool,
];
