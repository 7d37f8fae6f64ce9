/**
 * A list of any length of which only the rows in sight are in the document. All rows have the same height, which style
 * sheets give as `--row-height`.
 *
 * One row is the active one: the arrow keys move it, Enter opens it, as in any list box.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows beyond the sight, so that a turn of the wheel meets no empty room. */
const OVERSCAN = 10;

/** What is listed. */
export interface VirtualListProps {
  readonly label: string;
  readonly count: number;
  /** How many rows were put before the first one, in sum: what is in sight stays there. */
  readonly before?: number;
  readonly row: (index: number) => ComponentChildren;
  /** These rows are in sight. */
  readonly onSight: (first: number, last: number) => void;
  readonly onOpen: (index: number) => void;
}

/** Shows a list from its end, and stays there while new rows come, until somebody scrolls. */
export function VirtualList(
  { label, count, before = 0, row, onSight, onOpen }: VirtualListProps,
): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const beforeLast = useRef(before);
  const [view, setView] = useState({ top: 0, height: 0, rowHeight: 0 });
  const [active, setActive] = useState<number>();

  const look = (): void => {
    const { current } = box;
    if (current === null) return;
    const rowHeight = Number.parseFloat(getComputedStyle(current).getPropertyValue("--row-height")) || 30;
    const { scrollTop: top, clientHeight: height, scrollHeight } = current;
    isAtEnd.current = scrollHeight - top - height < rowHeight;
    setView((last) =>
      last.top === top && last.height === height && last.rowHeight === rowHeight ? last : { top, height, rowHeight }
    );
  };
  const { top, height, rowHeight } = view;
  const first = Math.max(0, Math.floor(top / (rowHeight || 1)) - OVERSCAN);
  const last = rowHeight === 0 ? -1 : Math.min(count - 1, Math.ceil((top + height) / rowHeight) + OVERSCAN);

  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const added = before - beforeLast.current;
    beforeLast.current = before;
    if (isAtEnd.current) current.scrollTop = current.scrollHeight;
    else if (added > 0) current.scrollTop += added * rowHeight;
    look();
  }, [count, before, rowHeight, height]);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const resized = new ResizeObserver(look);
    resized.observe(current);
    return () => resized.disconnect();
  }, []);
  useEffect(() => {
    if (last >= first) onSight(first, last);
  }, [first, last, count]);

  const go = (to: number): void => {
    const { current } = box;
    const index = Math.max(0, Math.min(count - 1, to));
    if (current === null || count === 0) return;
    setActive(index);
    const y = index * rowHeight;
    if (y < current.scrollTop) current.scrollTop = y;
    else if (y + rowHeight > current.scrollTop + height) current.scrollTop = y + rowHeight - height;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const from = active ?? Math.min(count, Math.ceil((top + height) / rowHeight)) - 1;
    const to = {
      ArrowUp: from - 1,
      ArrowDown: from + 1,
      PageUp: from - page,
      PageDown: from + page,
      Home: 0,
      End: count,
    }[event.key];
    if (to !== undefined) go(to);
    else if (event.key === "Enter" && active !== undefined) onOpen(active);
    else return;
    event.preventDefault();
  };
  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
  const isActiveThere = active !== undefined && active >= first && active <= last;
  return (
    <div
      class="virtual-list"
      ref={box}
      role="listbox"
      aria-label={label}
      tabindex={0}
      aria-activedescendant={isActiveThere ? `row-${active}` : undefined}
      onScroll={look}
      onKeyDown={onKey}
    >
      <div class="virtual-height" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {rows.map((index) => (
          <div
            key={index}
            id={`row-${index}`}
            class="virtual-row"
            role="option"
            aria-selected={index === active}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${index * rowHeight}px)` }}
            onClick={() => {
              setActive(index);
              if (getSelection()?.isCollapsed ?? true) onOpen(index);
            }}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
