/**
 * Where browsers keep what a person does there: passwords, histories, and the storage of pages, such as the key with
 * which `samocode view` takes decisions.
 *
 * @module
 */
import { join } from "node:path";
import type { Environment } from "./attempt.ts";
import { type Wall, wallsAt } from "./walls.ts";

/** In `$XDG_CONFIG_HOME`. */
const IN_CONFIG = [
  ...[
    "chromium",
    "google-chrome",
    "google-chrome-beta",
    "google-chrome-unstable",
    "microsoft-edge",
    "vivaldi",
    "opera",
  ],
  ...["BraveSoftware", "mozilla", "librewolf", "epiphany"],
];

/** In the home folder: Firefox and its kin, Snap, Flatpak, macOS. */
const IN_HOME = [
  ...[".mozilla", ".librewolf", ".waterfox", ".zen", ".floorp", ".local/share/epiphany"],
  ...["firefox", "chromium", "brave", "opera", "vivaldi"].map((name) => `snap/${name}`),
  ...["org.mozilla.firefox", "org.chromium.Chromium", "com.google.Chrome", "com.brave.Browser", "com.microsoft.Edge"]
    .map((name) => `.var/app/${name}`),
  ...["Google", "Chromium", "Firefox", "BraveSoftware", "Microsoft Edge", "Vivaldi", "com.operasoftware.Opera", "Arc"]
    .map((name) => `Library/Application Support/${name}`),
  ...["Library/Safari", "Library/Cookies", "Library/Containers/com.apple.Safari"],
];

/** Hides them; a browser that an agent starts gets an empty folder there. */
export function browserWalls(env: Environment): readonly Wall[] {
  const home = env["HOME"];
  if (!home) return [];
  const config = env["XDG_CONFIG_HOME"] || join(home, ".config");
  return wallsAt([...IN_CONFIG.map((name) => join(config, name)), ...IN_HOME.map((name) => join(home, name))], "empty");
}
