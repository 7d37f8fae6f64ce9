/**
 * One event of the journal, whole.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { JournalRow } from "../../src/view/contract.ts";
import { Dialog } from "../dialog.tsx";

interface EventDialogProps {
  readonly row: JournalRow;
  readonly index: number;
  readonly count: number;
  readonly go: (index: number) => void;
  readonly close: () => void;
}

/** Shows an event, and the way to those before and after it. */
export function EventDialog({ row, index, count, go, close }: EventDialogProps): JSX.Element {
  const [copied, setCopied] = useState<number>();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(textOf(row));
    setCopied(row.seq);
  };
  return (
    <Dialog title={`Event ${row.seq}`} onClose={close}>
      <dl class="event-facts">
        <dt>Type</dt>
        <dd>{row.type}</dd>
        <dt>Time</dt>
        <dd>
          <time dateTime={row.at}>
            {new Date(row.at).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" })}
          </time>
        </dd>
        {row.iteration > 0 && (
          <>
            <dt>Iteration</dt>
            <dd>{row.iteration}</dd>
          </>
        )}
      </dl>
      <pre class="event-whole" tabindex={0}>{row.text}</pre>
      <div class="actions">
        <button type="button" disabled={index === 0} onClick={() => go(index - 1)}>Before</button>
        <button type="button" disabled={index >= count - 1} onClick={() => go(index + 1)}>After</button>
        <button type="button" onClick={close}>Close</button>
        <button type="button" class="primary" onClick={() => void copy()}>
          {copied === row.seq ? "Copied" : "Copy"}
        </button>
      </div>
    </Dialog>
  );
}

function textOf({ seq, at, type, iteration, text }: JournalRow): string {
  return [`#${seq}`, at, type, iteration > 0 ? `iteration ${iteration}` : "", text].filter((part) => part !== "").join(
    "  ",
  );
}
