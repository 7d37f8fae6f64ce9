/**
 * Starts an agent behind the guard's walls, where it reaches listed hosts only.
 *
 * @module
 */
import { type BridgeTask, runBehindBridge } from "../guard/network/bridge.ts";

/**
 * Runs a command with a way to the listed hosts. Returns its exit code.
 *
 * @param task A {@linkcode BridgeTask} as JSON; the guard wrote it.
 */
export async function bridgeToHosts(task: string, started: Parameters<typeof runBehindBridge>[1]): Promise<number> {
  return await runBehindBridge(JSON.parse(task) as BridgeTask, started);
}
