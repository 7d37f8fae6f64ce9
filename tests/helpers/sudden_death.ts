/**
 * The disk as a process leaves it that is killed before one of its operations, without a process of its own.
 *
 * @module
 */

const ACTS = ["mkdirSync", "openSync", "renameSync", "removeSync", "writeFileSync", "chmodSync"] as const;
const FILE_ACTS = ["writeSync", "truncateSync", "syncDataSync", "syncSync"] as const;

/** What ends the process. */
export class Death extends Error {}

/** A point at which it can end. */
export interface Moment {
  /** How many operations that change something come before. */
  readonly before: number;
  /** Whether the next operation, if it writes, writes half of its bytes. */
  readonly half: boolean;
}

/**
 * Does something as a process that dies at a moment: from then on nothing it does changes the disk.
 *
 * @returns Whether it came so far.
 */
export async function dieAt({ before, half }: Moment, act: () => Promise<unknown>): Promise<boolean> {
  let left = before;
  let died = false;
  const live = (last?: () => unknown): void => {
    if (left-- > 0) return;
    if (!died && half) last?.();
    died = true;
    throw new Death("killed");
  };
  const undo = [
    ...ACTS.map((name) =>
      replace(Deno, name, (act, args) => {
        const options = args.at(-1);
        const isObject = typeof options === "object" && options !== null;
        if (name !== "openSync" || (isObject && ("create" in options || "createNew" in options))) live();
        return act();
      })
    ),
    ...FILE_ACTS.map((name) =>
      replace(Deno.FsFile.prototype, name, (act, [bytes]) => {
        live(() => bytes instanceof Uint8Array && act([bytes.subarray(0, Math.floor(bytes.length / 2))]));
        return act();
      })
    ),
  ];
  try {
    await act();
  } catch (error) {
    if (!died) throw error;
  } finally {
    for (const put of undo) put();
  }
  return died;
}

type Instead = (act: (args?: readonly unknown[]) => unknown, args: readonly unknown[]) => unknown;

function replace(owner: object, name: string, instead: Instead): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  const real: unknown = before?.value;
  if (before === undefined || typeof real !== "function") throw new Error(`there is no ${name}`);
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return instead((given = args) => Reflect.apply(real, this, given), args);
  };
  Object.defineProperty(owner, name, { ...before, value });
  return () => Object.defineProperty(owner, name, before);
}
