/**
 * Behind the walls: gives an agent the proxy's socket as an ordinary proxy on loopback, and starts the agent. Most
 * programs can use a proxy only over TCP.
 *
 * @module
 */
import { Acceptor, closeQuietly, type Connection, join, writeAll } from "./connections.ts";
import { readHead } from "./proxy_request.ts";

/** What the bridge is told. */
export interface BridgeTask {
  /** The path of the proxy's socket. */
  readonly socket: string;
  /** Servers of the machine outside that are shown at the same place inside: `localhost:8080`. */
  readonly servers: readonly string[];
  /** Variables for the agent that the bridge itself must not have: folders of caches. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a command with a way to the proxy. Returns its exit code. */
export async function runBehindBridge(
  { socket, servers, env: added }: BridgeTask,
  { command: [binary = "", ...args], env }: {
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = proxy.addr;
  new Acceptor(proxy, async (connection) => join(connection, await connectTo(socket)));
  for (const server of servers) {
    for (const listener of listenersFor(server)) new Acceptor(listener, (each) => tunnel(each, { socket, server }));
  }
  // Whoever ends the agent signals its group. The bridge must not end first, and the agent with it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
  const options = { stdin: "inherit", stdout: "inherit", stderr: "inherit", clearEnv: true } as const;
  const all = { ...env, ...added, ...proxyVariables(`http://127.0.0.1:${port}`) };
  return (await new Deno.Command(binary, { args: [...args], env: all, ...options }).spawn().status)
    .code;
}

/** Loopback inside has both addresses or only one, and only one may be meant. */
function listenersFor(server: string): readonly Deno.Listener<Connection>[] {
  const { hostname, port } = new URL(`http://${server}`);
  const addresses = hostname === "localhost" ? ["127.0.0.1", "::1"] : [hostname.replace(/^\[|\]$/g, "")];
  return addresses.flatMap((address): readonly Deno.Listener<Connection>[] => {
    try {
      return [Deno.listen({ hostname: address, port: Number(port) })];
    } catch {
      return [];
    }
  });
}

async function tunnel(
  connection: Connection,
  { socket, server }: { readonly socket: string; readonly server: string },
): Promise<void> {
  const proxy = await connectTo(socket);
  try {
    await writeAll(proxy, new TextEncoder().encode(`CONNECT ${server} HTTP/1.1\r\n\r\n`));
    const head = await readHead(proxy);
    if (!head?.text.startsWith("HTTP/1.1 200 ")) return;
    await writeAll(connection, head.rest);
    await join(connection, proxy);
  } finally {
    closeQuietly(proxy);
  }
}

async function connectTo(socket: string): Promise<Connection> {
  return await Deno.connect({ transport: "unix", path: socket });
}

function proxyVariables(url: string): Readonly<Record<string, string>> {
  const names = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: "localhost,127.0.0.1,::1" };
  return {
    ...names,
    // Not all programs know both spellings.
    ...Object.fromEntries(Object.entries(names).map(([name, value]) => [name.toLowerCase(), value])),
    // Node's own fetch, from version 24.
    NODE_USE_ENV_PROXY: "1",
  };
}
