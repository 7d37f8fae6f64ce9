/**
 * One of a few.
 *
 * @module
 */
import type { JSX } from "preact";

interface ChoiceProps<Name extends string> {
  readonly label: string;
  readonly options: Readonly<Record<Name, string>>;
  readonly chosen: Name;
  readonly choose: (name: Name) => void;
  readonly isOff?: boolean;
}

/** Shows the options side by side. */
export function Choice<Name extends string>(
  { label, options, chosen, choose, isOff = false }: ChoiceProps<Name>,
): JSX.Element {
  return (
    <div class="segments" role="group" aria-label={label}>
      {(Object.keys(options) as Name[]).map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={name === chosen}
          disabled={isOff}
          onClick={() => choose(name)}
        >
          {options[name]}
        </button>
      ))}
    </div>
  );
}
