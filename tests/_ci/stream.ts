/** A Woodpecker whose pipelines a test changes by hand, and its stream of events. @module */

import { VendorServer } from "../_vendor/server.ts";
import { type State, woodpeckerPipeline } from "./life.ts";

/** A Woodpecker on loopback, and what is open to it. */
export class LiveWoodpecker implements AsyncDisposable {
  readonly server = VendorServer.open("woodpecker");
  /** What there is now. */
  states: State[] = [];
  /** The logs of steps, by their ids. */
  readonly logs = new Map<number, readonly string[]>();
  /** How many streams were opened. */
  streamsOpened = 0;
  /** Whether a stream is kept from sending anything, as a proxy that buffers does. */
  isBuffering = false;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #encoder = new TextEncoder();

  constructor() {
    const found = (number: string | undefined) => this.states.find((one) => String(one.number) === number);
    this.server
      .on("GET", "/repos/lookup/{repo_full_name}", () => ({ body: { id: 7, full_name: "ada/tool" } }))
      .on("GET", "/repos/{repo_id}/pipelines", ({ query }) => {
        const rows = this.states.map((one) => woodpeckerPipeline(one, true));
        return { body: rows.slice(0, Number(query.get("perPage") ?? 50)) };
      })
      .on("GET", "/repos/{repo_id}/pipelines/{pipeline_number}", ({ params }) => {
        const one = found(params.pipeline_number);
        return one ? { body: woodpeckerPipeline(one) } : new Response("no", { status: 404 });
      })
      .on("POST", "/repos/{repo_id}/pipelines", () => {
        const started = { number: 1 + Math.max(0, ...this.states.map(({ number }) => number)), status: "pending" };
        this.states.unshift(started);
        return { body: woodpeckerPipeline(started) };
      })
      .on("GET", "/repos/{repo_id}/logs/{pipeline_number}/{step_id}", ({ params }) => {
        const lines = this.logs.get(Number(params.step_id)) ?? [];
        // Woodpecker writes bytes in base64, as Go does; its description says that they are numbers.
        return Response.json(lines.map((line, at) => ({ id: at, line: at, data: btoa(line), type: 0 })));
      })
      .on("GET", "/stream/events", () => {
        this.streamsOpened++;
        let mine: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            mine = controller;
            this.#streams.add(controller);
            if (!this.isBuffering) controller.enqueue(this.#encoder.encode(": ping\n\n"));
          },
          cancel: () => void this.#streams.delete(mine),
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      });
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Sends an event, true or not. */
  send(state: State): void {
    if (this.isBuffering) return;
    const frame = `data: ${JSON.stringify({ repo: { id: 7 }, pipeline: woodpeckerPipeline(state) })}\n\n`;
    for (const stream of this.#streams) stream.enqueue(this.#encoder.encode(frame));
  }

  /** Sends what is no event. */
  sendRaw(text: string): void {
    for (const stream of this.#streams) stream.enqueue(this.#encoder.encode(text));
  }

  /** Cuts every stream. */
  cut(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  /** Requests for pipelines, lists and lookups; opening a stream is none. */
  get reads(): number {
    return this.server.calls.filter(({ template }) => template !== "/stream/events").length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.server[Symbol.asyncDispose]();
  }
}
