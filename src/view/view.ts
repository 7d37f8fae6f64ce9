/**
 * Shows all sessions of a user on a page, until it is aborted: one server for all their projects.
 *
 * @module
 */
import type { PageVisitor } from "../messages/who_decided.ts";
import { openFile } from "../operations/open_place.ts";
import { isPersonsAt } from "../operations/people_only.ts";
import { takeLock } from "../session/lock.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { stateFolder } from "../system/user_folders.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { localMoment } from "../text/format.ts";
import type { Listening } from "./listening.ts";
import { findPageFiles } from "./page_files.ts";
import { serve } from "./serve.ts";
import { Sessions, type ViewHost } from "./sessions.ts";
import { readStaticFiles } from "./static_files.ts";
import {
  issueToken,
  livingView,
  removeViewRecord,
  takeToken,
  viewFolder,
  viewLock,
  writeOpener,
  writeViewRecord,
} from "./view_record.ts";

/** How long another server may take to begin or to give way. */
const WITHIN_MS = 15_000;

/** What is shown, and for how long. */
export interface ViewOptions {
  readonly listening: Listening;
  /** Whether somebody chose where. */
  readonly isChosen: boolean;
  /** Whom the printed address lets in. */
  readonly visitor: PageVisitor;
  readonly abort: AbortSignal;
  /** Receives the address once the page can be opened, and whether it is another process that serves it. */
  readonly opened: (address: OpenedView) => void | Promise<void>;
  readonly log: (line: string) => void;
}

/** Opens a printed address in the person's browser; returns whether it could. */
export async function openInBrowser({ url }: OpenedView, env: ViewHost["env"]): Promise<boolean> {
  return await openFile(writeOpener(stateFolder(env), url), { env });
}

/** A page that can be opened. */
export interface OpenedView {
  /** With a token that opens it in one browser, once, unless an agent asked. */
  readonly url: string;
  readonly isElsewhere: boolean;
  /** Whether decisions can be made there. */
  readonly takesActs: boolean;
}

/**
 * Serves the page until it is aborted, or says where another process does.
 *
 * @throws {SamocodeError} If another process serves it elsewhere than was asked for, or the address cannot be used.
 */
export async function view(given: Omit<ViewHost, "stateFolder">, options: ViewOptions): Promise<void> {
  const host: ViewHost = { ...given, stateFolder: stateFolder(given.env) };
  // Sessions of another state folder are an agent's own affair; those of this one are not, wherever it works.
  const isPersons = isPersonsAt(host.env, [host.stateFolder]);
  viewFolder(host.stateFolder);
  const living = await livingNow(host);
  if (living !== undefined && !await givesWay(living, { host, isPersons })) {
    return await pointTo(living, { host, isPersons, options });
  }
  const folder = await findPageFiles(host.shippedRoot);
  using _lock = await takeLock(viewLock(host.stateFolder), { session: "the page" });
  using sessions = new Sessions(host);
  await using server = begin(options.listening, {
    ...{ sessions, isPersons, log: options.log },
    takeToken: (token) => takeToken(host.stateFolder, token),
    files: readStaticFiles(folder),
  });
  const { origin } = server.address;
  using _record = { [Symbol.dispose]: () => removeViewRecord(host.stateFolder) };
  writeViewRecord(host.stateFolder, { pid: Deno.pid, version: host.version, origin, isPersons });
  await options.opened({
    url: await urlOf(origin, { stateFolder: host.stateFolder, visitor: options.visitor }),
    isElsewhere: false,
    takesActs: isPersons,
  });
  await Promise.race([server.failed, ended(options.abort)]);
}

function ended(abort: AbortSignal): Promise<void> {
  if (abort.aborted) return Promise.resolve();
  return new Promise((resolve) => abort.addEventListener("abort", () => resolve(), { once: true }));
}

type Living = NonNullable<ReturnType<typeof livingView>>;

interface Asked {
  readonly host: ViewHost;
  readonly isPersons: boolean;
}

/** The server that runs, once it says what it is. */
async function livingNow({ stateFolder }: ViewHost): Promise<Living | undefined> {
  using watch = new FileWatch(viewFolder(stateFolder));
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const living = livingView(stateFolder);
    if (living === undefined || living.said !== undefined || performance.now() > deadline) return living;
    await watch.changed(250);
  }
}

/** A person's server takes the place of an agent's, and of one of another version. */
async function givesWay(
  { holder: { pid }, said }: Living,
  { host, isPersons }: Asked,
): Promise<boolean> {
  if (!isPersons || said === undefined || (said.isPersons && said.version === host.version)) return false;
  unlessFailing(() => Deno.kill(pid, "SIGTERM"));
  using watch = new FileWatch(viewFolder(host.stateFolder));
  const deadline = performance.now() + WITHIN_MS;
  while (livingView(host.stateFolder)?.holder.pid === pid && performance.now() < deadline) await watch.changed(250);
  return true;
}

async function pointTo(
  { holder: { pid, since }, said }: Living,
  { host, isPersons, options }: Asked & { readonly options: ViewOptions },
): Promise<void> {
  if (said === undefined || options.isChosen) {
    const where = said?.origin ?? "an address that it does not say";
    throw new SamocodeError(
      "conflict",
      `Cannot serve the page: process ${pid} has been serving it at ${where} since ${localMoment(since)}`,
      { hint: `One is enough for all your projects. To replace it, end it first: kill ${pid}` },
    );
  }
  const { origin } = said;
  // An address with a token is a person's right to decide.
  const url = isPersons
    ? await urlOf(origin, { stateFolder: host.stateFolder, visitor: options.visitor })
    : `${origin}/`;
  await options.opened({ url, isElsewhere: true, takesActs: isPersons });
}

async function urlOf(
  origin: string,
  { stateFolder, visitor }: { readonly stateFolder: string; readonly visitor: PageVisitor },
): Promise<string> {
  return `${origin}/?token=${await issueToken(stateFolder, visitor)}`;
}

function begin(listening: Listening, options: Parameters<typeof serve>[1]): ReturnType<typeof serve> {
  try {
    return serve(listening, options);
  } catch (error) {
    const { hostname, port } = listening;
    if (error instanceof Deno.errors.AddrInUse) {
      throw new SamocodeError("conflict", `Cannot listen on ${hostname}:${port}: another program does`, {
        hint: "Name another port with --port, or leave it out",
      });
    }
    if (error instanceof Deno.errors.AddrNotAvailable || error instanceof Deno.errors.PermissionDenied) {
      throw new SamocodeError("usage", `Cannot listen on ${hostname}:${port}: ${error.message}`, {
        hint: "Name an address of this machine with --host, and a port above 1023 with --port",
        cause: error,
      });
    }
    throw error;
  }
}
