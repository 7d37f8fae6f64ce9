/**
 * Windows' own programs, by their full path: PATH, which a repository or an agent may have changed, must not choose who
 * lists and ends processes. Untested there.
 *
 * @module
 */
import { win32 } from "node:path";

const TOOLS = {
  taskkill: ["System32", "taskkill.exe"],
  powershell: ["System32", "WindowsPowerShell", "v1.0", "powershell.exe"],
} as const;

/**
 * The path of a tool.
 *
 * @param systemRoot The folder of Windows, which Windows itself gives each process as `SystemRoot`.
 */
export function windowsTool(name: keyof typeof TOOLS, systemRoot: string | undefined = readSystemRoot()): string {
  const isUsable = systemRoot !== undefined && /^[A-Za-z]:[\\/]/.test(systemRoot);
  return win32.join(isUsable ? systemRoot : "C:\\Windows", ...TOOLS[name]);
}

function readSystemRoot(): string | undefined {
  // Not a setting but the system's own address; handed down, it would pass through every function that ends a process.
  // deno-lint-ignore house/edges-only-in-main
  return Deno.env.get("SystemRoot");
}
