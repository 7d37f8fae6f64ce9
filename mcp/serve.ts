/**
 * Serves one client on standard input and output, until it goes away.
 *
 * @module
 */
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { createHost, type HostOptions } from "./host.ts";
import { createServer } from "./server.ts";

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
