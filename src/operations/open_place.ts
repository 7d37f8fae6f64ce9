/**
 * Opens a session's folder, its worktree or its report with the program that the system has for that.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { findReport } from "../session/handover.ts";
import { childEnvironment } from "../settings/agent_environment.ts";
import { isSoleFile, lstatIfExists } from "../system/files/files.ts";
import { platform } from "../system/platform.ts";
import { programPath } from "../system/processes/program_path.ts";
import { SamocodeError } from "../text/errors.ts";
import { statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What can be opened. */
export type PlaceKind = "folder" | "worktree" | "report";

/** What was to be opened. */
export interface OpenedPlace {
  readonly path: string;
  /** Whether a program was started with it. */
  readonly isOpened: boolean;
}

/** A program that cannot open it says so within this time, if at all. */
const FAILS_WITHIN_MS = 2_000;

/**
 * Opens it; without a display or the program, only prints the path.
 *
 * @throws {SamocodeError} If the session has none.
 */
export async function openPlace(
  samocode: Samocode,
  { session, kind, isShown, os = Deno.build.os }: {
    readonly session: string;
    readonly kind: PlaceKind;
    /** Whether a person looks; if not, somebody wants the path. */
    readonly isShown: boolean;
    readonly os?: string;
  },
): Promise<OpenedPlace> {
  const path = findPlace(samocode, session, kind);
  return { path, isOpened: isShown && await openFile(path, { env: samocode.env, os }) };
}

/** Opens a file or folder with the system's own program for it. Returns whether there is one, and a display. */
export async function openFile(
  path: string,
  { env, os = Deno.build.os }: { readonly env: Samocode["env"]; readonly os?: string },
): Promise<boolean> {
  const { opener, namesDisplay } = platform(os);
  const { program } = programPath(opener, { env, os });
  const hasDisplay = !namesDisplay || Boolean(env["DISPLAY"] || env["WAYLAND_DISPLAY"]);
  return hasDisplay && program !== undefined && await startOpener(program, path, { env, os });
}

function findPlace(samocode: Samocode, session: string, kind: PlaceKind): string {
  using folder = openSession(samocode, session, { readOnly: true });
  const { layout, history: { workplace } } = folder;
  switch (kind) {
    case "folder":
      return layout.folder;
    case "worktree":
      if (workplace !== undefined && lstatIfExists(workplace.path)?.isDirectory) return workplace.path;
      throw none(`Cannot open the worktree of ${session}: there is none`, session);
    case "report": {
      // Before the end, it may be an agent's own page.
      const path = statusOf(folder).handover.report ?? findReport(layout);
      if (path !== undefined && isSoleFile(path)) return path;
      throw none(`Cannot open a report of ${session}: no agent has written one`, session);
    }
  }
}

function none(what: string, session: string): SamocodeError {
  return new SamocodeError("conflict", what, {
    hint: "See what there is",
    actions: [{ verb: "status", session }],
  });
}

/** The program may be an editor that stays: it is waited for only until it would have failed. */
async function startOpener(
  program: string,
  path: string,
  { env, os }: { readonly env: Samocode["env"]; readonly os: string },
): Promise<boolean> {
  const child = spawn(program, [path], { env: { ...childEnvironment(env) }, stdio: "ignore", detached: true });
  child.unref();
  return await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(true), FAILS_WITHIN_MS);
    const end = (isOpened: boolean) => {
      clearTimeout(timer);
      resolve(isOpened);
    };
    child.once("error", () => end(false));
    // Explorer's exit code says nothing.
    child.once("exit", (code) => end(code === 0 || os === "windows"));
  });
}
