/**
 * What a person does, from the press of a button to the server's word on it.
 *
 * @module
 */
import { useState } from "preact/hooks";
import type { Act, SessionFacts } from "../src/view/contract.ts";
import { perform, Refused } from "./api.ts";
import { announce } from "./attention.ts";
import { TAB_KEEPING } from "./keeping.ts";
import { takeFacts } from "./store.ts";

/** How an act goes. */
export type ActState =
  | { readonly kind: "none" }
  | { readonly kind: "pending" }
  | { readonly kind: "done"; readonly words: string }
  | { readonly kind: "refused"; readonly words: string; readonly hint: string };

/** Who does something, and how it went. */
export interface Doer {
  readonly state: ActState;
  /** @returns Whether it was done. */
  readonly act: (act: WithoutRun<Act>) => Promise<boolean>;
}

/** When a session was told to go on, by its key. Until its worker begins it rests; that is no reason to ask for more. */
const TOLD = new Map<string, number>();

/** Longer than a worker takes to begin, in milliseconds. */
const BEGINS_WITHIN_MS = 8_000;

/** Whether a session is about to go on, because of what was done here. */
export function isAboutToRun(key: string): boolean {
  return Date.now() - (TOLD.get(key) ?? -Infinity) < BEGINS_WITHIN_MS;
}

type WithoutRun<Each> = Each extends Act ? Omit<Each, "run"> : never;

/** Acts on a session as the page shows it. */
export function useAct({ key, run }: Pick<SessionFacts, "key" | "run">): Doer {
  const [state, setState] = useState<ActState>({ kind: "none" });
  const act = async (what: WithoutRun<Act>): Promise<boolean> => {
    if (state.kind === "pending") return false;
    setState({ kind: "pending" });
    // The stream may be faster than the answer.
    if (what.verb !== "guide" && what.verb !== "stop") TOLD.set(key, Date.now());
    try {
      const { words, facts } = await perform(key, { ...what, run });
      setState({ kind: "done", words });
      announce(words);
      takeFacts(facts);
      return true;
    } catch (error) {
      TOLD.delete(key);
      const words = error instanceof Error ? error.message : String(error);
      setState({ kind: "refused", words, hint: error instanceof Refused ? error.hint : "" });
      if (error instanceof Refused && error.facts !== undefined) takeFacts(error.facts);
      return false;
    }
  };
  return { state, act };
}

/**
 * A text that a person types: kept until it is taken, whatever becomes of the page.
 *
 * @param name Within the session.
 */
export function useDraft(
  key: string,
  name: string,
): { readonly text: string; readonly set: (text: string) => void } {
  const place = `draft ${key} ${name}`;
  const [text, setText] = useState(() => TAB_KEEPING.read(place));
  const set = (now: string): void => {
    TAB_KEEPING.write(place, now);
    setText(now);
  };
  return { text, set };
}
