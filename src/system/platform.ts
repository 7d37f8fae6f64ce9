/**
 * What differs between operating systems, as one table. Tests run on Linux; the other rows follow the documentation
 * named in the modules that use them, see docs/platforms.md.
 *
 * @module
 */

/** A family of operating systems. */
export interface Platform {
  /** The source of the process table. */
  readonly processes: "proc" | "ps" | "cim";
  /** How agents can be kept from what is not theirs; `undefined` where they cannot. */
  readonly guard: "namespaces" | "seatbelt" | undefined;
  /** The program that keeps the machine awake; `undefined` where there is none. */
  readonly keepsAwake: "systemd-inhibit" | "caffeinate" | undefined;
  /** The program that opens a file or a folder for a person. */
  readonly opener: "xdg-open" | "open" | "explorer";
  /** Whether that needs a display that the environment names. */
  readonly namesDisplay: boolean;
  /** Whether signals can be sent to process groups. */
  readonly hasGroups: boolean;
  /** Whether files have Unix modes. */
  readonly hasModes: boolean;
  /** Whether file names may contain a colon, which names a stream on NTFS. */
  readonly allowsColon: boolean;
  /** Whether folders can be opened, and so locked. */
  readonly opensFolders: boolean;
  /** Whether a file lock also prevents reading. */
  readonly locksAreMandatory: boolean;
  /** Whether the `security` program stores secrets. */
  readonly hasKeychain: boolean;
  /** The file endings of programs. */
  readonly programEndings: readonly string[];
  /** The file endings of scripts that only a shell can start. */
  readonly scriptEndings: readonly string[];
  /** The signals that interrupt samocode. */
  readonly endSignals: readonly Deno.Signal[];
}

const UNIX = {
  processes: "ps",
  guard: undefined,
  keepsAwake: undefined,
  opener: "xdg-open",
  namesDisplay: true,
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
  linux: { ...UNIX, processes: "proc", guard: "namespaces", keepsAwake: "systemd-inhibit" },
  darwin: {
    ...UNIX,
    hasKeychain: true,
    guard: "seatbelt",
    keepsAwake: "caffeinate",
    opener: "open",
    namesDisplay: false,
  },
  windows: {
    processes: "cim",
    guard: undefined,
    keepsAwake: undefined,
    opener: "explorer",
    namesDisplay: false,
    hasGroups: false,
    hasModes: false,
    allowsColon: false,
    opensFolders: false,
    locksAreMandatory: true,
    hasKeychain: false,
    programEndings: [".exe", ".com"],
    scriptEndings: [".cmd", ".bat"],
    // The only ones in Deno 2.4; 2.7.6 added more (denoland/deno#32689).
    endSignals: ["SIGINT", "SIGBREAK"],
  },
};

/** The row of an operating system, by default this one. Unknown systems count as BSDs. */
export function platform(os: string = Deno.build.os): Platform {
  return PLATFORMS[os] ?? UNIX;
}
