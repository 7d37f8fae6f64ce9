/**
 * Questions as a form.
 *
 * @module
 */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { SessionFacts } from "../src/view/contract.ts";
import { useAct } from "./act.ts";
import { ActResult } from "./act_result.tsx";
import { TAB_KEEPING } from "./keeping.ts";

type Question = SessionFacts["questions"][number];

/** What a person chose or typed for a question: a letter, or `other` and a text. */
interface Given {
  readonly letter: string;
  readonly text: string;
}

const OTHER = "other";
const NOTHING: Given = { letter: "", text: "" };

/** The questions that wait, to be answered together. */
export function QuestionsForm({ facts }: { readonly facts: SessionFacts }): JSX.Element {
  const { questions, key, asked } = facts;
  const { state, act } = useAct(facts);
  const [given, setGiven] = useState<Readonly<Record<string, Given>>>(() => keptAnswers(key, questions));
  const send = useRef<HTMLButtonElement>(null);
  const give = (answers: Readonly<Record<string, Given>>): void => {
    const now = { ...given, ...answers };
    TAB_KEEPING.write(placeOf(key), JSON.stringify(now));
    setGiven(now);
  };
  const answers = Object.fromEntries(
    questions.map((question) => [question.id, answerOf(question, given[question.id])] as const)
      .filter(([, answer]) => answer !== ""),
  );
  const count = Object.keys(answers).length;
  const suggested = questions.filter(({ suggestion }) => suggestion !== undefined);
  const takeAll = (): void => {
    give(Object.fromEntries(suggested.map((question) => [question.id, suggestionOf(question)])));
    send.current?.focus();
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await act({ verb: "answer", answers, sha256: asked?.sha256 ?? "" })) TAB_KEEPING.write(placeOf(key), "");
  };
  return (
    <form class="questions" onSubmit={(event) => void submit(event)}>
      {questions.map((question, at) => (
        <QuestionField
          key={question.id}
          question={question}
          given={given[question.id] ?? NOTHING}
          isFirst={at === 0}
          onGive={(answer) => give({ [question.id]: answer })}
        />
      ))}
      <div class="actions">
        <button ref={send} type="submit" class="primary" disabled={count === 0 || state.kind === "pending"}>
          {count === questions.length || count === 0 ? "Send answers" : `Send ${count} of ${questions.length} answers`}
        </button>
        {suggested.length > 0 && (
          <button type="button" onClick={takeAll}>
            {suggested.length === questions.length ? "Take all suggestions" : `Take ${suggested.length} suggestions`}
          </button>
        )}
      </div>
      <ActResult state={state} />
    </form>
  );
}

function QuestionField(
  { question, given, isFirst, onGive }: {
    readonly question: Question;
    readonly given: Given;
    readonly isFirst: boolean;
    readonly onGive: (given: Given) => void;
  },
): JSX.Element {
  const { id, text, options, suggestion } = question;
  const isFree = options.length === 0;
  const first = isFirst ? { "data-first": "" } : {};
  const words = (
    <textarea
      class="field"
      rows={2}
      aria-label={isFree ? `Answer to ${id}` : `Own answer to ${id}`}
      value={given.text}
      onInput={({ currentTarget }) => onGive({ letter: OTHER, text: currentTarget.value })}
      {...(isFree ? first : {})}
    />
  );
  return (
    <fieldset>
      <legend>
        <span class="question-id number">{id}</span> {text}
      </legend>
      {options.map((option, at) => (
        <label key={option.letter} class="option">
          <input
            type="radio"
            name={id}
            checked={given.letter === option.letter}
            onChange={() => onGive({ letter: option.letter, text: given.text })}
            {...(at === 0 ? first : {})}
          />
          <span>
            <b>{option.letter}</b> {option.text}
            {suggestion?.letter === option.letter && <span class="badge">Suggested</span>}
          </span>
        </label>
      ))}
      {!isFree && (
        <label class="option">
          <input
            type="radio"
            name={id}
            checked={given.letter === OTHER}
            onChange={() => onGive({ letter: OTHER, text: given.text })}
          />
          <span>Something else</span>
        </label>
      )}
      {(isFree || given.letter === OTHER) && words}
      {suggestion !== undefined && (
        <p class="suggestion">
          <span class="muted">Suggestion:</span> {suggestion.text}
          {isFree && (
            <button type="button" class="link" onClick={() => onGive(suggestionOf(question))}>
              Take it
            </button>
          )}
        </p>
      )}
    </fieldset>
  );
}

function answerOf({ options }: Question, given: Given | undefined): string {
  if (given === undefined || given.letter === "") return "";
  if (given.letter === OTHER) return given.text.trim();
  return options.some(({ letter }) => letter === given.letter) ? given.letter : "";
}

function suggestionOf({ suggestion }: Question): Given {
  return suggestion?.letter === undefined
    ? { letter: OTHER, text: suggestion?.text ?? "" }
    : { letter: suggestion.letter, text: "" };
}

function placeOf(key: string): string {
  return `draft ${key} answers`;
}

/** Of a reload, or another round: what is typed is never lost. */
function keptAnswers(key: string, questions: readonly Question[]): Readonly<Record<string, Given>> {
  let kept: Readonly<Record<string, unknown>> = {};
  try {
    kept = JSON.parse(TAB_KEEPING.read(placeOf(key)) || "{}");
  } catch {
    // Written by somebody else.
  }
  return Object.fromEntries(questions.flatMap(({ id }) => {
    const given = kept[id];
    return isGiven(given) ? [[id, given] as const] : [];
  }));
}

function isGiven(value: unknown): value is Given {
  return typeof value === "object" && value !== null && "letter" in value && typeof value.letter === "string" &&
    "text" in value && typeof value.text === "string";
}
