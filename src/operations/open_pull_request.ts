/**
 * Opens a pull request with GitHub's own program, `gh`.
 *
 * @module
 */
import { environmentForGit } from "../session/git.ts";
import { findHandover } from "../session/handover.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readSoleTextIfExists } from "../system/files/files.ts";
import { programPath } from "../system/processes/program_path.ts";
import { runCommand } from "../system/processes/run_command.ts";
import type { Action } from "../text/action.ts";
import { SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { type PullRequestText, readPullRequest } from "../workflow/pull_request.ts";
import type { Samocode } from "./samocode.ts";

/** A program to open it with, and its text. */
export interface PreparedPullRequest {
  readonly gh: string;
  readonly text: PullRequestText;
}

/**
 * Looks for all that is needed, before anything is pushed.
 *
 * @throws {SamocodeError} If `gh` or the text is missing.
 */
export function preparePullRequest(
  { env }: Pick<Samocode, "env">,
  { layout, name }: SessionFolder,
): PreparedPullRequest {
  const { pullRequest: path } = findHandover(layout);
  const text = path === undefined ? undefined : readPullRequest(readSoleTextIfExists(path) ?? "");
  if (path === undefined || text === undefined) {
    throw new SamocodeError("conflict", `Cannot open a pull request for ${name}: there is no text for it`, {
      hint: `Write one into ${layout.folder}, called pull-request.md, with the title in its first line; or only push`,
      actions: [onlyPush(name)],
    });
  }
  const { program: gh } = programPath("gh", { env });
  if (gh !== undefined) return { gh, text };
  throw new SamocodeError("usage", "Cannot open a pull request: gh, GitHub's program, is not on PATH", {
    hint: `Install it (https://cli.github.com) and type gh auth login; or only push, and paste ${path}`,
    actions: [onlyPush(name)],
  });
}

/**
 * Opens it, or finds the one that is open already.
 *
 * @returns Its address.
 * @throws {SamocodeError} With what `gh` said.
 */
export async function openPullRequest(
  { settings: { mainRepo } }: Pick<Samocode, "settings">,
  { prepared: { gh, text }, session, branch, into }: {
    readonly prepared: PreparedPullRequest;
    readonly session: string;
    readonly branch: string;
    readonly into: string;
  },
): Promise<string> {
  const args = ["pr", "create", "--head", branch, "--base", into, "--title", text.title, "--body-file", "-"];
  const env = { ...await environmentForGit(mainRepo), GH_PROMPT_DISABLED: "1", NO_COLOR: "1" };
  const { code, stdout, stderr } = await runCommand(gh, args, { cwd: mainRepo, env, input: text.body });
  const url = /https:\/\/\S+/.exec(code === 0 ? stdout : /already exists:\s+(\S+)/.exec(stderr)?.[1] ?? "")?.[0];
  if (url !== undefined) return plainText(url, 500);
  throw new SamocodeError(
    "system",
    `Pushed ${branch}, but gh could not open a pull request: ${plainText(stderr, 500)}`,
    {
      hint: "Fix that (gh auth status) and do the same again, or only push",
      actions: [onlyPush(session)],
    },
  );
}

function onlyPush(session: string): Action {
  return { verb: "finish", session, way: "push" };
}
