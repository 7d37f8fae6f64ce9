/**
 * What differs between operating systems, as one table. Nothing else in the program asks which one it runs on.
 *
 * Linux is what the tests run on. The other rows are written by the documents named in the modules that use them, and
 * are untested: see docs/platforms.md.
 *
 * @module
 */

/** The ways of a family of systems. */
export interface Platform {
  /** Where the list of processes comes from. */
  readonly processes: "proc" | "ps" | "cim";
  /** Whether processes form groups that take signals; without them only force ends a tree. */
  readonly hasGroups: boolean;
  /** Whether a mode says what is a program and who may read a file. */
  readonly hasModes: boolean;
  /** Whether a file's name may hold a colon; NTFS takes it for a stream's. */
  readonly allowsColon: boolean;
  /** Whether a folder can be opened, and so be locked. */
  readonly opensFolders: boolean;
  /** Whether a file lock also keeps others from reading. */
  readonly locksAreMandatory: boolean;
  /** Whether secrets are kept by the `security` program. */
  readonly hasKeychain: boolean;
  /** What a program's file name ends with where it can be started without a shell. */
  readonly programEndings: readonly string[];
  /** What a file's name ends with where only a shell can start it. */
  readonly scriptEndings: readonly string[];
  /** The signals that ask this program to end. */
  readonly endSignals: readonly Deno.Signal[];
}

const UNIX = {
  processes: "ps",
  hasGroups: true,
  hasModes: true,
  allowsColon: true,
  opensFolders: true,
  locksAreMandatory: false,
  hasKeychain: false,
  programEndings: [""],
  scriptEndings: [],
  endSignals: ["SIGINT", "SIGTERM", "SIGHUP"],
} as const satisfies Platform;

/** By the names of `Deno.build.os`. */
const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux: { ...UNIX, processes: "proc" },
  darwin: { ...UNIX, hasKeychain: true },
  windows: {
    processes: "cim",
    hasGroups: false,
    hasModes: false,
    allowsColon: false,
    opensFolders: false,
    locksAreMandatory: true,
    hasKeychain: false,
    programEndings: [".exe", ".com"],
    scriptEndings: [".cmd", ".bat"],
    // Deno 2.4 listens to no others there; 2.7.6 added more (denoland/deno#32689).
    endSignals: ["SIGINT", "SIGBREAK"],
  },
};

/** The ways of a system, this one's by default. What is not in the table is taken for a BSD. */
export function platform(os: string = Deno.build.os): Platform {
  return PLATFORMS[os] ?? UNIX;
}
