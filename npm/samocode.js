#!/usr/bin/env node
/**
 * Starts the samocode program that npm installed for this platform, and ends as it ends.
 *
 * The program gets the arguments, the terminal or pipes, and the signals as they come. Nothing is downloaded here.
 *
 * @module
 */
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");
const { isatty } = require("node:tty");
const { optionalDependencies = {}, version } = require("./package.json");

const OS_NAMES = { linux: "linux", darwin: "macos", win32: "windows" };
const PLATFORM = `${OS_NAMES[process.platform] ?? process.platform}-${process.arch}`;
const PACKAGE = `samocode-${PLATFORM}`;
const RELEASES = "https://github.com/samocode/samocode/releases";

const isWindows = process.platform === "win32";

main();

function main() {
  if (optionalDependencies[PACKAGE] === undefined) return fail(unknownPlatform());
  const installed = findPackage(PACKAGE);
  if (installed?.version !== version) return fail(missingPackage(installed));
  run(join(installed.folder, "bin", isWindows ? "samocode.exe" : "samocode"));
}

function run(program) {
  let child;
  try {
    child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
  } catch (error) {
    return fail(failedStart(program, error));
  }
  passSignals(child);
  child.on("error", (error) => fail(failedStart(program, error)));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
    // Of the others some would dump a core, some Node ignores, and SIGUSR1 would open its debugger.
    if (!["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"].includes(signal)) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Lets the program decide what a signal means: this process stays until the program has ended. */
function passSignals(child) {
  const hold = () => {};
  const forward = (signal) => child.kill(signal);
  if (isWindows) {
    // The console sends them to the program as well; `kill` would end it there and then.
    for (const signal of ["SIGINT", "SIGBREAK", "SIGHUP"]) process.on(signal, hold);
    return;
  }
  // Ctrl-C reaches the whole foreground of a terminal, the program included: it is not to come twice.
  process.on("SIGINT", isatty(0) ? hold : forward);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
}

/** A platform's package as it is installed for this file, whichever package manager laid it there. */
function findPackage(name) {
  try {
    const manifest = require.resolve(`${name}/package.json`);
    return { folder: dirname(manifest), version: JSON.parse(readFileSync(manifest, "utf8")).version };
  } catch {
    return undefined;
  }
}

function unknownPlatform() {
  const platforms = Object.keys(optionalDependencies).map((name) => name.replace("samocode-", "")).join(", ");
  return [
    `Cannot start: there is no program for ${PLATFORM}, only for ${platforms}`,
    "Run it from its source with Deno: https://github.com/samocode/samocode",
  ];
}

function missingPackage(installed) {
  if (isWithoutGlibc()) return withoutGlibc();
  const needed = `${PACKAGE}@${version}`;
  const others = Object.keys(optionalDependencies).filter((name) => name !== PACKAGE && findPackage(name));
  const found = installed === undefined ? others.join(", ") : `version ${installed.version}`;
  return [
    `Cannot start: the package ${needed} is not installed${found && `; ${found} is`}`,
    "npm leaves it out after a failed download, with --omit=optional, and with a lock file or node_modules of another",
    "platform. Install it as you installed samocode:",
    `  npm install -g samocode@${version} ${needed}`,
    `  npm install --include=optional --save-optional ${needed}`,
    `  npx -y -p samocode@${version} -p ${needed} samocode`,
  ];
}

function failedStart(program, { code, message }) {
  // The file is there, but the loader that it names is not.
  if (code === "ENOENT" && isWithoutGlibc()) return withoutGlibc();
  return [`Cannot start ${program}: ${message}`, `Install ${PACKAGE}@${version} again, or take it from ${RELEASES}`];
}

function isWithoutGlibc() {
  if (process.platform !== "linux") return false;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

function withoutGlibc() {
  return [
    "Cannot start: the program needs the GNU C library, and this system has another one (musl, as on Alpine)",
    "Take a system with the GNU C library; of container images, one with Debian in it",
  ];
}

function fail([message, ...hint]) {
  process.stderr.write(`samocode: ${message}\n${hint.map((line) => `  ${line}\n`).join("")}`);
  process.exitCode = 1;
}
