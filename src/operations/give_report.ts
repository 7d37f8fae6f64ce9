/**
 * Reports for a person: as HTML or JSON, printed or written to a file.
 *
 * @module
 */
import { OWN_MARK } from "../report/html.ts";
import { renderOverview } from "../report/render_overview.ts";
import { renderReport } from "../report/render_report.ts";
import { lstatIfExists, readSoleTextIfExists, readUpTo, writeAtomic } from "../system/files/files.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { jsonText } from "../text/json_text.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import type { KnownProjects } from "./known_projects.ts";
import { gatherOverview } from "./report_all.ts";
import { gatherReport } from "./report_session.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** A report, ready to be given. */
export interface GivenReport {
  readonly text: string;
  /** Where it is kept; `undefined` for one that has no place of its own. */
  readonly place: string | undefined;
}

/** How JSON of a report begins. */
const OWN_JSON = '{"kind":"samocode-';

/**
 * Reports on a session.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function reportOnSession(
  samocode: Samocode,
  { session, isJson }: { readonly session: string; readonly isJson: boolean },
): Promise<GivenReport> {
  const report = await gatherReport(samocode, { session });
  if (isJson) return { text: `${hideSecrets(jsonText(report))}\n`, place: undefined };
  using folder = openSession(samocode, session, { readOnly: true });
  const { layout, elsewhere, history } = folder;
  // Its worker wrote it when the session was done, where the repository is: with the changes.
  const isKept = elsewhere !== undefined && history.outcome?.kind === "done";
  const kept = isKept ? readSoleTextIfExists(layout.report) : undefined;
  return { text: kept ?? await renderReport(report), place: layout.report };
}

/** Reports on all sessions. */
export function reportOnAll(
  projects: KnownProjects,
  { since, isJson }: { readonly since: string | undefined; readonly isJson: boolean },
): GivenReport {
  const overview = gatherOverview(projects, { since });
  const text = isJson ? `${hideSecrets(jsonText(overview))}\n` : renderOverview(overview);
  return { text, place: undefined };
}

/**
 * Writes a report.
 *
 * @param options.isForced Whether it may take the place of what is no report.
 * @throws {SamocodeError} If something else is there, or it cannot be written.
 */
export function writeReport(path: string, text: string, { isForced }: { readonly isForced: boolean }): void {
  // Root would put a file in the place of the machine's own.
  if (/^\/dev\/(?!shm\/)/.test(path)) {
    throw new SamocodeError("usage", `Cannot write the report: ${path} is no place for files`, {
      hint: "--output - prints it",
    });
  }
  if (!isForced && lstatIfExists(path) !== undefined && !isReport(path)) {
    throw new SamocodeError("conflict", `Cannot write the report: ${path} exists and is no report`, {
      hint: "Choose another file with --output, or overwrite it with --force",
    });
  }
  writeAtomic(path, text, { newMode: 0o600 });
}

function isReport(path: string): boolean {
  if (!lstatIfExists(path)?.isFile) return false;
  const begun = unlessFailing(() => {
    using file = Deno.openSync(path);
    return new TextDecoder().decode(readUpTo(file, 64));
  });
  return begun !== undefined && (begun.startsWith(OWN_MARK) || begun.startsWith(OWN_JSON));
}
