/**
 * The MCP server: tools, resources, prompts and tasks for one client on standard input and output, until it goes away.
 *
 * @module
 */
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { TASKS_EXTENSION } from "./caller.ts";
import { createHost, type Host, type HostOptions } from "./host.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { addPrompts } from "./prompts.ts";
import { addResources } from "./resources.ts";
import { TOOLS } from "./tools.ts";
import { serveTasks } from "./wait_task.ts";

/** Builds a server; it keeps nothing in memory that another one could not read from the disk. */
export function createServer(host: Host): McpServer {
  const server = new McpServer(
    { name: "samocode", title: "samocode", version: host.version },
    { instructions: INSTRUCTIONS, capabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
  );
  for (const addTool of TOOLS) addTool(server, host);
  addResources(server, host);
  addPrompts(server, host);
  serveTasks(server, host);
  return server;
}

/** Serves the client that started this process; resolves when it closed the connection. */
export function serve(options: HostOptions): Promise<void> {
  const host = createHost(options);
  const transport = new StdioServerTransport();
  return new Promise((resolve) => {
    // Both eras of the protocol: which one it is shows in the client's first message.
    serveStdio(() => createServer(host), { transport, onerror: ({ message }) => host.log(message) });
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
}
