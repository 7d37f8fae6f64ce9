#!/usr/bin/env node
/**
 * Runs the samocode binary that npm installed for this platform: same arguments, terminal, signals and exit code.
 *
 * @module
 */
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { isatty } = require("node:tty");
const { optionalDependencies, version } = require("./package.json");

const isWindows = process.platform === "win32";
const os = { darwin: "macos", win32: "windows" }[process.platform] ?? process.platform;
const name = `samocode-${os}-${process.arch}`;
const needed = "Linux needs glibc, so Alpine is not supported";

const binary = findBinary();
if (binary !== undefined) {
  run(binary);
} else if (optionalDependencies[name] === undefined) {
  fail(`No binary for ${os}-${process.arch}`, "Run samocode from source: https://github.com/samocode/samocode");
} else {
  fail(
    `Cannot find ${name}@${version}, which contains the binary for this system`,
    `Run npm install -g samocode@${version} ${name}@${version}; ${needed}`,
  );
}

function findBinary() {
  try {
    if (require(`${name}/package.json`).version !== version) return undefined;
    return require.resolve(`${name}/bin/samocode${isWindows ? ".exe" : ""}`);
  } catch {
    return undefined;
  }
}

function run(file) {
  const failed = ({ message }) => fail(`Cannot run ${file}: ${message}`, `Reinstall ${name}@${version}; ${needed}`);
  let child;
  try {
    child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
  } catch (error) {
    return failed(error);
  }
  passSignals(child);
  child.on("error", failed);
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
    // Of the others some would dump core, Node ignores some, and SIGUSR1 would open its debugger.
    if (!["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"].includes(signal)) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Lets the binary decide what a signal means: this process stays until the binary has ended. */
function passSignals(child) {
  const hold = () => {};
  const forward = (signal) => child.kill(signal);
  if (isWindows) {
    // The console sends them to the binary as well; `kill` would end it at once.
    for (const signal of ["SIGINT", "SIGBREAK", "SIGHUP"]) process.on(signal, hold);
    return;
  }
  // Ctrl-C reaches the whole foreground process group: forwarding it would deliver it twice.
  process.on("SIGINT", isatty(0) ? hold : forward);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
}

function fail(message, hint) {
  process.stderr.write(`samocode: ${message}\n  ${hint}\n`);
  process.exitCode = 1;
}
