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
import { FoundRows, type JournalQuery, type JournalRows, WholeJournal } from "./journal_rows.ts";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { SearchField } from "./search_field.tsx";
import { queryOf } from "./use_answer.ts";
import { VirtualList } from "./virtual_list.tsx";

/** What a filter lets through: the beginnings of types. */
const KINDS: Readonly<Record<string, string>> = {
  "All events": "",
  "What the agent did": "agent.said,agent.acted,agent.denied,agent.started",
  "Iterations and phases": "iteration,phase,signal,progress,checkpoint",
  "People and gates": "gate,answers,plan,guidance,task,budget,stop,resume,baseline",
  "Checks and reviews": "check,review,baseline",
  "The session itself": "session,journal,workplace,work,settings,hosts,locks,log,listener,processes",
};

/** Shows the journal. */
export function Journal({ api }: PanelProps): JSX.Element {
  const [types, setTypes] = useState("");
  const [search, setSearch] = useState("");
  const [rows, setRows] = useState<JournalRows>();
  const [failure, setFailure] = useState<unknown>();
  const [opened, setOpened] = useState<number>();
  const [, setVersion] = useState(0);
  const renew = (): void => setVersion((version) => version + 1);
  const sight = useRef({ first: 0, last: 0 });

  useEffect(() => {
    let isStale = false;
    const ask = (query: JournalQuery): Promise<JournalPage> =>
      api.read(`journal${queryOf({ ...query, types, search })}`);
    const isAll = types === "" && search === "";
    const waiting: JournalPage[] = [];
    let current: JournalRows | undefined;
    const append = (page: JournalPage): void => void current?.append(page).then(renew, setFailure);
    const leave = api.onLines((page) => current === undefined ? waiting.push(page) : append(page));
    ask({}).then((page) => {
      if (isStale) return;
      current = isAll ? new WholeJournal(page, ask) : new FoundRows(page, ask);
      setRows(current);
      setFailure(undefined);
      waiting.forEach(append);
    }, (failure) => isStale || setFailure(failure));
    return () => {
      isStale = true;
      leave();
    };
  }, [types, search]);

  const see = async (first: number, last: number): Promise<void> => {
    sight.current = { first, last };
    const hasCome = await rows?.see(first, last).catch(setFailure);
    if (hasCome !== true) return;
    renew();
    // Somebody may have scrolled on meanwhile.
    if (sight.current.first !== first || sight.current.last !== last) {
      await see(sight.current.first, sight.current.last);
    }
  };
  const row = opened === undefined ? undefined : rows?.at(opened);
  const isSearched = types !== "" || search !== "";
  return (
    <section class="journal" aria-label="Journal">
      <div class="toolbar">
        <SearchField label="Search the journal" search={setSearch} />
        <select class="field" aria-label="Which events" onChange={({ currentTarget }) => setTypes(currentTarget.value)}>
          {Object.entries(KINDS).map(([name, value]) => <option key={name} value={value}>{name}</option>)}
        </select>
        <p class="count" role="status">{countOf(rows, isSearched)}</p>
      </div>
      {failure !== undefined && <Problem failure={failure} />}
      <VirtualList
        key={`${types} ${search}`}
        label="Events"
        count={rows?.count ?? 0}
        before={rows?.before ?? 0}
        row={(index) => <EventLine row={rows?.at(index)} />}
        onSight={(first, last) => void see(first, last)}
        onOpen={setOpened}
      />
      {row !== undefined && (
        <EventDialog
          row={row}
          count={rows?.count ?? 0}
          index={opened ?? 0}
          go={(index) => {
            setOpened(index);
            void see(index, index);
          }}
          close={() => setOpened(undefined)}
        />
      )}
    </section>
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
