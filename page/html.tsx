/**
 * The only door for HTML: strings that the server rendered and made safe.
 *
 * @module
 */
import type { JSX } from "preact";

/** What the browser knows of Trusted Types, https://www.w3.org/TR/trusted-types/. */
declare const trustedTypes: {
  createPolicy(name: string, rules: { createHTML(html: string): string }): { createHTML(html: string): string };
} | undefined;

const RULES = { createHTML: (html: string): string => html };
const POLICY = typeof trustedTypes === "undefined" ? RULES : trustedTypes.createPolicy("samocode", RULES);

/** Shows HTML of the server. Nothing else may come here. */
export function Html({ html, class: name }: { readonly html: string; readonly class: string }): JSX.Element {
  return <div class={name} dangerouslySetInnerHTML={{ __html: POLICY.createHTML(html) }} />;
}
