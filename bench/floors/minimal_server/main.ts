/**
 * The floor of the MCP server: the least that the same SDK serves on standard input and output, one tool that greets.
 *
 * @module
 */
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "minimal", version: "1.0" });
  server.registerTool(
    "greet",
    { description: "Greets", inputSchema: z.object({ name: z.string() }) },
    ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}` }] }),
  );
  return server;
});
