/**
 * A program of its own: plays a shell text through the provider and prints the most memory it held before and after,
 * in kB as Linux counts it.
 *
 * @module
 */
import { AgentStage } from "./agent_stage.ts";

function peakKb(): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]);
}

using stage = new AgentStage();
const before = peakKb();
await stage.play(["-c", Deno.args[0] ?? ""]);
console.log(before, peakKb());
