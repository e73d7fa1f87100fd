/**
 * A model provider on loopback for the real agent programs: Anthropic's messages, OpenAI's responses and OpenAI's chat
 * completions, each as a stream. What it was sent is the truth that a send's receipt is held against.
 *
 * @module
 */

/** How the provider answers a message. */
export interface Answer {
  /** What it says. */
  readonly text: string;
  /** How long it thinks before that; `Infinity` for one that never answers. @default {0} */
  readonly delayMs?: number;
  /** A tool that it calls instead, with the tool's input; asked for once, then answered by text. */
  readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
}

/** What a program asked of the provider. */
export interface Received {
  /** The texts of the person's in the conversation that came after the model's last words. */
  readonly fresh: readonly string[];
  /** All that the person said in the conversation, in order. */
  readonly conversation: readonly string[];
  /** Where the request went. */
  readonly path: string;
}

/** A provider that runs. */
export interface Provider extends AsyncDisposable {
  /** Its address, without a path. */
  readonly url: string;
  /** The requests for an answer, in order. */
  readonly log: readonly Received[];
  /** What the person said in the longest conversation that a request was about, in order. */
  readonly conversation: readonly string[];
  /** Requests that it has no answer for: a path that no test knows of. */
  readonly strange: readonly string[];
  /** How it answers from now on. */
  answer: (received: Received) => Answer;
}

/** Starts one. */
export function startProvider(): Provider {
  const log: Received[] = [];
  const strange: string[] = [];
  const ended = new AbortController();
  const provider: Pick<Provider, "answer"> & { conversation: readonly string[] } = {
    answer: () => ({ text: "Done." }),
    conversation: [],
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname.replace(/^\/v1/, "");
    if (request.method === "GET" && path === "/models") return Response.json({ object: "list", data: [], models: [] });
    if (request.method === "HEAD" || request.method === "GET" && path === "/") return new Response(null);
    const form = forms[path];
    if (request.method !== "POST" || !form) {
      strange.push(`${request.method} ${pathname}`);
      return new Response("not found", { status: 404 });
    }
    const body = await request.json();
    if (path === "/messages/count_tokens") return Response.json({ input_tokens: 10 });
    const { fresh, said } = readConversation(form.items(body));
    const received = { fresh, conversation: said, path };
    log.push(received);
    if (said.length >= provider.conversation.length) provider.conversation = said;
    const hasResult = form.hasToolResult(body);
    const answer = provider.answer(received);
    return new Response(stream(form, hasResult ? { ...answer, tool: undefined } : answer, ended.signal, body), {
      headers: { "content-type": "text/event-stream" },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    log,
    strange,
    get conversation() {
      return provider.conversation;
    },
    get answer() {
      return provider.answer;
    },
    set answer(answer) {
      provider.answer = answer;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await server.shutdown();
    },
  };
}

/** One entry of a conversation: who said it, and its text. */
interface Item {
  readonly role: string;
  readonly texts: readonly string[];
}

/** One of the three interfaces. */
interface Form {
  items(body: Json): Item[];
  hasToolResult(body: Json): boolean;
  begin(body: Json): string[];
  end(answer: Answer): string[];
}

// deno-lint-ignore no-explicit-any -- what programs send is looked at, not typed
type Json = any;

function readConversation(items: readonly Item[]): { readonly fresh: string[]; readonly said: string[] } {
  const last = items.findLastIndex(({ role }) => role === "assistant");
  const texts = (some: readonly Item[]) => some.flatMap(({ role, texts }) => role === "user" ? texts : []);
  return { fresh: texts(items.slice(last + 1)), said: texts(items) };
}

async function* events(form: Form, answer: Answer, signal: AbortSignal, body: Json): AsyncGenerator<string> {
  yield* form.begin(body);
  const { delayMs = 0 } = answer;
  if (delayMs > 0) {
    await new Promise<void>((resolve) => {
      const timer = delayMs === Infinity ? undefined : setTimeout(resolve, delayMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
  if (!signal.aborted) yield* form.end(answer);
}

function stream(form: Form, answer: Answer, signal: AbortSignal, body: Json): ReadableStream<Uint8Array> {
  return ReadableStream.from(events(form, answer, signal, body)).pipeThrough(new TextEncoderStream());
}

function event(name: string | undefined, data: unknown): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${text}\n\n`;
}

/** An event of which the data says what it is, too. */
function typed(type: string, data: Readonly<Record<string, unknown>>): string {
  return event(type, { type, ...data });
}

function textsOf(content: Json, types: readonly string[]): string[] {
  if (typeof content === "string") return [content];
  return (content ?? []).filter((part: Json) => types.includes(part.type)).map((part: Json) => part.text);
}

const messages: Form = {
  items: ({ messages = [] }) =>
    messages.map(({ role, content }: Json) => ({ role, texts: textsOf(content, ["text"]) })),
  hasToolResult: ({ messages = [] }) =>
    Array.isArray(messages.at(-1)?.content) &&
    messages.at(-1).content.some((part: Json) => part.type === "tool_result"),
  begin: ({ model }) => [
    typed("message_start", {
      message: {
        id: `msg_${crypto.randomUUID()}`,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    }),
  ],
  end: ({ text, tool }) => [
    typed("content_block_start", {
      index: 0,
      content_block: tool
        ? { type: "tool_use", id: `toolu_${crypto.randomUUID().slice(0, 8)}`, name: tool.name, input: {} }
        : { type: "text", text: "" },
    }),
    typed("content_block_delta", {
      index: 0,
      delta: tool
        ? { type: "input_json_delta", partial_json: JSON.stringify(tool.input) }
        : { type: "text_delta", text },
    }),
    typed("content_block_stop", { index: 0 }),
    typed("message_delta", {
      delta: { stop_reason: tool ? "tool_use" : "end_turn", stop_sequence: null },
      usage: { output_tokens: 5 },
    }),
    typed("message_stop", {}),
  ],
};

const responses: Form = {
  items: ({ input = [] }) =>
    (typeof input === "string" ? [{ role: "user", content: input }] : input)
      .map(({ type, role, content }: Json) => ({
        role: role ?? (type === "function_call" ? "assistant" : type ?? ""),
        texts: textsOf(content, ["input_text"]),
      })),
  hasToolResult: ({ input = [] }) => /_output$/.test(input.at?.(-1)?.type ?? ""),
  begin: () => [typed("response.created", { response: { id: `resp_${crypto.randomUUID()}` } })],
  end: ({ text, tool }) => {
    const item = tool
      ? {
        type: "function_call",
        id: `fc_${crypto.randomUUID()}`,
        call_id: `call_${crypto.randomUUID().slice(0, 8)}`,
        name: tool.name,
        arguments: JSON.stringify(tool.input),
      }
      : {
        type: "message",
        role: "assistant",
        id: `msg_${crypto.randomUUID()}`,
        content: [{ type: "output_text", text, annotations: [] }],
      };
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    };
    return [
      typed("response.output_item.done", { output_index: 0, item }),
      typed("response.completed", { response: { id: `resp_${crypto.randomUUID()}`, output: [item], usage } }),
    ];
  },
};

const completions: Form = {
  items: ({ messages = [] }) =>
    messages.map(({ role, content }: Json) => ({ role, texts: textsOf(content, ["text"]) })),
  hasToolResult: ({ messages = [] }) => messages.at(-1)?.role === "tool",
  begin: ({ model }) => [chunk(model, { role: "assistant", content: "" })],
  end: ({ text, tool }) => [
    chunk(
      "test",
      tool
        ? {
          tool_calls: [{
            index: 0,
            id: `call_${crypto.randomUUID().slice(0, 8)}`,
            type: "function",
            function: { name: tool.name, arguments: JSON.stringify(tool.input) },
          }],
        }
        : { content: text },
    ),
    chunk("test", {}, tool ? "tool_calls" : "stop"),
    event(undefined, "[DONE]"),
  ],
};

function chunk(model: string, delta: unknown, finish: string | null = null): string {
  return event(undefined, {
    id: "chatcmpl-test",
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...(finish ? { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } } : {}),
  });
}

const forms: Readonly<Record<string, Form>> = {
  "/messages": messages,
  "/messages/count_tokens": messages,
  "/responses": responses,
  "/chat/completions": completions,
};
