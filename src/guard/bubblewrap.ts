/**
 * Walls as arguments of bubblewrap, measured with version 0.8.0.
 *
 * @module
 */
import { isBelow, orderWalls, type Wall } from "./walls.ts";

/** What to run behind the walls. */
export interface GuardedCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly hasNetwork: boolean;
  readonly isRoot: boolean;
}

/** The arguments. Everything that no wall mentions can be read and not written. */
export function bubblewrapArguments(
  walls: readonly Wall[],
  { binary, args, cwd, hasNetwork, isRoot }: GuardedCommand,
): readonly string[] {
  const ordered = orderWalls(walls);
  const isLate = ({ path }: Wall) => isBelow("/dev", path);
  return [
    ...["--ro-bind", "/", "/"],
    // Each bind has bubblewrap read the list of all mounts, so those of /dev and /proc come after the walls.
    ...ordered.filter((wall) => !isLate(wall)).flatMap(mount),
    ...["--dev", "/dev"],
    ...ordered.filter(isLate).flatMap(mount),
    // Ending its first process ends everything in the namespace, and nobody else's environment can be read.
    ...["--unshare-pid", "--proc", "/proc", "--die-with-parent"],
    // Root owns /proc/sys even without capabilities, and a core pattern names a program that the kernel runs as root.
    ...(isRoot ? ["--remount-ro", "/proc"] : []),
    "--unshare-ipc",
    // Also the only way to keep abstract sockets out.
    ...(hasNetwork ? [] : ["--unshare-net"]),
    // A group of its own: a signal to it must not end bubblewrap before the agent has reported its cost.
    "--new-session",
    // Root could unmount the walls otherwise.
    ...["--cap-drop", "ALL"],
    ...["--chdir", cwd, "--", binary, ...args],
  ];
}

function mount({ path, access, from = path }: Wall): readonly string[] {
  switch (access) {
    case "read":
      return ["--ro-bind", from, path];
    case "write":
      return ["--bind", from, path];
    case "empty":
      return ["--tmpfs", path];
    case "hidden":
      return ["--ro-bind", "/dev/null", path];
    case "link":
      return ["--symlink", from, path];
  }
}
