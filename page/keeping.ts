/**
 * What the browser keeps for the page. A browser may refuse to keep anything; then it is forgotten.
 *
 * @module
 */

/** A place for small texts; an empty one is none. */
export interface Keeping {
  readonly read: (name: string) => string;
  readonly write: (name: string, text: string) => void;
}

/** For all tabs, until the browser's data is cleared. */
export const KEEPING = keepingIn(() => localStorage);

/** For this tab, until it is closed. */
export const TAB_KEEPING = keepingIn(() => sessionStorage);

function keepingIn(storage: () => Storage): Keeping {
  return {
    read(name): string {
      try {
        return storage().getItem(`samocode-${name}`) ?? "";
      } catch {
        return "";
      }
    },
    write(name, text): void {
      try {
        if (text === "") storage().removeItem(`samocode-${name}`);
        else storage().setItem(`samocode-${name}`, text);
      } catch {
        // Full or forbidden.
      }
    },
  };
}
