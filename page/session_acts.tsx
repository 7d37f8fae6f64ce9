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

/** While it is under way. At rest, what can be done is part of why it rests. */
export function SessionActs({ facts }: { readonly facts: SessionFacts }): JSX.Element | null {
  const guiding = useAct(facts);
  const stopping = useAct(facts);
  const note = useDraft(facts.key, "note");
  const [isAsking, setIsAsking] = useState(false);
  if (!isUnderWay(facts.state)) return null;
  const guide = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await guiding.act({ verb: "guide", text: note.text.trim() })) note.set("");
  };
  const stop = (now: boolean): void => {
    setIsAsking(false);
    void stopping.act({ verb: "stop", now });
  };
  return (
    <section class="card" aria-labelledby="acts-title">
      <h2 id="acts-title">Steer</h2>
      <form onSubmit={(event) => void guide(event)}>
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
          <button type="submit" disabled={note.text.trim() === "" || guiding.state.kind === "pending"}>
            Leave note
          </button>
          <button
            type="button"
            class="danger last"
            disabled={stopping.state.kind === "pending"}
            onClick={() => setIsAsking(true)}
          >
            Stop…
          </button>
        </div>
      </form>
      <ActResult state={stopping.state.kind === "none" ? guiding.state : stopping.state} />
      {isAsking && <StopDialog name={facts.session} onStop={stop} onClose={() => setIsAsking(false)} />}
    </section>
  );
}

function StopDialog(
  { name, onStop, onClose }: {
    readonly name: string;
    readonly onStop: (now: boolean) => void;
    readonly onClose: () => void;
  },
): JSX.Element {
  return (
    <Dialog title={`Stop ${name}?`} onClose={onClose}>
      <p>You can resume it at any time. Stopping now interrupts what the agent is doing.</p>
      <div class="actions">
        <button type="button" class="primary" onClick={() => onStop(false)}>After this iteration</button>
        <button type="button" class="danger" onClick={() => onStop(true)}>Now</button>
        <button type="button" onClick={onClose}>Keep it running</button>
      </div>
    </Dialog>
  );
}
