/**
 * The MCP server of one connection: tools, resources, prompts and tasks.
 *
 * @module
 */
import { McpServer } from "@modelcontextprotocol/server";
import { TASKS_EXTENSION } from "./caller.ts";
import type { Host } from "./host.ts";
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
