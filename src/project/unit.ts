/**
 * Installs the supervisor or the listener as a service: a systemd user unit, or on macOS a launchd agent, which is
 * untested.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { lstatIfExists, readTextIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { namedHome } from "../system/user_folders.ts";

/** What to install, and for whom. */
export interface UnitSetup {
  readonly service: Service;
  readonly env: Readonly<Record<string, string>>;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
}

/** The services that can be installed. */
export type Service = "supervise" | "listen";

interface ServiceRow {
  /** The name of its unit. */
  readonly name: string;
  readonly title: string;
  readonly args: readonly string[];
  readonly describes: string;
  /** When the system restarts it. */
  readonly restarts: "on-failure" | "always";
}

const SERVICES: Readonly<Record<Service, ServiceRow>> = {
  supervise: {
    name: "samocode-supervisor",
    title: "supervisor",
    args: ["supervise"],
    describes: "continues sessions that were cut short and starts queued ones",
    restarts: "on-failure",
  },
  listen: {
    name: "samocode-listener",
    title: "listener",
    args: ["listen", "--keep"],
    describes: "shows on your channels what sessions need, and takes your decisions there",
    // It gives way to another version, and restarts as that version.
    restarts: "always",
  },
};

/** What was done, and what the person types next. */
export interface UnitChange {
  readonly path: string;
  readonly next: readonly string[];
}

/** No two hyphens in a row: a comment in XML has none. */
const MARK = "Written by samocode";

/**
 * The variables that the services' programs need and that a login shell may have set. No secrets: those belong in a
 * `.env` file.
 */
const VARIABLES: readonly string[] = [
  ...["PATH", "LANG", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"],
  ...["CLAUDE_CONFIG_DIR", "CODEX_HOME", "DENO_DIR"],
];

/**
 * Writes the unit.
 *
 * @throws {SamocodeError} If this system has neither, or something else is in its place.
 */
export function installUnit(setup: UnitSetup, os: string = Deno.build.os): UnitChange {
  const { path, render, started } = kindFor(setup, os);
  checkOwn(path);
  Deno.mkdirSync(dirname(path), { recursive: true });
  writeAtomic(path, render(setup), { newMode: 0o644 });
  return { path, next: started };
}

/**
 * Removes the unit. A running service keeps running until it is stopped.
 *
 * @throws {SamocodeError} If something else is in its place.
 */
export function uninstallUnit(setup: UnitSetup, os: string = Deno.build.os): UnitChange {
  const { path, stopped } = kindFor(setup, os);
  checkOwn(path);
  removeIfExists(path);
  return { path, next: stopped };
}

interface UnitKind {
  readonly path: string;
  readonly render: (setup: UnitSetup) => string;
  readonly started: readonly string[];
  readonly stopped: readonly string[];
}

function kindFor({ service, env }: UnitSetup, os: string): UnitKind {
  const { name, title, args } = SERVICES[service];
  const home = namedHome(env);
  if (os === "darwin") {
    const path = join(home, "Library", "LaunchAgents", `${name}.plist`);
    return {
      path,
      render: launchdPlist,
      started: [`launchctl load -w ${shellWord(path)}`],
      stopped: [`launchctl remove ${name}`],
    };
  }
  if (os !== "linux") {
    throw new SamocodeError("usage", `Cannot install the ${title} on ${os}: it has neither systemd nor launchd`, {
      hint: `Have the system start samocode ${args.join(" ")} at login`,
    });
  }
  const configured = env["XDG_CONFIG_HOME"] ?? "";
  const folder = isAbsolute(configured) ? configured : join(home, ".config");
  return {
    path: join(folder, "systemd", "user", `${name}.service`),
    render: systemdUnit,
    started: [
      "systemctl --user daemon-reload",
      `systemctl --user enable --now ${name}.service`,
      "loginctl enable-linger   # starts it at boot, and keeps it when you log out",
    ],
    stopped: [`systemctl --user disable --now ${name}.service`, "systemctl --user daemon-reload"],
  };
}

/** A file of the person's own is neither replaced nor removed. */
function checkOwn(path: string): void {
  const found = lstatIfExists(path);
  if (found === undefined || (found.isFile && readTextIfExists(path)?.includes(MARK))) return;
  throw new SamocodeError("conflict", `Cannot use ${path}: samocode did not write what is there`, {
    hint: "Move it away, then type the same again",
  });
}

/** The unit for systemd; see systemd.service(5) and "Quoting" in systemd.syntax(7). */
export function systemdUnit({ service, self, env }: UnitSetup): string {
  const { args, describes, restarts } = SERVICES[service];
  // The colon keeps systemd from putting in variables. It starts no program whose name has quotes; sh starts any.
  const command = ["-c", 'exec "$0" "$@"', ...self, ...args].map(systemdWord).join(" ");
  return `# ${MARK}
[Unit]
Description=samocode: ${describes}

[Service]
ExecStart=:/bin/sh ${command}
${
    variablesOf(env).map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}\n`).join("")
  }WorkingDirectory=/
# Workers outlive what started them.
KillMode=process
Restart=${restarts}
RestartSec=10

[Install]
WantedBy=default.target
`;
}

/** A word in quotes, in which nothing has a meaning: neither quotes, nor specifiers, nor line breaks. */
function systemdWord(text: string): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return `"${plain.replace(CONTROL, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

// deno-lint-ignore no-control-regex -- These are meant.
const CONTROL = /[\x00-\x1f\x7f]/g;

/** The agent for launchd; see launchd.plist(5). Untested on macOS. */
export function launchdPlist({ service, self, env }: UnitSetup): string {
  const { name, args, restarts } = SERVICES[service];
  const strings = [...self, ...args].map((word) => `    <string>${xmlText(word)}</string>\n`).join("");
  const variables = variablesOf(env)
    .map(([name, value]) => `    <key>${name}</key>\n    <string>${xmlText(value)}</string>\n`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK}. Untested. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${name}</string>
  <key>ProgramArguments</key>
  <array>
${strings}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
${restarts === "always" ? "  <true/>" : "  <dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>"}
  <key>AbandonProcessGroup</key>
  <true/>
</dict>
</plist>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** XML has no way to write most control characters; a name with one is not found, and nothing else. */
function xmlText(text: string): string {
  return text.replace(/[&<>]/g, (each) => ENTITIES[each] ?? each).replace(CONTROL, "\ufffd");
}

function variablesOf(env: UnitSetup["env"]): readonly (readonly [name: string, value: string])[] {
  return VARIABLES.flatMap((name) => env[name] ? [[name, env[name]] as const] : []);
}
