/**
 * A parent's model that does what samocode's answers say, and counts what they cost it.
 *
 * @module
 */
import { join } from "node:path";
import { type FakeModel, startFakeModel } from "./fake_model.ts";

/** A call, as the model wrote it. */
export interface ParentCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the user says to the parent. */
export interface ParentOptions {
  /** The arguments of start_session. */
  readonly start: Readonly<Record<string, unknown>> & { readonly session: string };
  /** By question. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The words with which the user begins. */
export const PROMPT = "Run samocode: limit requests per client";

/** The words with which the parent ends. */
export const REPORT = "The session is over.";

/** Calls start_session, then whatever each answer names next, until one names nothing. */
export class FollowingParent {
  readonly calls: ParentCall[] = [];
  /** What its model was given of the session: answers of tools, and notices that a task has ended. */
  readonly heard: string[] = [];
  /** The tools that a search for samocode found; empty in a client that has all tools loaded. */
  found: readonly string[] = [];
  readonly #options: ParentOptions;
  readonly #bodies: string;

  /** @param bodies An empty folder. */
  constructor(bodies: string, options: ParentOptions) {
    this.#bodies = bodies;
    this.#options = options;
  }

  /** Starts its scripted model. */
  async start(fakeModel: string): Promise<FakeModel> {
    const rules = [{ name: "parent", when: { prompt: PROMPT }, play: () => this.#play() }];
    return await startFakeModel(fakeModel, { strict: true, rules }, { bodies: this.#bodies });
  }

  /** The characters of all calls and answers as the model wrote and got them, by four. */
  get tokens(): number {
    const said = this.calls.map(({ tool, input }) => tool + JSON.stringify(input));
    return Math.ceil([...said, ...this.heard].reduce((sum, { length }) => sum + length, 0) / 4);
  }

  /** The same without the words of the client's own around the answers. */
  get ownTokens(): number {
    const frames = this.heard.reduce((sum, heard) => sum + heard.length - statusIn(heard).length, 0);
    return this.tokens - Math.floor(frames / 4);
  }

  #play(): object {
    const { tools, isFirst, found, heard } = readRequest(this.#newestRequest());
    if (isFirst && tools.includes("ToolSearch")) {
      return { tools: [{ name: "ToolSearch", input: { query: "samocode", max_results: 5 } }] };
    }
    if (this.calls.length === 0) {
      this.found = found.map((name) => name.replace("mcp__samocode__", ""));
      return this.#call("start_session", this.#options.start);
    }
    this.heard.push(heard);
    const said = statusIn(heard);
    if (/timed out/.test(heard)) return this.#call("wait_session", { session: this.#options.start.session });
    if (said === "") return { text: "I will be told." };
    const { session, next, plan } = JSON.parse(said);
    switch (next?.tool) {
      case undefined:
        return { text: REPORT };
      case "answer_qa":
        return this.#call("answer_qa", { session, answers: this.#options.answers });
      case "approve_plan":
        return this.#call("approve_plan", { session, decision: "approve", plan: plan.label, sha256: plan.sha256 });
      default:
        return this.#call(next.tool, next.arguments);
    }
  }

  #call(tool: string, input: ParentCall["input"]): object {
    this.calls.push({ tool, input });
    return { tools: [{ name: `mcp__samocode__${tool}`, input }] };
  }

  #newestRequest(): Request {
    const name = [...Deno.readDirSync(this.#bodies)].map((entry) => entry.name).sort().at(-1) ?? "";
    return JSON.parse(Deno.readTextFileSync(join(this.#bodies, name))).body;
  }
}

/** A request of either API, with what is read of it. */
interface Request {
  readonly tools?: readonly { readonly name?: string }[];
  readonly messages?: readonly Item[];
  readonly input?: readonly Item[];
}

interface Item {
  readonly type?: string;
  readonly role?: string;
  readonly content?: string | readonly Item[];
  readonly output?: string | readonly Item[];
  readonly text?: string;
  readonly tool_name?: string;
}

/** What has come since the model spoke last. */
function readRequest({ tools = [], messages, input = [] }: Request): {
  readonly tools: readonly string[];
  readonly isFirst: boolean;
  readonly found: readonly string[];
  readonly heard: string;
} {
  const items = messages ?? input;
  const spoken = items.findLastIndex(({ role, type = "" }) => role === "assistant" || /_call$/.test(type));
  const latest = items.slice(spoken + 1).flatMap((item) => typeof item.content === "object" ? item.content : [item]);
  const results = latest.filter(({ type = "" }) => /_result$|_output$/.test(type));
  const notices = latest.filter(({ text = "" }) => text.includes("<task-notification>"));
  return {
    tools: tools.map(({ name = "" }) => name),
    isFirst: spoken < 0,
    found: results.flatMap(({ content }) =>
      typeof content === "object" ? content.flatMap((part) => part.tool_name ?? []) : []
    ),
    heard: [...results, ...notices].map(textOf).join(""),
  };
}

function textOf({ text, content, output }: Item): string {
  const inside = text ?? output ?? content ?? "";
  return typeof inside === "string" ? inside : inside.map(textOf).join("");
}

/** The status in an answer, without the client's frame. */
function statusIn(heard: string): string {
  return /\{"session":"[^\n]*\}/.exec(heard)?.[0] ?? "";
}
