/**
 * The overview: what waits for the person, what goes on, the plots, the facts.
 *
 * @module
 */
import type { JSX } from "preact";
import { FactList } from "./fact_list.tsx";
import { Gate } from "./gate.tsx";
import { LiveNow } from "./live_now.tsx";
import type { PanelProps } from "./panel.ts";
import { PLOTS } from "./panels/index.ts";
import { SessionActs } from "./session_acts.tsx";

/** The first tab. */
export function Overview(props: PanelProps): JSX.Element {
  const { facts } = props;
  return (
    <div class="overview">
      <div class="column">
        <LiveNow facts={facts} />
        <Gate {...props} />
        {PLOTS.map((Plot, at) => (
          <div key={at} class="card plot-card">
            <Plot {...props} />
          </div>
        ))}
      </div>
      <aside class="column" aria-label="Facts">
        <SessionActs facts={facts} />
        <FactList facts={facts} />
      </aside>
    </div>
  );
}
