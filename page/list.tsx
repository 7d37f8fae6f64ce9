/**
 * All sessions: those that need a person first, then those that run, then the rest.
 *
 * @module
 */
import { Component, type JSX } from "preact";
import { useRef } from "preact/hooks";
import type { SessionRow } from "../src/view/contract.ts";
import { Glyph } from "./glyph.tsx";
import { useKeys } from "./keys.ts";
import { Elapsed, Since } from "./live_time.tsx";
import { goTo } from "./navigate.ts";
import { addressOf, type Filter } from "./route.ts";
import { allRows, rowOf, serverNow, useTopics } from "./store.ts";
import { costOf, type Group, groupOf, GROUPS, momentOf, standingOf } from "./words.ts";

const SHOWN = { all: "All", needs: "Need you", running: "Running", resting: "At rest" } as const;

/** The list. */
export function ListView({ filter }: { readonly filter: Filter }): JSX.Element {
  useTopics("list");
  const rows = allRows();
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const move = (by: number): void => {
    const links = [...list.current?.querySelectorAll<HTMLAnchorElement>("li:not([hidden]) a.row") ?? []];
    const at = links.findIndex((link) => link === document.activeElement);
    links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1), "/": () => search.current?.select() });
  const change = (part: Partial<Filter>): void =>
    goTo({ view: "list", filter: { ...filter, ...part } }, { adds: false });
  if (rows === undefined) return <ListSkeleton />;
  const projects = [...new Set(rows.map(({ project }) => project))].sort();
  const inScope = rows.filter((row) => isFound(row, filter));
  const count = (show: Filter["show"]): number =>
    show === "all" ? inScope.length : inScope.filter((row) => groupOf(row) === show).length;
  const shown = new Set(
    inScope.filter((row) => filter.show === "all" || groupOf(row) === filter.show).map(({ key }) => key),
  );
  return (
    <div class="list" ref={list}>
      <h1 class="unseen">Sessions</h1>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          ref={search}
          type="search"
          class="field"
          aria-label="Search sessions"
          placeholder="Search sessions"
          value={filter.search}
          onInput={({ currentTarget }) => change({ search: currentTarget.value })}
          onKeyDown={(event) => event.key === "Enter" && move(0)}
        />
        <div class="shows" role="group" aria-label="State">
          {(Object.keys(SHOWN) as (keyof typeof SHOWN)[]).map((show) => (
            <button
              key={show}
              type="button"
              aria-pressed={filter.show === show}
              onClick={() => change({ show })}
            >
              {SHOWN[show]} <span class="number count">{count(show)}</span>
            </button>
          ))}
        </div>
        {projects.length > 1 && (
          <select
            class="field"
            aria-label="Project"
            value={filter.project}
            onChange={({ currentTarget }) => change({ project: currentTarget.value })}
          >
            <option value="">All projects</option>
            {projects.map((project) => <option key={project}>{project}</option>)}
          </select>
        )}
      </form>
      {(Object.keys(GROUPS) as Group[]).map((group) => (
        <GroupRows
          key={group}
          group={group}
          rows={rows.filter((row) => groupOf(row) === group)}
          shown={shown}
        />
      ))}
      {shown.size === 0 && (
        <NoRows
          hasAny={rows.length > 0}
          onReset={() => change({ search: "", show: "all", project: "" })}
        />
      )}
    </div>
  );
}

function isFound({ session, task, project }: SessionRow, filter: Filter): boolean {
  const words = filter.search.toLowerCase().split(/\s+/);
  const text = `${session} ${project} ${task}`.toLowerCase();
  return (filter.project === "" || project === filter.project) && words.every((word) => text.includes(word));
}

/**
 * Sorted by their start, which does not change: rows must not wander below a finger. What is filtered out is hidden
 * and stays: to make hundreds of rows anew at each key stroke takes longer than a person types.
 */
function GroupRows(
  { group, rows, shown }: {
    readonly group: Group;
    readonly rows: readonly SessionRow[];
    readonly shown: ReadonlySet<string>;
  },
): JSX.Element {
  const sorted = rows.toSorted((a, b) =>
    (b.startedAt ?? "").localeCompare(a.startedAt ?? "") || BY_NAME.compare(a.session, b.session)
  );
  const count = rows.filter(({ key }) => shown.has(key)).length;
  return (
    <section class={`group ${group}`} aria-labelledby={`group-${group}`} hidden={count === 0}>
      <h2 id={`group-${group}`}>
        {GROUPS[group]} <span class="number count">{count}</span>
      </h2>
      <ul>
        {sorted.map(({ key }) => (
          <li key={key} hidden={!shown.has(key)}>
            <Row session={key} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const BY_NAME = new Intl.Collator("en", { numeric: true });

/** One session. It is drawn again only when it changes itself: of 500, few do. */
class Row extends Component<{ readonly session: string }> {
  override shouldComponentUpdate(next: { readonly session: string }): boolean {
    return next.session !== this.props.session;
  }

  override render(): JSX.Element {
    return <RowLink session={this.props.session} />;
  }
}

function RowLink({ session }: { readonly session: string }): JSX.Element | null {
  useTopics(`row ${session}`);
  const row = rowOf(session);
  if (row === undefined) return null;
  const standing = standingOf(row);
  return (
    <a class="row" href={addressOf({ view: "session", key: session, tab: "", place: "" })}>
      <Glyph state={row.state} needs={row.needs} />
      <span class="row-name">
        <b>{row.session}</b> <span class="muted">{row.project}</span>
      </span>
      <span class={`row-standing standing ${groupOf(row)} ${row.state}`}>{standing}</span>
      <span class="row-task">{row.task}</span>
      <span class="row-now">
        <Doing row={row} />
      </span>
      <span class="row-phase">{row.phase}</span>
      <span class="row-plan">
        <PlanBar plan={row.plan} />
      </span>
      <span class="row-time">
        <Elapsed row={row} />
      </span>
      <span class="row-cost number">{costOf(row)}</span>
    </a>
  );
}

function Doing({ row }: { readonly row: SessionRow }): JSX.Element {
  if (row.state === "running") {
    return (
      <>
        <span class="cut">{row.activity || "starting"}</span>
        {row.heardAt !== undefined && (
          <span class="quiet">
            quiet <Since at={row.heardAt} />
          </span>
        )}
      </>
    );
  }
  const words = row.detail === "" && row.updatedAt !== undefined ? "" : row.detail;
  return (
    <>
      <span class="cut">{words}</span>
      {row.updatedAt !== undefined && <span class="quiet number">{momentOf(row.updatedAt, serverNow())}</span>}
    </>
  );
}

/** How much of the plan is done. */
export function PlanBar({ plan }: { readonly plan: SessionRow["plan"] }): JSX.Element {
  if (plan === undefined || plan.total === 0) return <span class="plan-bar none">no plan yet</span>;
  const { done, total } = plan;
  return (
    <span class="plan-bar">
      <span class="track" aria-hidden="true">
        <span class="fill" style={{ width: `${100 * done / total}%` }} />
      </span>
      <span class="number">{done} of {total}</span>
    </span>
  );
}

function NoRows({ hasAny, onReset }: { readonly hasAny: boolean; readonly onReset: () => void }): JSX.Element {
  if (!hasAny) {
    return (
      <div class="empty">
        <p>No sessions yet. Start one in a project:</p>
        <p>
          <code>samocode start "What to do"</code>
        </p>
      </div>
    );
  }
  return (
    <div class="empty">
      <p>No session matches.</p>
      <button type="button" onClick={onReset}>Show all</button>
    </div>
  );
}

function ListSkeleton(): JSX.Element {
  return (
    <div class="list" aria-busy="true">
      <h1 class="unseen">Sessions are loading</h1>
      <div class="filters">
        <span class="bone field" />
      </div>
      {[1, 2, 3, 4, 5].map((n) => <span key={n} class="bone row-bone" />)}
    </div>
  );
}
