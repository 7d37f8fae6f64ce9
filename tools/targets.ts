/**
 * The platforms that a release is made for: to add one is to add a row.
 *
 * @module
 */

/** One platform, as everybody calls it. */
export interface Target {
  /** In the names of release files and npm packages: `samocode-linux-x64.tar.gz`. */
  readonly name: string;
  /** For `deno compile --target`. */
  readonly triple: string;
  /** As `process.platform`, npm's `os` field and Node call it. */
  readonly os: "linux" | "darwin" | "win32";
  /** As `process.arch` and npm's `cpu` field call it. */
  readonly cpu: "x64" | "arm64";
  /** The name of the program's file. */
  readonly program: string;
}

/** All platforms that `deno compile` knows. The programs for Linux need the GNU C library. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu", os: "linux", cpu: "x64", program: "samocode" },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu", os: "linux", cpu: "arm64", program: "samocode" },
  { name: "macos-x64", triple: "x86_64-apple-darwin", os: "darwin", cpu: "x64", program: "samocode" },
  { name: "macos-arm64", triple: "aarch64-apple-darwin", os: "darwin", cpu: "arm64", program: "samocode" },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc", os: "win32", cpu: "x64", program: "samocode.exe" },
];
