/**
 * The kinds of events that a journal can be narrowed to.
 *
 * @module
 */

/** What the types of each kind begin with, separated by commas; empty for all. */
export const KINDS: Readonly<Record<string, string>> = {
  "All events": "",
  "What the agent did":
    "agent.said,agent.acted,agent.denied,agent.started,agent.retried,agent.limited,agent.model_changed",
  "Iterations and phases": "iteration.,phase.,signal.,progress.,checkpoint.,processes.",
  "People and gates": "gate.,answers.,plan.,guidance.,task.,budget.,stop.,resume.,baseline.",
  "Checks and reviews": "check.,review.,baseline.",
  "The session itself": "session.,journal.,workplace.,work.,settings.,hosts.,locks.,log.,listener.",
};
