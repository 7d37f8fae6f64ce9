/**
 * The way from an attempt to the hosts that it may reach: a proxy outside, a bridge inside, and a socket between them.
 *
 * @module
 */
import { type AttemptToGuard, type Environment, type GuardedProject, RUNTIME } from "../attempt.ts";
import type { Wall } from "../walls.ts";
import type { BridgeTask } from "./bridge.ts";
import { isThisMachine } from "./host_list.ts";
import { HostProxy } from "./host_proxy.ts";
import { hostsFor } from "./open_hosts.ts";

/** An attempt's own proxy, to be disposed with it, and the command that leads to it. */
export interface WayOut {
  readonly proxy: HostProxy;
  readonly wall: Wall;
  readonly binary: string;
  readonly args: readonly string[];
}

/** Where the proxy's socket is behind the walls. */
const SOCKET = `${RUNTIME}/samocode.sock`;

/** Starts the proxy of an attempt. `env` is what the bridge gives the agent beyond what it has itself. */
export function wayOut(
  { hosts, self: [binary = "", ...before] }: GuardedProject,
  { binary: agent, modelHosts }: AttemptToGuard,
  { args, env }: { readonly args: readonly string[]; readonly env: Environment },
): WayOut {
  const proxy = new HostProxy(hostsFor(hosts, modelHosts));
  const servers = hosts.filter(({ host }) => isThisMachine(host)).map(({ text }) => text);
  const task: BridgeTask = { socket: SOCKET, servers, env };
  return {
    proxy,
    wall: { path: SOCKET, access: "read", from: proxy.path },
    binary,
    args: [...before, "guard-bridge", "--", JSON.stringify(task), agent, ...args],
  };
}
