/**
 * The scripted agent's command. It stands alone: the table of commands needs the name, and nothing else of the demo.
 *
 * @module
 */

/** How the program calls itself to play the scripted agent. */
export const DEMO_AGENT_COMMAND = "demo-agent";
