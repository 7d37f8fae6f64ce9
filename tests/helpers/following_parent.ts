/**
 * A parent's model that does what samocode's answers say, and counts what that costs it.
 *
 * @module
 */

/** A request as the scripted model sees it. */
interface View {
  readonly api: "anthropic" | "openai";
  readonly user: string;
  readonly toolResult: string;
  readonly tools: readonly string[];
  readonly totalTurns: number;
}

/** A call, as the model wrote it. */
export interface ParentCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the user says to the parent, and how it answers for them. */
export interface ParentOptions {
  readonly start: Readonly<Record<string, unknown>>;
  readonly answers: Readonly<Record<string, string>>;
  /** Arguments for every tool that waits, where the client ends calls early. */
  readonly waiting?: Readonly<Record<string, unknown>>;
}

/** The words with which the user begins. */
export const PROMPT = "Run samocode: limit requests per client";

/** Calls start_session, then whatever each answer names next, until a session needs nobody any more. */
export class FollowingParent {
  readonly calls: ParentCall[] = [];
  /** What its model was given of the session, in order: answers of tools, and notices that a task has ended. */
  readonly heard: string[] = [];
  /** What the search for tools found. */
  found = "";
  readonly #options: ParentOptions;

  constructor(options: ParentOptions) {
    this.#options = options;
  }

  /** For the scripted model. */
  get scenario(): object {
    return { strict: true, rules: [{ name: "parent", when: { prompt: PROMPT }, play: this.#play }] };
  }

  /** The characters of all calls and answers, by four. */
  get tokens(): number {
    const said = this.calls.map(({ tool, input }) => tool + JSON.stringify(input));
    return Math.ceil([...said, ...this.heard].reduce((sum, { length }) => sum + length, 0) / 4);
  }

  readonly #play = ({ view }: { readonly view: View }): object => {
    if (view.totalTurns === 0 && view.tools.includes("ToolSearch")) {
      return { tools: [{ name: "ToolSearch", input: { query: "samocode", max_results: 5 } }] };
    }
    if (this.calls.length === 0) {
      this.found = view.toolResult;
      return this.#call({ tool: "start_session", input: this.#options.start });
    }
    // A client may tell of a task's end as if the user had said something.
    const heard = view.toolResult === "" ? view.user : view.toolResult;
    this.heard.push(heard);
    const said = readStatus(heard);
    if (said === undefined) return { text: "I will be told." };
    const [, tool = "", session = ""] = /"next":\{"tool":"(\w+)","arguments":\{"session":"([^"]+)"/.exec(said) ?? [];
    const [, sha256] = /"sha256":"([0-9a-f]{64})"/.exec(said) ?? [];
    if (tool === "") return { text: "It is done." };
    const more = tool === "answer_qa"
      ? { answers: this.#options.answers }
      : tool === "approve_plan"
      ? { decision: "approve", sha256 }
      : {};
    return this.#call({ tool, input: { session, ...more } });
  };

  #call({ tool, input }: ParentCall): object {
    const call = { tool, input: { ...input, ...this.#options.waiting } };
    this.calls.push(call);
    return { tools: [{ name: `mcp__samocode__${tool}`, input: call.input }] };
  }
}

/** The status in an answer, however the client has framed or quoted it. */
function readStatus(heard: string): string | undefined {
  const plain = heard.includes('{\\"session\\":') ? heard.replaceAll('\\"', '"') : heard;
  const begin = plain.indexOf('{"session":');
  return begin < 0 ? undefined : plain.slice(begin);
}
