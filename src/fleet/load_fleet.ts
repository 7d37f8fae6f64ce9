/**
 * Loads the fleet for a command or a server: copies its sessions so that they read like projects on this machine.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { loadSamocode } from "../operations/samocode.ts";
import { registerCopies, type StartElsewhere } from "../session/elsewhere.ts";
import { stateFolder } from "../system/user_folders.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { vouchFor } from "../trust/vouched.ts";
import { FleetCopies } from "./elsewhere.ts";
import { Engine } from "./engine.ts";
import { findLocalProject, type FleetHost, type LocalProject, repositoryOf, settingsToSend } from "./local_project.ts";
import { followFleet, mirrorFleet, prepareMirror } from "./mirror.ts";
import { type MirroredSession, mirrorFolder } from "./mirror_rows.ts";
import { checkProjectName } from "./roles.ts";
import { findFleetSession, submitSession } from "./submit.ts";

/** What to load. */
export interface FleetWish {
  /** A session: NAME or PROJECT/NAME. */
  readonly session: string | undefined;
  /** A project, by its name in the fleet; by default the session's, or this folder's. */
  readonly project?: string | undefined;
  /** Whether to load all projects. */
  readonly all?: boolean;
  /** Whether to keep the copies current until disposed. */
  readonly follows?: boolean;
  readonly log: (line: string) => void;
}

/** The loaded fleet. Disposing it closes the connection. */
export interface LoadedFleet extends AsyncDisposable {
  readonly engine: Engine;
  /** The `.samocode` of the project's copies, for `--config`; the first project's if all are loaded. */
  readonly projectFile: string | undefined;
  /** The session's name in that project. */
  readonly session: string | undefined;
  /** Settings of this folder's project about who may open gates, as environment variables. */
  readonly gates: Readonly<Record<string, string>>;
}

/**
 * Loads the fleet.
 *
 * @throws {SamocodeError} If the fleet cannot be reached, or has no such project or session.
 */
export async function loadFleet(host: FleetHost, wish: FleetWish): Promise<LoadedFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const engine = stack.use(await Engine.open(host.env, { use: "person" }));
    const local = await findLocalProject(host);
    const { project, session } = wish.all ? { project: undefined, session: undefined } : await target(engine, {
      wish,
      local,
    });
    const state = stateFolder(host.env);
    const scope = { env: host.env, stateFolder: state, project, session };
    const projects = new Projects(engine, { host, local });
    const refresh = async ({ project, name }: Pick<MirroredSession, "project" | "name">): Promise<void> => {
      try {
        await projects.prepare(project).copies.refresh(name);
      } catch (error) {
        wish.log(`Cannot follow ${project}/${name}: ${error instanceof Error ? error.message : error}`);
      }
    };
    if (wish.follows) {
      stack.use(
        await followFleet(engine, {
          ...scope,
          changed: (changed) => void refresh(changed),
          failed: ({ project, name }, error) =>
            wish.log(`Cannot copy ${project}/${name}: ${error instanceof Error ? error.message : error}`),
        }),
      );
    } else await mirrorFleet(engine, scope);
    const names = project === undefined ? await projectNames(engine) : [project];
    const files: string[] = [];
    for (const name of names) {
      const { projectFile, copies } = projects.prepare(name);
      await copies.refresh(session);
      files.push(projectFile);
    }
    return {
      engine,
      projectFile: files[0],
      session,
      gates: gatesOf(local),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Resolves which project and session the caller means. */
async function target(
  engine: Engine,
  { wish, local }: { readonly wish: FleetWish; readonly local: LocalProject | undefined },
): Promise<{ readonly project: string; readonly session: string | undefined }> {
  const [first = "", ...rest] = (wish.session ?? "").split("/");
  const [named, name] = rest.length === 1 && rest[0] !== undefined ? [first, rest[0]] : [wish.project, wish.session];
  if (name !== undefined) {
    const found = await findFleetSession(engine, { name, project: named, here: local?.project });
    return { project: found.project, session: name };
  }
  const names = await projectNames(engine);
  // Accept this folder's project even if nobody has submitted to it yet: it has no sessions.
  const wanted = named ?? local?.project ?? (names.length === 1 ? names[0] : undefined);
  if (wanted !== undefined && (names.includes(wanted) || named === undefined)) {
    return { project: wanted, session: undefined };
  }
  const known = names.slice(0, 8).join(", ");
  throw new SamocodeError(
    "usage",
    wanted === undefined
      ? "Cannot choose a project of the fleet: none was named"
      : `Cannot find the project ${wanted} in the fleet: it does not exist, or your role has no access`,
    { hint: names.length === 0 ? 'Submit a session first: samocode submit --task "…"' : `Name one of ${known}` },
  );
}

async function projectNames(engine: Engine): Promise<readonly string[]> {
  const { rows } = await engine.query("select name from samocode.project order by name");
  // Skip a project whose name cannot be a folder's; the others still work.
  return rows.flatMap(({ name }) =>
    typeof name === "string" && unlessFailing(() => checkProjectName(name)) !== undefined ? [name] : []
  );
}

/** The projects with copies here, each registered once. */
class Projects {
  readonly #engine: Engine;
  readonly #host: FleetHost;
  readonly #local: LocalProject | undefined;
  readonly #known = new Map<string, { readonly projectFile: string; readonly copies: FleetCopies }>();

  constructor(engine: Engine, { host, local }: { readonly host: FleetHost; readonly local: LocalProject | undefined }) {
    this.#engine = engine;
    this.#host = host;
    this.#local = local;
  }

  /** Sets up the folder of a project's copies and registers them, once. */
  prepare(project: string): { readonly projectFile: string; readonly copies: FleetCopies } {
    const known = this.#known.get(project);
    if (known !== undefined) return known;
    const { env } = this.#host;
    const path = prepareMirror(mirrorFolder(env, { key: this.#engine.key, project }));
    const projectFile = join(Deno.realPathSync(dirname(path)), basename(path));
    vouchFor(projectFile);
    const { settings: { sessions }, stateFolder } = loadSamocode({ ...this.#host, config: projectFile, flags: {} });
    const start = (request: StartElsewhere) => this.#start(project, request);
    const copies = new FleetCopies(this.#engine, { project, sessions, stateFolder, start });
    registerCopies(sessions, copies);
    const made = { projectFile, copies };
    this.#known.set(project, made);
    return made;
  }

  async #start(project: string, { by = "samocode", ...request }: StartElsewhere): Promise<string> {
    const isHere = this.#local?.project === project;
    const place = { project, repository: isHere && this.#local !== undefined ? repositoryOf(this.#local) : undefined };
    const settings = isHere ? settingsToSend(this.#host) : {};
    return (await submitSession(this.#engine, place, { ...request, settings, by })).session;
  }
}

function gatesOf(local: LocalProject | undefined): Readonly<Record<string, string>> {
  if (local === undefined) return {};
  const { gate, gateAnswers } = local.settings;
  return { SAMOCODE_GATE: gate, ...(gateAnswers !== undefined && { SAMOCODE_GATE_ANSWERS: gateAnswers }) };
}
