/**
 * Windows' processes, out of the CIM class Win32_Process. Written by its documentation and untested there.
 *
 * By PowerShell, which every Windows has: `tasklist` knows neither parents nor start times, and `wmic` is deprecated and
 * no longer on every Windows 11. A look takes about half a second, the start of PowerShell.
 *
 * @module
 */
import { askLister, notEmpty, presentIn, type ProcessEntry, type ProcessSource } from "./process_source.ts";
import { windowsTool } from "./windows_tool.ts";

/** Asks CIM. */
export const cimSource: ProcessSource = {
  table,
  one: (pid) => ask(cimScript(pid), readCim).find((entry) => entry.pid === pid),
  alive: (seen) => presentIn(table(), seen),
  // Nothing that Windows ships tells another process's environment.
  withVariable: () => [],
};

/**
 * What PowerShell is asked. It prints `pid parent created`, the time as the hundreds of nanoseconds since 1601 that
 * `DateTime.ToFileTimeUtc` gives: a number knows neither language nor time zone.
 *
 * @param pid One process only.
 */
export function cimScript(pid?: number): string {
  const filter = pid === undefined ? "" : ` -Filter 'ProcessId=${Math.trunc(pid)}'`;
  return "$ErrorActionPreference = 'Stop'; " +
    `Get-CimInstance -ClassName Win32_Process${filter} -Property ProcessId,ParentProcessId,CreationDate | ` +
    "Where-Object { $_.CreationDate } | " +
    "ForEach-Object { '{0} {1} {2}' -f $_.ProcessId, $_.ParentProcessId, $_.CreationDate.ToFileTimeUtc() }";
}

/**
 * Reads what {@linkcode cimScript} prints. Windows keeps the id of a parent that has ended, and may give it to another
 * (Win32_Process, ParentProcessId): whoever is younger than the child is not its parent, and is written as 0.
 */
export function readCim(text: string): readonly ProcessEntry[] {
  const entries = [...text.matchAll(/^(\d+) (\d+) (\d+)\s*$/gm)].map(([, pid, parent, created = "0"]) => ({
    pid: Number(pid),
    parent: Number(parent),
    startId: created,
  }));
  const created = new Map(entries.map(({ pid, startId }) => [pid, BigInt(startId)]));
  return entries.map((entry) => {
    const bornAt = created.get(entry.parent);
    return bornAt !== undefined && bornAt > BigInt(entry.startId) ? { ...entry, parent: 0 } : entry;
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
 * What PowerShell printed.
 *
 * @throws Where it failed: a process that could not be asked for is not gone.
 */
export function textOf(
  { success, stdout, stderr }: { readonly success: boolean; readonly stdout: Uint8Array; readonly stderr: Uint8Array },
): string {
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr).trim() || "PowerShell failed");
  return decoder.decode(stdout);
}
