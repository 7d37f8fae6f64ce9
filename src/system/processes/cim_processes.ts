/**
 * Windows' processes, from the CIM class Win32_Process, and Windows' own tools. Follows the documentation; untested on
 * Windows.
 *
 * Uses PowerShell, which takes about half a second to start: `tasklist` knows neither parents nor start times, and
 * `wmic` is missing on newer Windows 11.
 *
 * @module
 */
import { win32 } from "node:path";
import { askLister, notEmpty, presentIn, type ProcessEntry, type ProcessSource } from "./process_source.ts";

/** The source for Windows. */
export const cimSource: ProcessSource = {
  table,
  one: (pid) => ask(cimScript(pid), readCim).find((entry) => entry.pid === pid),
  alive: (seen) => presentIn(table(), seen),
  // No tool of Windows shows another process's environment.
  withVariable: () => [],
};

/**
 * The PowerShell script. It prints `pid parent created`, the time as `DateTime.ToFileTimeUtc`, which depends on neither
 * language nor time zone.
 *
 * @param pid Asks for this process only.
 */
export function cimScript(pid?: number): string {
  const filter = pid === undefined ? "" : ` -Filter 'ProcessId=${Math.trunc(pid)}'`;
  return "$ErrorActionPreference = 'Stop'; " +
    `Get-CimInstance -ClassName Win32_Process${filter} -Property ProcessId,ParentProcessId,CreationDate | ` +
    "Where-Object { $_.CreationDate } | " +
    "ForEach-Object { '{0} {1} {2}' -f $_.ProcessId, $_.ParentProcessId, $_.CreationDate.ToFileTimeUtc() }";
}

/**
 * Reads the output of {@linkcode cimScript}. A parent's id may belong to a newer process by now (Win32_Process,
 * ParentProcessId); a parent younger than its child becomes 0.
 */
export function readCim(text: string): readonly ProcessEntry[] {
  const entries = [...text.matchAll(/^(\d+) (\d+) (\d+)\s*$/gm)].map(([, pid, parent, created = "0"]) => ({
    pid: Number(pid),
    parent: Number(parent),
    startId: created,
  }));
  const created = new Map(entries.map(({ pid, startId }) => [pid, BigInt(startId)]));
  return entries.map((entry) => {
    const parentCreated = created.get(entry.parent);
    return parentCreated !== undefined && parentCreated > BigInt(entry.startId) ? { ...entry, parent: 0 } : entry;
  });
}

function table(): readonly ProcessEntry[] {
  return ask(cimScript(), (text) => notEmpty(readCim(text), "PowerShell"));
}

function ask<T>(script: string, read: (text: string) => T): T {
  const hint = "Check that powershell.exe can be started and may use Get-CimInstance";
  const args = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script];
  return askLister({ binary: windowsTool("powershell"), hint }, args, (output) => read(textOf(output)));
}

/**
 * The output of PowerShell.
 *
 * @throws If it failed; no process may be taken for dead then.
 */
export function textOf({ success, stdout, stderr }: Pick<Deno.CommandOutput, "success" | "stdout" | "stderr">): string {
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim() || "PowerShell failed");
  return decoder.decode(stdout);
}

const TOOLS = {
  taskkill: ["System32", "taskkill.exe"],
  powershell: ["System32", "WindowsPowerShell", "v1.0", "powershell.exe"],
} as const;

/**
 * The full path of a tool: a repository or an agent may have changed PATH.
 *
 * @param systemRoot Windows' own folder, which it gives each process as `SystemRoot`.
 */
export function windowsTool(name: keyof typeof TOOLS, systemRoot: string | undefined = readSystemRoot()): string {
  const isUsable = systemRoot !== undefined && /^[A-Za-z]:[\\/]/.test(systemRoot);
  return win32.join(isUsable ? systemRoot : "C:\\Windows", ...TOOLS[name]);
}

function readSystemRoot(): string | undefined {
  // A fact about the system, not a setting; passing it down would touch every function that ends a process.
  // deno-lint-ignore house/edges-only-in-main
  return Deno.env.get("SystemRoot");
}
