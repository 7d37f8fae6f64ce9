/**
 * The journal of a session: all its events, live, searched by the server.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { JournalPage, JournalRow } from "../../src/view/contract.ts";
import { formatCount } from "../../src/text/format.ts";
import type { PanelProps } from "../panel.ts";
import { EventDialog } from "./event_dialog.tsx";
import { KINDS } from "./journal_kinds.ts";
import { FoundRows, type JournalQuery, type JournalRows, WholeJournal } from "./journal_rows.ts";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { SearchField } from "./search_field.tsx";
import { queryOf } from "./use_answer.ts";
import { VirtualList } from "./virtual_list.tsx";

/** What came of a question; `id` tells its list from the one before. */
interface Found {
  readonly rows: JournalRows | undefined;
  readonly id: number;
}

/** Shows the journal. */
export function Journal({ api }: PanelProps): JSX.Element {
  const [types, setTypes] = useState("");
  const [search, setSearch] = useState("");
  const [{ rows, id }, setFound] = useState<Found>({ rows: undefined, id: 0 });
  const [failure, setFailure] = useState<unknown>();
  const [opened, setOpened] = useState<number>();
  const [, setVersion] = useState(0);
  const renew = (): void => setVersion((version) => version + 1);
  const sight = useRef({ first: 0, last: 0 });

  const see = async (rows: JournalRows | undefined, first: number, last: number): Promise<void> => {
    sight.current = { first, last };
    if (await rows?.see(first, last) !== true) return;
    renew();
    // Somebody may have scrolled on meanwhile.
    const { current } = sight;
    if (current.first !== first || current.last !== last) await see(rows, current.first, current.last);
  };
  const look = (first: number, last: number): void => void see(rows, first, last).catch(setFailure);
  useEffect(() => {
    const over = new AbortController();
    const fail = (error: unknown): void => over.signal.aborted ? undefined : setFailure(error);
    const ask = (query: JournalQuery): Promise<JournalPage> =>
      api.read(`journal${queryOf({ ...query, types, search })}`, { abort: over.signal });
    const waiting: JournalPage[] = [];
    let current: JournalRows | undefined;
    const append = (page: JournalPage): void => void current?.append(page).then(renew, fail);
    const leave = api.onLines((page) => current === undefined ? waiting.push(page) : append(page));
    ask({}).then(async (page) => {
      const rows = types === "" && search === "" ? new WholeJournal(page, ask) : new FoundRows(page, ask);
      if (page.rows.length === 0) await rows.see(0, 0);
      current = rows;
      setFound(({ id }) => ({ rows, id: id + 1 }));
      setOpened(undefined);
      setFailure(undefined);
      waiting.forEach(append);
    }).catch(fail);
    return () => {
      over.abort();
      leave();
    };
  }, [types, search]);

  const row = opened === undefined ? undefined : rows?.at(opened);
  const isSearched = types !== "" || search !== "";
  return (
    <div class="journal">
      <div class="toolbar">
        <SearchField label="Search the journal" search={setSearch} />
        <select class="field" aria-label="Which events" onChange={({ currentTarget }) => setTypes(currentTarget.value)}>
          {Object.entries(KINDS).map(([name, value]) => <option key={name} value={value}>{name}</option>)}
        </select>
        <p class="count" role="status">{countOf(rows, isSearched)}</p>
      </div>
      {failure !== undefined && <Problem failure={failure} />}
      <VirtualList
        key={id}
        label="Events"
        count={rows?.count ?? 0}
        before={rows?.before ?? 0}
        row={(index) => <EventLine row={rows?.at(index)} />}
        onSight={look}
        onOpen={setOpened}
      />
      {row !== undefined && (
        <EventDialog
          row={row}
          count={rows?.count ?? 0}
          index={opened ?? 0}
          go={(index) => {
            setOpened(index);
            look(index, index);
          }}
          close={() => setOpened(undefined)}
        />
      )}
    </div>
  );
}

function countOf(rows: JournalRows | undefined, isSearched: boolean): string {
  if (rows === undefined) return "";
  const more = rows instanceof FoundRows && rows.hasMore ? "more than " : "";
  return `${more}${rows.count.toLocaleString()} ${
    isSearched ? "found" : formatCount(rows.count, "event").split(" ")[1]
  }`;
}

function EventLine({ row }: { readonly row: JournalRow | undefined }): JSX.Element {
  if (row === undefined) return <span class="event-line is-coming">…</span>;
  const [kind = ""] = row.type.split(".");
  return (
    <span class="event-line" data-kind={kind}>
      <span class="event-seq">{row.seq}</span>
      <Moment at={row.at} seconds />
      <b>{row.type}</b>
      <span class="event-text">{row.text}</span>
    </span>
  );
}
