/**
 * Durations, costs and counts for people, and time stamps, in local time.
 *
 * @module
 */

/** `45s`, `1m 32s`, `2h 05m`, `3d 04h`; whole seconds, never negative. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${padded(seconds % 60)}s`;
  return hours < 24 ? `${hours}h ${padded(minutes % 60)}m` : `${Math.floor(hours / 24)}d ${padded(hours % 24)}h`;
}

/** `40s`, `12m`, `5h`, `3d`, `7w`; whole units, never negative. */
export function formatAge(ms: number): string {
  const units = [["w", 604_800], ["d", 86_400], ["h", 3600], ["m", 60]] as const;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** `$0.42`, or `<$0.01` for a positive amount below half a cent. */
export function formatCost(usd: number): string {
  return usd > 0 && usd < 0.005 ? "<$0.01" : `$${usd.toFixed(2)}`;
}

/** `980`, `12.3k`, `214k`, `4.5M`. */
export function formatTokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 99_950) return `${(count / 1000).toFixed(1)}k`;
  // From 999,500 on it would round to 1000k.
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `980 bytes`, `12 kB`, `3.4 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(amount < 10 && power > 1 ? 1 : 0)} ${["", "kB", "MB", "GB"][power]}`;
}

/** `1 iteration`, `2 iterations`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `[003 @ 11-20 14:37]`, the start of a line in a notebook's Flow Log. */
export function iterationStamp(iteration: number, at: Date): string {
  return `[${padded(iteration, 3)} @ ${monthDay(at)} ${clockTime(at)}]`;
}

/** `14:37`. */
export function clockTime(at: Date): string {
  return `${padded(at.getHours())}:${padded(at.getMinutes())}`;
}

/** `11-20 14:37`, a time stamp for a person; what is none stays as it is. */
export function localMoment(stamp: string): string {
  const at = new Date(stamp);
  return Number.isNaN(at.getTime()) ? stamp : `${monthDay(at)} ${clockTime(at)}`;
}

/** `11-20-14:37`, the start of a document's name; `11-20-1437` if names cannot contain `:`. */
export function documentStamp(at: Date, options: { readonly colon: boolean }): string {
  return `${monthDay(at)}-${padded(at.getHours())}${options.colon ? ":" : ""}${padded(at.getMinutes())}`;
}

/** `26-11-20`, the start of a session folder's name. */
export function dayStamp(at: Date): string {
  return `${padded(at.getFullYear() % 100)}-${monthDay(at)}`;
}

function monthDay(at: Date): string {
  return `${padded(at.getMonth() + 1)}-${padded(at.getDate())}`;
}

function padded(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
