/**
 * One of a few.
 *
 * @module
 */
import type { JSX } from "preact";

interface ChoiceProps<Name extends string> {
  readonly legend: string;
  readonly options: Readonly<Record<Name, string>>;
  readonly chosen: Name;
  readonly choose: (name: Name) => void;
  readonly isOff?: boolean;
}

/** Shows the options side by side. */
export function Choice<Name extends string>(
  { legend, options, chosen, choose, isOff = false }: ChoiceProps<Name>,
): JSX.Element {
  return (
    <fieldset class="segments" disabled={isOff}>
      <legend class="unseen">{legend}</legend>
      {(Object.keys(options) as Name[]).map((name) => (
        <label key={name}>
          <input type="radio" name={`timeline-${legend}`} checked={name === chosen} onChange={() => choose(name)} />
          <span>{options[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}
