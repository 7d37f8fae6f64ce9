import assert from "node:assert/strict";
import { AGENTS } from "../../src/agents/agents.ts";
import type { SettingRow } from "../../src/contract/setting_row.ts";
import type { ChannelRows } from "../../src/channels/channel.ts";
import { CHANNELS } from "../../src/channels/channels.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { loadSettings } from "../../src/settings/load_settings.ts";
import { type PhaseSettings, providersOf, type Settings } from "../../src/settings/settings.ts";
import { cacheFolder, configFolder } from "../../src/system/user_folders.ts";
import { nameInPhase, OWN_SETTINGS, PHASE_SETTINGS, SETTING_NAMES } from "../../src/settings/settings_table.ts";
import { AGENT_PHASES } from "../../src/workflow/phases.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { shellWord } from "../../src/text/terminal_text.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const PROJECT = "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n";

Deno.test("loadSettings() gives every setting its default", () => {
  using project = new Project();
  assert.deepEqual(project.load(), {
    projectFile: project.at("p", ".samocode"),
    mainRepo: project.at("p", "repo"),
    worktrees: project.at("p", "worktrees"),
    sessions: project.at("p", "sessions"),
    checks: [],
    checkTimeoutMs: 1_800_000,
    provider: "claude",
    isProviderNamed: false,
    phases: allPhases({ provider: "claude", model: "" }),
    fallback: undefined,
    maxRetries: 3,
    retryDelayMs: 5000,
    stallMs: 900_000,
    keepAwake: "on",
    maxCostUsd: 50,
    maxCostUsdPerDay: 100,
    maxTokens: 250_000_000,
    maxTokensPerDay: 500_000_000,
    maxStarts: 200,
    maxStartsPerDay: 500,
    maxTimeMs: 86_400_000,
    maxTimeMsPerDay: 172_800_000,
    maxLimitWaitMs: 43_200_000,
    maxParallel: 0,
    outagePatienceMs: 21_600_000,
    gate: "ask",
    gateAnswers: undefined,
    guard: "on",
    guardAllow: "",
    guardNetwork: "open",
    guardWritable: "",
    branchPrefix: "",
    fleet: "",
    fleetSetup: [],
    notify: "gate,blocked,done,limit,progress",
    quietHours: "",
    report: "attach",
    telemetry: undefined,
    agents: {
      claude: {
        binary: "claude",
        model: "opus",
        timeoutMs: 1_800_000,
        maxTurns: 300,
        permissionMode: "dontAsk",
        settingSources: "user,project,local",
      },
      codex: { binary: "codex", model: "", timeoutMs: 1_800_000, sandbox: "workspace-write" },
      demo: { pace: 1, timeoutMs: 1_800_000 },
    },
    channels: {
      telegram: undefined,
      slack: undefined,
      ntfy: undefined,
      desktop: undefined,
      webhook: undefined,
      notify_command: undefined,
    },
    warnings: [],
    handedOn: {},
  });
});

/** For each kind two texts, and what the program makes of them; for a list of choices, its first two. */
const SAMPLES: Readonly<Record<string, readonly (readonly [text: string, value: unknown])[]>> = {
  text: [["haiku", "haiku"], ["a b", "a b"]],
  program: [["/opt/claude", "/opt/claude"], ["claude2", "claude2"]],
  secret: [["1:a", "1:a"], ["2:b", "2:b"]],
  url: [["http://localhost:1", "http://localhost:1"], ["https://t.example/x", "https://t.example/x"]],
  seconds: [["1.5", 1500], ["2147483", 2_147_483_000]],
  delay: [["0", 0], ["0.5", 500]],
  count: [["0", 0], ["999999", 999_999]],
  positive: [["1", 1], ["999999", 999_999]],
  dollars: [["0.01", 0.01], ["off", undefined]],
  amount: [["250000000", 250_000_000], ["0", undefined]],
  period: [["0.5", 500], ["off", undefined]],
  commands: [["mail -s 'a b' me", [["mail", "-s", "a b", "me"]]], ["tell", [["tell"]]]],
};

/** Each setting of the environment, and where the loaded settings have it. */
const PLACES: readonly (readonly [SettingRow, (settings: Settings) => unknown])[] = [
  ...Object.entries(OWN_SETTINGS).map(([field, row]) => [row, (all: Settings) => fieldOf(all, field)] as const),
  ...AGENT_PHASES.flatMap((phase) =>
    Object.entries(PHASE_SETTINGS).map(([field, row]) =>
      [{ ...row, name: nameInPhase(row.name, phase) }, (all: Settings) => fieldOf(all.phases[phase], field)] as const
    )
  ),
  ...(["agents", "channels"] as const).flatMap((part) =>
    Object.entries({ agents: AGENTS, channels: CHANNELS }[part]).flatMap(([name, { settings }]) =>
      Object.entries<SettingRow>(settings).map(([field, row]) =>
        [row, (all: Settings) => fieldOf(fieldOf(all[part], name), field)] as const
      )
    )
  ),
];

function fieldOf(value: unknown, field: string): unknown {
  return Object.entries(value ?? {}).find(([name]) => name === field)?.[1];
}

/** Tested in tests/telemetry/settings_test.ts. */
const OF_TELEMETRY = [...SETTING_NAMES].filter((name) => name.startsWith("OTEL_"));

Deno.test("loadSettings() reads each setting by its kind, from its sources in order", () => {
  const needed = Object.values(CHANNELS).flatMap(({ settings }) => Object.values<ChannelRows[string]>(settings))
    .filter(({ isNeeded }) => isNeeded);
  const channels = Object.fromEntries(
    needed.map(({ name, kind }) => [name, (typeof kind === "string" ? SAMPLES[kind]?.[0]?.[0] : kind[0]) ?? ""]),
  );
  const rows = PLACES.filter(([row]) => row.place !== "project");
  assert.equal(new Set(rows.map(([{ name }]) => name)).size, SETTING_NAMES.size - 4 - OF_TELEMETRY.length);
  for (const [{ name, kind, place }, of] of rows) {
    // One that is off is not there.
    if (name === "SAMOCODE_DESKTOP") continue;
    const samples = typeof kind === "string" ? SAMPLES[kind] ?? [] : kind.slice(0, 2).map((text) => [text, text]);
    for (const [index, [value = "", wanted]] of samples.entries()) {
      using project = new Project();
      const [other, madeOfOther] = samples[1 - index] ?? [];
      assert.deepEqual(of(project.load({ env: { ...channels, [name]: value } })), wanted, name);
      project.file("home/.config/samocode/.env", `${name}="${value}"\n`);
      assert.deepEqual(of(project.load({ env: without(channels, name) })), wanted, `${name}, user's .env`);
      project.file("home/.config/samocode/.env", `${name}="${other}"\n`);
      project.file("p/.env", `${name}="${value}"\n`);
      const counting = place === "user" ? madeOfOther : wanted;
      assert.deepEqual(of(project.load({ env: without(channels, name) })), counting, `${name}, project's .env`);
      project.file("p/.env", `${name}="${other}"\n`);
      assert.deepEqual(of(project.load({ env: { ...channels, [name]: value } })), wanted, `${name}, environment`);
      // Nothing given is no value: the next source counts.
      assert.deepEqual(of(project.load({ env: { ...channels, [name]: " " } })), madeOfOther, `${name}, empty`);
    }
  }
});

Deno.test("loadSettings() lets a flag override all other sources", () => {
  using project = new Project();
  const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_TIMEOUT: "5" };
  const { provider, agents, handedOn } = project.load({ env, flags: { provider: "demo", timeout: "7" } });
  const timesOf = ({ claude, codex, demo }: Settings["agents"]): readonly number[] =>
    [claude, codex, demo].map(({ timeoutMs }) => timeoutMs);
  assert.deepEqual([provider, timesOf(agents)], ["demo", [7000, 7000, 7000]]);
  assert.deepEqual(handedOn, { SAMOCODE_PROVIDER: "demo", CLAUDE_TIMEOUT: "7", CODEX_TIMEOUT: "7" });
  // The demo has no time of its own.
  const apart = project.load({ env: { CLAUDE_TIMEOUT: "5", CODEX_TIMEOUT: "6" } });
  assert.deepEqual(timesOf(apart.agents), [5000, 6000, 5000]);
  assert.throws(() => project.load({ env, flags: { timeout: "never" } }), {
    message:
      'Cannot use the settings:\n  the command line: --timeout: "never" is not a time in seconds. Use 1 to 2147483',
  });
});

Deno.test("loadSettings() applies a phase's provider and model there only, and --provider everywhere", () => {
  using project = new Project();
  const env = {
    SAMOCODE_PROVIDER: "codex",
    SAMOCODE_PROVIDER_QUALITY: "claude",
    SAMOCODE_MODEL_QUALITY: "opus",
    SAMOCODE_MODEL_PLANNING: "gpt-5.5-codex",
  };
  const unset: PhaseSettings = { provider: "codex", model: "" };
  const { phases } = project.load({ env });
  assert.deepEqual(phases, {
    ...allPhases(unset),
    quality: { provider: "claude", model: "opus" },
    planning: { provider: "codex", model: "gpt-5.5-codex" },
  });
  const named = (provider: string) => project.load({ env, flags: { provider } }).phases;
  assert.deepEqual(named("demo"), allPhases({ provider: "demo", model: "" }));
  // A model goes with the provider that it was set for.
  assert.deepEqual(named("codex"), { ...allPhases(unset), planning: phases.planning });
  assert.deepEqual(named("claude"), { ...allPhases({ provider: "claude", model: "" }), quality: phases.quality });
});

Deno.test("loadSettings() rejects a phase setting with an unknown provider or phase, and lists the known ones", () => {
  using project = new Project();
  project.file("p/.env", "SAMOCODE_MODEL_REVIEW=opus\nSAMOCODE_MODEL_INIT=\n");
  const env = { SAMOCODE_PROVIDER_QUALITY: "gpt", SAMOCODE_PROVIDER_PLANING: "codex" };
  const phases = "INVESTIGATION, REQUIREMENTS, PLANNING, IMPLEMENTATION, TESTING, QUALITY, DONE";
  assert.throws(() => project.load({ env }), {
    message: [
      "Cannot use the settings:",
      '  the environment: SAMOCODE_PROVIDER_QUALITY: "gpt" is not known. Use one of claude, codex, demo',
      `  the environment: SAMOCODE_PROVIDER_PLANING: the name must end in a phase. Use one of ${phases}`,
      `  ${project.at("p")}/.env: SAMOCODE_MODEL_REVIEW: the name must end in a phase. Use one of ${phases}`,
    ].join("\n"),
  });
});

Deno.test("loadSettings() rejects settings without effect: misspelled, or in the wrong file", () => {
  using project = new Project();
  project.file("p/.env", "SAMOCODE_MAX_COSTS=25\nDATABASE_URL=x\nCLAUDE_CODE_MAX_RETRIES=1\n");
  project.file("p/.samocode", `${PROJECT}SAMOCODE_MAX_COST=25\nSAMOCODE_SESSION=x\nSOMETHING=else\n`);
  // In an environment the installer's own variables may stand, and those of tests.
  assert.throws(() => project.load({ env: { SAMOCODE_INSTALL_DIR: "/opt" } }), {
    message: [
      "Cannot use the settings:",
      `  ${project.at("p")}/.env: SAMOCODE_MAX_COSTS: there is no such setting. ` +
      "Correct the name, or delete the line",
      `  ${project.at("p")}/.samocode: SAMOCODE_MAX_COST: this file holds the folders and checks only. ` +
      "Move the line to .env in the same folder",
      `  ${project.at("p")}/.samocode: SAMOCODE_SESSION: there is no such setting. ` +
      "Correct the name, or delete the line",
    ].join("\n"),
  });
});

Deno.test("providersOf() names each agent that may have to work once", () => {
  using project = new Project();
  assert.deepEqual(providersOf(project.load()), ["claude"]);
  assert.deepEqual(providersOf(project.load({ env: { SAMOCODE_PROVIDER_DONE: "codex" } })), ["claude", "codex"]);
  assert.deepEqual(providersOf(project.load({ env: { SAMOCODE_FALLBACK_PROVIDER: "codex" } })), ["claude", "codex"]);
});

Deno.test("loadSettings() reads quotes, comments, export, CRLF, spaces, a byte order mark and ~", () => {
  using project = new Project();
  project.folder("home", "my work", "it's");
  project.folder("home", "a#b");
  project.file(
    "p/.samocode",
    "\ufeff# where things are\r\nexport MAIN_REPO = '~/my work/it's'  \r\n\r\n" +
      'WORKTREES="~/a#b" # quoted\r\nSESSIONS=~/  # a comment\r\nUNKNOWN=1\r\nno line\r\n',
  );
  project.file(
    "p/.samocode",
    Deno.readTextFileSync(project.at("p", ".samocode")).replace("'~/my work/it's'", "~/my work/it's"),
  );
  const { mainRepo, worktrees, sessions } = project.load();
  assert.deepEqual([mainRepo, worktrees, sessions], [
    project.at("home", "my work", "it's"),
    project.at("home", "a#b"),
    project.at("home"),
  ]);
});

Deno.test("loadSettings() resolves relative paths from their file, or from the working directory", () => {
  using project = new Project();
  project.folder("p", "deep", "er");
  project.file("p/.samocode", "MAIN_REPO=./deep/../repo\nWORKTREES=../p/worktrees/\nSESSIONS=sessions\n");
  project.file("home/.config/samocode/.env", "CLAUDE_PATH=bin/claude\n");
  const workingDirectory = project.at("p", "deep", "er");
  const settings = project.load({ workingDirectory });
  assert.equal(settings.projectFile, project.at("p", ".samocode"));
  assert.deepEqual([settings.mainRepo, settings.worktrees], [project.at("p", "repo"), project.at("p", "worktrees")]);
  assert.equal(settings.agents.claude.binary, project.at("home", ".config", "samocode", "bin", "claude"));
  const path = (CLAUDE_PATH: string) => project.load({ workingDirectory, env: { CLAUDE_PATH } }).agents.claude.binary;
  assert.equal(path("./claude"), project.at("p", "deep", "er", "claude"));
  assert.equal(path("~/claude"), project.at("home", "claude"));
  assert.equal(path("claude"), "claude");
});

Deno.test("loadSettings() uses the nearest .samocode file upward, or the one after --config", () => {
  using project = new Project();
  project.folder("p", "below", ".samocode");
  assert.equal(project.load({ workingDirectory: project.at("p", "below") }).projectFile, project.at("p", ".samocode"));
  project.file("elsewhere/mine", Deno.readTextFileSync(project.at("p", ".samocode")).replaceAll("=", "=../p/"));
  for (
    const [config, found] of [["../elsewhere/mine", "elsewhere/mine"], [project.at("p"), "p/.samocode"]] as const
  ) {
    assert.equal(project.load({ config }).projectFile, project.at(found));
  }
  project.pipe("pipe");
  for (
    const [config, looked] of [
      ["missing", "p/missing"],
      ["below", "p/below/.samocode"],
      ["../home", "home/.samocode"],
      ["../pipe", "pipe"],
      [".samocode/x", "p/.samocode/x"],
    ] as const
  ) {
    assert.throws(() => project.load({ config }), {
      name: "SamocodeError",
      code: "usage",
      message: `Cannot read ${project.at(looked)}: there is no such file`,
      hint: "Check the path after --config",
    });
  }
});

Deno.test("loadSettings() suggests actions if there is no .samocode", () => {
  using temp = new TempFolder();
  temp.folder(".samocode");
  assert.throws(
    () => loadSettings({ env: { HOME: temp.path }, workingDirectory: temp.path, config: undefined, flags: {} }),
    {
      name: "SamocodeError",
      code: "usage",
      message: `Cannot find .samocode in ${temp.path} or above it`,
      hint: "Set up the repository you are in, name the file with --config, or watch the demo first",
    },
  );
});

Deno.test("loadSettings() reports all problems at once, with source and fix, and no secret", () => {
  using project = new Project();
  project.file("p/file", "");
  project.file("p/.samocode", "MAIN_REPO=file\nWORKTREES=it's not/here\n");
  project.file("p/.env", "SAMOCODE_STALL_TIMEOUT=-1\nTELEGRAM_BOT_TOKEN=12345:geheim\n");
  const env = { SAMOCODE_PROVIDER: "gpt", SAMOCODE_MAX_COST: "NaN", TELEGRAM_API_BASE: "ftp://x" };
  const p = project.at("p");
  assert.throws(() => project.load({ env, flags: { timeout: "soon" } }), {
    name: "SamocodeError",
    code: "usage",
    message: [
      "Cannot use the settings:",
      `  ${p}/.samocode: MAIN_REPO: ${p}/file is a file, not a folder. Name a folder, or move the file away`,
      `  ${p}/.samocode: WORKTREES: ${p}/it's not/here does not exist. Create it with: mkdir -p '${p}/it'\\''s not/here'`,
      `  ${p}/.samocode: SESSIONS is missing. Add a line like SESSIONS=~/project/sessions to it`,
      '  the environment: SAMOCODE_PROVIDER: "gpt" is not known. Use one of claude, codex, demo',
      `  ${p}/.env: SAMOCODE_STALL_TIMEOUT: "-1" is not a time in seconds. Use 1 to 2147483`,
      '  the environment: SAMOCODE_MAX_COST: "NaN" is not an amount in dollars. Use a number, or off for no limit',
      '  the command line: --timeout: "soon" is not a time in seconds. Use 1 to 2147483',
      '  the environment: TELEGRAM_API_BASE: "ftp://x" is not a URL. Use one that begins with https:// or http://',
    ].join("\n"),
    hint: "Fix them and run the command again",
  });
});

Deno.test("loadSettings() suggests a command that creates a missing folder with any name", () => {
  for (const name of ["plain", "two words", "it's", '"$(touch x)" `id`', "-rf", "a;b&c|d", "ü🎈", "new\\nline"]) {
    using project = new Project();
    project.file("p/.samocode", PROJECT.replace("=sessions", `='${name}'`.replace("'it's'", "it's")));
    const error = (() => {
      try {
        return project.load();
      } catch (error) {
        return error;
      }
    })();
    assert.ok(error instanceof SamocodeError, name);
    const command = /Create it with: (.*)$/.exec(error.message)?.[1] ?? "";
    const before = project.names("p");
    assert.ok(new Deno.Command("sh", { args: ["-c", command], cwd: project.at("p") }).outputSync().success, command);
    assert.deepEqual(project.names("p").filter((made) => !before.includes(made)), [name]);
    assert.equal(project.load().sessions, project.at("p", name));
  }
});

Deno.test("loadSettings() rejects invalid numbers and those out of range", () => {
  using project = new Project();
  const never = [
    "-1",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e3",
    "0x10",
    "1,5",
    "five",
    "1 2",
    "+1",
    "٣",
    "9".repeat(400),
    ".",
  ];
  const refused: Readonly<Record<string, readonly string[]>> = {
    SAMOCODE_MAX_RETRIES: [...never, "1.5", "1000000"],
    SAMOCODE_RETRY_DELAY: [...never, "2147484"],
    SAMOCODE_STALL_TIMEOUT: [...never, "0", "0.5", "2147483.1"],
    CLAUDE_TIMEOUT: [...never, "0", "2147484"],
    CLAUDE_MAX_TURNS: [...never, "1.5", "0", "00"],
    SAMOCODE_DEMO_PACE: [...never, "0.5"],
    SAMOCODE_MAX_COST: [
      "-1",
      "none",
      "NaN",
      "Infinity",
      "five",
      "1,5",
      "9".repeat(400),
      "1e-400",
      "0x10",
      "1e3",
      "0b1",
    ],
    SAMOCODE_FALLBACK_PROVIDER: ["demo", "gpt"],
    SAMOCODE_PROVIDER: ["Claude", "demo ,", "__proto__", "toString", "length", "0"],
    CLAUDE_PERMISSION_MODE: ["plan", "default", "dontask"],
    TELEGRAM_API_BASE: ["api.telegram.org", "//x", "https://", "file:///etc/passwd", "javascript:1"],
  };
  for (const [name, values] of Object.entries(refused)) {
    for (const value of values) {
      assert.throws(
        () => project.load({ env: { [name]: value } }),
        (error) => {
          assert.ok(error instanceof SamocodeError);
          const [head, problem = "", ...more] = error.message.split("\n");
          assert.deepEqual([head, more, error.hint], [
            "Cannot use the settings:",
            [],
            "Fix it and run the command again",
          ]);
          assert.ok(
            problem.startsWith(`  the environment: ${name}: ${JSON.stringify(value.slice(0, 80))} is no`),
            problem,
          );
          return true;
        },
        `${name}=${value}`,
      );
    }
  }
});

Deno.test("loadSettings() warns where only one setting of Telegram is set, shows neither, and goes on", () => {
  using project = new Project();
  for (
    const [given, missing] of [
      ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"],
      ["TELEGRAM_CHAT_ID", "TELEGRAM_BOT_TOKEN"],
    ] as const
  ) {
    const { warnings, channels } = project.load({ env: { [given]: "geheim" } });
    assert.deepEqual(warnings, [`Telegram stays silent: ${missing} is missing. Set both, or neither`]);
    assert.equal(channels.telegram, undefined);
  }
});

Deno.test("loadSettings() turns a channel on and off with one setting", () => {
  using project = new Project();
  for (const [value, channel] of [["on", { isOn: "on" }], ["off", undefined], ["", undefined]] as const) {
    const { warnings, channels } = project.load({ env: { SAMOCODE_DESKTOP: value } });
    assert.deepEqual([channels.desktop, warnings], [channel, []]);
  }
});

Deno.test("loadSettings() finds a project below the home folder by ~, which no shell replaces in --config=~/x", () => {
  using project = new Project();
  const home = project.at("p");
  for (const config of ["~", "~/", "~/.samocode"]) {
    assert.equal(project.load({ env: { HOME: home }, config }).projectFile, `${home}/.samocode`);
  }
  assert.throws(() => project.load({ env: { HOME: home }, config: "~/none" }), {
    message: `Cannot read ${home}/none: there is no such file`,
  });
});

Deno.test("loadSettings() rejects an empty required setting, and a path below a file", () => {
  using project = new Project();
  project.file("p/file", "");
  project.file("p/.samocode", "MAIN_REPO=\nWORKTREES=file/below\nSESSIONS=sessions\n");
  const p = project.at("p");
  assert.throws(() => project.load(), {
    message: "Cannot use the settings:\n" +
      `  ${p}/.samocode: MAIN_REPO: it is empty. Name a folder\n` +
      `  ${p}/.samocode: WORKTREES: ${p}/file/below does not exist. Create it with: mkdir -p ${
        shellWord(`${p}/file/below`)
      }`,
  });
});

Deno.test({
  name: "loadSettings() names a folder or file that cannot be read",
  // Nothing is forbidden to root.
  ignore: Deno.uid() === 0,
  fn: () => {
    using project = new Project();
    Deno.chmodSync(project.at("p", "repo"), 0);
    assert.throws(() => project.load(), /MAIN_REPO: .*\/repo cannot be read\. Give yourself permission/);
    Deno.chmodSync(project.at("p", ".samocode"), 0);
    assert.throws(() => project.load(), { name: "SamocodeError" });
    // Else it could not be removed.
    Deno.chmodSync(project.at("p", "repo"), 0o700);
  },
});

Deno.test("configFolder() and cacheFolder() ignore a relative path in the environment", () => {
  for (
    const [folder, variable, below] of [
      [configFolder, "XDG_CONFIG_HOME", ".config"],
      [cacheFolder, "XDG_CACHE_HOME", ".cache"],
    ] as const
  ) {
    assert.equal(folder({ HOME: "/home/me", [variable]: "/x" }), "/x/samocode");
    for (const value of ["", "x", "./x", "../x"]) {
      assert.equal(folder({ HOME: "/home/me", [variable]: value }), `/home/me/${below}/samocode`);
    }
  }
});

/** A project `p` and a home folder. */
class Project extends TempFolder {
  constructor() {
    super();
    for (const name of ["p/repo", "p/worktrees", "p/sessions", "home"]) this.folder(name);
    this.file("p/.samocode", PROJECT);
  }

  load(
    { env = {}, flags = {}, ...rest }: {
      readonly env?: Readonly<Record<string, string>>;
      readonly flags?: Readonly<Record<string, string>>;
      readonly config?: string;
      readonly workingDirectory?: string;
    } = {},
  ): Settings {
    const trusting = {
      workingDirectory: this.at("p"),
      config: undefined,
      ...rest,
      env: { HOME: this.at("home"), ...env },
    };
    try {
      viewTrust(trusting).trust();
    } catch {
      // There is no project: the test is about that.
    }
    const defaults = { workingDirectory: this.at("p"), config: undefined };
    return loadSettings({ ...defaults, ...rest, flags, env: { HOME: this.at("home"), ...env } });
  }
}

function allPhases(settings: PhaseSettings): Settings["phases"] {
  return {
    investigation: settings,
    requirements: settings,
    planning: settings,
    implementation: settings,
    testing: settings,
    quality: settings,
    done: settings,
  };
}

/** An empty variable counts as unset, an absent one as well. */
function without(env: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}
