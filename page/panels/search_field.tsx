/**
 * A field to search in.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A pause in typing after which the server is asked. */
const SETTLED_MS = 200;

/** Calls for what was typed, once somebody stops typing. */
export function SearchField(
  { label, search }: { readonly label: string; readonly search: (text: string) => void },
): JSX.Element {
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => search(text.trim()), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      class="field search"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}
