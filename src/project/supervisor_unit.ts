/**
 * Has the system start the supervisor: a systemd unit of the user's, or on macOS a launchd agent, which is untested.
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
  readonly env: Readonly<Record<string, string>>;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
}

/** What was done, and what the person types next. */
export interface UnitChange {
  readonly path: string;
  readonly next: readonly string[];
}

/** No two hyphens in a row: a comment in XML has none. */
const MARK = "Written by samocode supervise";
const NAME = "samocode-supervisor";

/**
 * Of the environment, what the supervisor's programs need and a login shell may have set. No secret: those belong into a
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
 * Removes the unit. What it started goes on until it is stopped.
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

function kindFor({ env }: UnitSetup, os: string): UnitKind {
  const home = namedHome(env);
  if (os === "darwin") {
    const path = join(home, "Library", "LaunchAgents", `${NAME}.plist`);
    return {
      path,
      render: launchdPlist,
      started: [`launchctl load -w ${shellWord(path)}`],
      stopped: [`launchctl remove ${NAME}`],
    };
  }
  if (os !== "linux") {
    throw new SamocodeError("usage", `Cannot install the supervisor on ${os}: it has neither systemd nor launchd`, {
      hint: "Have the system start samocode supervise at login",
    });
  }
  const configured = env["XDG_CONFIG_HOME"] ?? "";
  const folder = isAbsolute(configured) ? configured : join(home, ".config");
  return {
    path: join(folder, "systemd", "user", `${NAME}.service`),
    render: systemdUnit,
    started: [
      "systemctl --user daemon-reload",
      `systemctl --user enable --now ${NAME}.service`,
      "loginctl enable-linger   # starts it at boot, and keeps it when you log out",
    ],
    stopped: [`systemctl --user disable --now ${NAME}.service`, "systemctl --user daemon-reload"],
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
export function systemdUnit({ self, env }: UnitSetup): string {
  // The colon keeps systemd from putting in variables. It starts no program whose name has quotes; sh starts any.
  const command = ["-c", 'exec "$0" "$@"', ...self, "supervise"].map(systemdWord).join(" ");
  return `# ${MARK}
[Unit]
Description=samocode: continues sessions that were cut short and starts queued ones

[Service]
ExecStart=:/bin/sh ${command}
${
    variablesOf(env).map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}\n`).join("")
  }WorkingDirectory=/
# Workers outlive the supervisor.
KillMode=process
Restart=on-failure
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
export function launchdPlist({ self, env }: UnitSetup): string {
  const strings = [...self, "supervise"].map((word) => `    <string>${xmlText(word)}</string>\n`).join("");
  const variables = variablesOf(env)
    .map(([name, value]) => `    <key>${name}</key>\n    <string>${xmlText(value)}</string>\n`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK}. Untested. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${NAME}</string>
  <key>ProgramArguments</key>
  <array>
${strings}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
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
