/**
 * What a person can do with a session at any time: tell the next agent something, stop it.
 *
 * @module
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SessionFacts } from "../src/view/contract.ts";
import { useAct, useDraft } from "./act.ts";
import { ActResult } from "./act_result.tsx";
import { Dialog } from "./dialog.tsx";
import { isUnderWay } from "./words.ts";

type Facts = { readonly facts: SessionFacts };

/** While it is under way. At rest, what can be done is part of why it rests. */
export function SessionActs({ facts }: Facts): JSX.Element | null {
  if (!isUnderWay(facts.state)) return null;
  return (
    <section class="card" aria-labelledby="acts-title">
      <h2 id="acts-title">Steer</h2>
      <GuideForm facts={facts} />
      <Stop facts={facts} />
    </section>
  );
}

function GuideForm({ facts }: Facts): JSX.Element {
  const { state, act } = useAct(facts);
  const note = useDraft(facts.key, "note");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await act({ verb: "guide", text: note.text.trim() })) note.set("");
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label class="label" for="note">Note for the next agent</label>
      <textarea
        id="note"
        class="field"
        rows={2}
        data-first
        value={note.text}
        onInput={({ currentTarget }) => note.set(currentTarget.value)}
      />
      <div class="actions">
        <button type="submit" disabled={note.text.trim() === "" || state.kind === "pending"}>Leave this note</button>
      </div>
      <ActResult state={state} />
    </form>
  );
}

function Stop({ facts }: Facts): JSX.Element {
  const { state, act } = useAct(facts);
  const [isAsking, setIsAsking] = useState(false);
  const stop = (now: boolean): void => {
    setIsAsking(false);
    void act({ verb: "stop", now });
  };
  return (
    <>
      <div class="actions">
        <button type="button" class="danger" disabled={state.kind === "pending"} onClick={() => setIsAsking(true)}>
          Stop…
        </button>
      </div>
      <ActResult state={state} />
      {isAsking && (
        <Dialog title={`Stop ${facts.session}?`} onClose={() => setIsAsking(false)}>
          <p>It can be resumed at any time. Stopped now, what its agent does at this moment is cut short.</p>
          <div class="actions">
            <button type="button" class="primary" onClick={() => stop(false)}>After this iteration</button>
            <button type="button" class="danger" onClick={() => stop(true)}>Now</button>
            <button type="button" onClick={() => setIsAsking(false)}>Keep it running</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
