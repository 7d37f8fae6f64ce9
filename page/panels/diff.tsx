/**
 * What the session has changed, by commit and by file.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../../src/text/format.ts";
import type { DiffAnswer } from "../../src/view/contract.ts";
import { Html } from "../html.tsx";
import type { PanelProps } from "../panel.ts";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { queryOf, useAnswer } from "./use_answer.ts";

/** Shows one file of a commit, or of all of them. */
export function Diff({ facts, api, place, go }: PanelProps): JSX.Element {
  const [commit, setCommit] = useState<string>();
  // Work that is committed while somebody reads shows itself.
  const version = Number.parseInt(facts.commit?.hash.slice(0, 8) ?? "0", 16);
  const path = `diff${queryOf({ commit, file: place })}`;
  const { answer, failure, isLoading } = useAnswer<DiffAnswer>({ api }, { path, version });
  if (failure !== undefined) return <Problem failure={failure} />;
  if (answer === undefined) return <p class="empty" aria-busy={isLoading}>Loading…</p>;
  const { commits, files, html, left } = answer;
  if (files.length === 0 && commits.length === 0) return <p class="empty">Nothing is committed yet</p>;
  const shown = files.find((file) => file.path === place) ?? files[0];
  return (
    <div class="lists-and-one" aria-busy={isLoading}>
      <div class="diff-lists">
        <details class="diff-commits" open>
          <summary>{formatCount(commits.length, "commit")}</summary>
          <ul>
            <li>
              <button type="button" aria-pressed={commit === undefined} onClick={() => setCommit(undefined)}>
                All of the branch
              </button>
            </li>
            {commits.map(({ hash, subject, at }) => (
              <li key={hash}>
                <button type="button" aria-pressed={commit === hash} onClick={() => setCommit(hash)}>
                  <span class="subject">{subject}</span>
                  <small>
                    <code>{hash.slice(0, 7)}</code> <Moment at={at} />
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </details>
        <details class="diff-files" open>
          <summary>
            {formatCount(files.length, "file")} <Changed added={sum(files, "added")} removed={sum(files, "removed")} />
          </summary>
          <ul>
            {files.map((file) => (
              <li key={file.path}>
                <button
                  type="button"
                  title={file.path}
                  aria-current={file.path === shown?.path ? "true" : undefined}
                  onClick={() => go(file.path)}
                >
                  <span class="path">
                    <span class="folder">{folderOf(file.path)}</span>
                    <span class="name">{file.path.slice(folderOf(file.path).length)}</span>
                  </span>
                  <Changed {...file} />
                </button>
              </li>
            ))}
          </ul>
        </details>
      </div>
      <div class="diff-file">
        {shown !== undefined && (
          <h2 class="diff-path">
            {shown.path} <Changed {...shown} />
          </h2>
        )}
        {left !== "" && <p class="left" role="status">{left}</p>}
        {html === ""
          ? <p class="empty">{left === "" ? "No lines to show" : ""}</p>
          : <Html key={path} class="diff-box" html={html} />}
      </div>
    </div>
  );
}

function Changed({ added, removed }: { readonly added: number; readonly removed: number }): JSX.Element {
  return (
    <span class="changed" aria-label={`${formatCount(added, "line")} added, ${removed} removed`} role="img">
      <span class="added">+{added}</span> <span class="removed">−{removed}</span>
    </span>
  );
}

function sum(files: DiffAnswer["files"], of: "added" | "removed"): number {
  return files.reduce((total, file) => total + file[of], 0);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
