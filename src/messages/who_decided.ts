/**
 * Who decided, in the words of the journal. All doors use these, so that a person and an agent can be told apart
 * wherever a decision is shown. Journals of older versions have other words, such as `samocode approve`.
 *
 * @module
 */

/** A person who typed a command. Without a terminal it may have been a script of theirs. */
export function whoTyped(command: string, { isInputTerminal, isOutputTerminal }: Terminals): string {
  const where = isInputTerminal || isOutputTerminal ? "a person at a terminal" : "the command line, without a terminal";
  return `${where} (samocode ${command})`;
}

/** What a command is typed in. */
export interface Terminals {
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
}

/** A person whom a client asked, in its own dialog or in a form. */
export function whoWasAsked(client: string): string {
  return `a person through ${client}`;
}

/** An agent whom nobody made ask. */
export function whoActedAlone(client: string): string {
  return `an agent on its own, through ${client}`;
}

/**
 * Whoever was let in to the page, by an address that a command of the person's printed. Without a terminal it went
 * elsewhere: to a script of theirs, or a log.
 */
export function whoOpened({ isInputTerminal, isOutputTerminal }: Terminals): PageVisitor {
  return isInputTerminal || isOutputTerminal ? "page:terminal" : "page:unattended";
}

/** How the journal calls them. */
export type PageVisitor = keyof typeof VISITORS;

/** Whether a text is what the journal calls one. */
export function isPageVisitor(by: string): by is PageVisitor {
  return Object.hasOwn(VISITORS, by);
}

const VISITORS = {
  "page:terminal": "a person on the page (samocode view)",
  "page:unattended": "the page (samocode view, without a terminal)",
} as const;

/**
 * Describes who decided, from the journal's form. `telegram:123456`, where the number is the user's ID at the service,
 * becomes `123456 on Telegram`.
 */
export function describeWho(by: string): string {
  if (isPageVisitor(by)) return VISITORS[by];
  const [, channel = "", id = ""] = /^([a-z]+):(\S+)$/.exec(by) ?? [];
  const title = Object.hasOwn(CHANNEL_TITLES, channel) ? CHANNEL_TITLES[channel] : undefined;
  return title === undefined ? by : `${id} on ${title}`;
}

/** The channels on which people can decide. */
const CHANNEL_TITLES: Readonly<Record<string, string>> = {
  telegram: "Telegram",
  ntfy: "ntfy",
  slack: "Slack",
  desktop: "the desktop",
};
