/**
 * The keys, shown.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { hasSingleKeys, setSingleKeys } from "./keys.ts";
import { TABS } from "./tabs.ts";

const EVERYWHERE: readonly Help[] = [
  ["?", "These keys"],
  ["g s", "All sessions"],
  ["n", "The next session that needs you"],
  ["t", "System, light or dark colors"],
  ["Esc", "Back, or leave a field"],
];

const LIST: readonly Help[] = [
  ["j", "Next session"],
  ["k", "Previous session"],
  ["Enter", "Open it"],
  ["/", "Search"],
];

type Help = readonly [key: string, words: string];

/** Shows what each key does, and turns single keys off. */
export function HelpDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [isOn, setIsOn] = useState(hasSingleKeys);
  const session: readonly Help[] = [
    ...TABS.map(({ letter, title }): Help => [`g ${letter}`, title]),
    ["w", "What waits for you, or the note for the next agent"],
  ];
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div class="keys">
        <KeyTable title="Everywhere" rows={EVERYWHERE} />
        <KeyTable title="In the list" rows={LIST} />
        <KeyTable title="In a session" rows={session} />
      </div>
      <label class="option">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => {
            setSingleKeys(currentTarget.checked);
            setIsOn(currentTarget.checked);
          }}
        />
        <span>Use single-key shortcuts</span>
      </label>
      <div class="actions">
        <button type="button" class="primary" onClick={onClose}>Close</button>
      </div>
    </Dialog>
  );
}

function KeyTable({ title, rows }: { readonly title: string; readonly rows: readonly Help[] }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, words]) => (
          <div key={keys}>
            <dt>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
