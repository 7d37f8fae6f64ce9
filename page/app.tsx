import type { JSX } from "preact";

/** Everything. */
export function App(): JSX.Element {
  return <main />;
}
