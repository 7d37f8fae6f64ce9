/**
 * The keyboard: single keys, and `g` with a letter behind it.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { KEEPING } from "./keeping.ts";

/** What a key does; `g x` is a sequence. */
export type Keys = Readonly<Record<string, () => void>>;

/** The last one that was registered counts. */
const registered: { readonly keys: Keys }[] = [];

/** How long the letter behind `g` may take. */
const SEQUENCE_MS = 1_500;

const SWITCH = "single-keys";

/** Whether single keys do anything: a voice's words or a slip must not press them by accident. */
export function hasSingleKeys(): boolean {
  return KEEPING.read(SWITCH) !== "off";
}

/** Turns single keys on or off. */
export function setSingleKeys(isOn: boolean): void {
  KEEPING.write(SWITCH, isOn ? "" : "off");
}

/** Hears the keyboard; once. */
export function openKeys(): void {
  let prefix = "";
  let at = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { target, key } = event;
    if (document.querySelector("dialog[open]") !== null) return;
    const isTyping = target instanceof HTMLElement && target.matches("input:not([type=radio]), textarea, select");
    if (isTyping) {
      if (key === "Escape") target.blur();
      return;
    }
    if (!hasSingleKeys() && key !== "Escape") return;
    const pressed = prefix !== "" && event.timeStamp - at < SEQUENCE_MS ? `${prefix} ${key}` : key;
    prefix = pressed === "g" ? "g" : "";
    at = event.timeStamp;
    const act = registered.findLast(({ keys }) => Object.hasOwn(keys, pressed))?.keys[pressed];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

/** Has keys for as long as the component is there. */
export function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const entry = {
      get keys(): Keys {
        return now.current;
      },
    };
    registered.push(entry);
    return () => void registered.splice(registered.indexOf(entry), 1);
  }, []);
}
