/**
 * The shipped texts: the workflow, the agents, and the skills and commands, also as a Claude Code plugin. They are beside
 * `main.ts`, also inside the compiled binary. The plugin is unpacked to a folder: other processes cannot see the files
 * inside the binary, and the user's own `~/.claude` is left alone.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { SamocodeError, systemError } from "../text/errors.ts";
import { removeFolder, statIfExists } from "../system/files/files.ts";

/** The contents of an agent's file. */
export interface ShippedAgent {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  readonly prompt: string;
}

/** Reads the workflow, which every agent gets. */
export function readWorkflow(root: string): string {
  return readShipped(root, "workflow.md");
}

/** Reads an agent's file. */
export function readAgent(root: string, name: string): ShippedAgent {
  return parseAgent(readShipped(root, join("agents", `${name}.md`)));
}

/**
 * Parses an agent's file: front matter with one-line `key: value` pairs, then the prompt.
 *
 * @throws {SamocodeError} If there is no front matter.
 */
export function parseAgent(text: string): ShippedAgent {
  const [, head, prompt] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text) ?? [];
  if (head === undefined || prompt === undefined) {
    throw new SamocodeError("system", "Cannot read an agent's file: it has no front matter", {
      hint: "Begin the file with --- and the lines name, description and tools",
    });
  }
  const field = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(head)?.[1]?.trim() ?? "";
  return {
    name: field("name"),
    description: field("description"),
    tools: field("tools").split(",").map((tool) => tool.trim()).filter((tool) => tool !== ""),
    prompt: prompt.trim(),
  };
}

function readShipped(root: string, path: string): string {
  try {
    return Deno.readTextFileSync(join(root, path));
  } catch (error) {
    const hint = "Reinstall samocode: a part of it is missing";
    throw systemError(`Cannot read the shipped file ${path}`, { error, hint });
  }
}

/** A shipped file. */
export interface ShippedFile {
  /** Relative to the root of the shipped files, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Skills for a person's own conversation, not for the agents of the loop. */
const STAND_ALONE_SKILLS: readonly string[] = ["samocode-run", "session-management"];

/** All files below a shipped folder, sorted; links are not followed. */
export function shippedFiles(root: string, folder: string): readonly ShippedFile[] {
  if (!statIfExists(join(root, folder))?.isDirectory) return [];
  return [...Deno.readDirSync(join(root, folder))].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return shippedFiles(root, path);
    return entry.isFile ? [{ path, bytes: Deno.readFileSync(join(root, path)) }] : [];
  });
}

/** Creates the manifest of a plugin. */
export function pluginManifest(
  { description, version }: { readonly description: string; readonly version: string },
): ShippedFile {
  const manifest = { name: "samocode", description, version, author: { name: "the samocode authors" }, license: "MIT" };
  return {
    path: ".claude-plugin/plugin.json",
    bytes: new TextEncoder().encode(JSON.stringify(manifest, undefined, 2) + "\n"),
  };
}

/** The version never changes, since the folder's name identifies the content. */
const MANIFEST = pluginManifest({ description: "Skills of samocode's agents", version: "0.0.0" });

/** The shipped plugin. */
export interface Plugin {
  readonly files: readonly ShippedFile[];
  /** Identifies the content. */
  readonly digest: string;
}

/** Reads the plugin; `undefined` if no skills are shipped. */
export function readPlugin(root: string): Plugin | undefined {
  const skills = shippedFiles(root, "skills").filter(({ path }) =>
    !STAND_ALONE_SKILLS.includes(path.split("/")[1] ?? "")
  );
  if (skills.length === 0) return undefined;
  const files = [MANIFEST, ...skills];
  const digest = createHash("sha256");
  for (const { path, bytes } of files) digest.update(`${path}\0${bytes.length}\0`).update(bytes);
  return { files, digest: digest.digest("hex").slice(0, 16) };
}

/**
 * Unpacks the plugin into samocode's cache, unless it is there already.
 *
 * @returns The plugin's folder.
 * @throws {SamocodeError} If the cache cannot be written.
 */
export function unpackPlugin({ files, digest }: Plugin, cacheFolder: string): string {
  const target = join(cacheFolder, "plugin", digest);
  // By content: an agent without the guard can write here, and a skill of its own would speak to every later one.
  const isComplete = () => holdsExactly(target, files);
  if (isComplete()) return target;
  const staging = `${target}.${crypto.randomUUID()}`;
  try {
    for (const { path, bytes } of files) {
      Deno.mkdirSync(join(staging, path, ".."), { recursive: true, mode: 0o700 });
      Deno.writeFileSync(join(staging, path), bytes);
    }
    try {
      Deno.renameSync(staging, target);
    } catch {
      // Another worker was faster, or the cache was cleaned in part.
      if (!isComplete()) {
        removeFolder(target);
        Deno.renameSync(staging, target);
      }
    }
  } catch (error) {
    const hint = "Check the folder's permissions and the free disk space, or set XDG_CACHE_HOME to another folder";
    throw systemError(`Cannot unpack the skills into ${target}`, { error, hint });
  } finally {
    removeFolder(staging);
  }
  return target;
}

function holdsExactly(target: string, files: readonly ShippedFile[]): boolean {
  const found = shippedFiles(dirname(target), basename(target));
  const contents = new Map(files.map(({ path, bytes }) => [`${basename(target)}/${path}`, bytes]));
  return found.length === files.length && found.every(({ path, bytes }) => isEqual(bytes, contents.get(path)));
}

function isEqual(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0;
}
