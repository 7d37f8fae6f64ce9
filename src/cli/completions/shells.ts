/**
 * The shells that can be taught to complete samocode's command line.
 *
 * @module
 */

/** Their names. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of them. */
export type Shell = typeof SHELLS[number];
