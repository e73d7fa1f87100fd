/** How a run goes on, on standard error: a line for each step, and one that changes while it runs. */
import { formatDuration, type Job } from "../../lib/task/mod.ts";
import type { Io } from "../../lib/io/io.ts";
import { visible } from "../../lib/io/visible.ts";
import type { RunEvent } from "../../lib/provision/events.ts";

/** How often the changing line changes, in milliseconds. */
const tickMs = 200;

/** Tells how a run goes on. Disposing of it stops the changing line. */
export class Progress implements Disposable {
  readonly #io: Pick<Io, "clock" | "terminal">;
  readonly #job: Pick<Job<unknown>, "say" | "live">;
  readonly #verbose: boolean;
  readonly #over = new AbortController();
  #running: { readonly step: string; readonly started: number; readonly usually: string } | undefined;
  #partial = "";

  /** With `verbose`, what steps print is told as it comes. */
  constructor(io: Pick<Io, "clock" | "terminal">, job: Pick<Job<unknown>, "say" | "live">, verbose: boolean) {
    this.#io = io;
    this.#job = job;
    this.#verbose = verbose;
    void this.#tick();
  }

  /** Takes what happens. */
  readonly take = (event: RunEvent): void => {
    switch (event.kind) {
      case "note":
        return this.#job.say(visible(event.text));
      case "action":
        return this.#job.say(event.action.replaceAll("_", " "));
      case "begin": {
        const usually = event.usualMs === undefined ? "" : `, usually ${formatDuration(event.usualMs)}`;
        this.#running = { step: event.step, started: this.#io.clock.elapsed(), usually };
        this.#partial = "";
        if (this.#verbose) this.#job.say(`${event.step} (${event.reason}${usually})`);
        return this.#show();
      }
      case "output":
        return this.#output(event.text);
      case "end": {
        this.#flush();
        this.#running = undefined;
        const { step, result, elapsedMs, reason, tail, log } = event;
        const mark = result === "ok" || result === "unneeded" ? "✓" : "✗";
        const why = reason === undefined ? "" : `  ${visible(reason)}`;
        const how = result === "unneeded" ? "nothing to do" : `${result}  ${formatDuration(elapsedMs)}${why}`;
        this.#job.say(`${mark} ${step}  ${how}`);
        if (result !== "failed" && result !== "interrupted") return;
        if (!this.#verbose) { for (const line of tail) this.#line(line); }
        if (log !== undefined) this.#job.say(`  log: ${visible(log)}`);
      }
    }
  };

  /** Stops the changing line. */
  [Symbol.dispose](): void {
    this.#running = undefined;
    this.#job.live("");
    this.#over.abort();
  }

  #output(text: string): void {
    if (!this.#verbose) return;
    const lines = (this.#partial + text).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
    this.#show();
  }

  #flush(): void {
    if (this.#partial !== "") this.#line(this.#partial);
    this.#partial = "";
  }

  #line(line: string): void {
    this.#job.say(`  │ ${visible(line.replace(/\r$/, ""), { keep: "\t" })}`);
  }

  #show(): void {
    if (!this.#running) return;
    const { step, started, usually } = this.#running;
    const seconds = Math.floor((this.#io.clock.elapsed() - started) / 1000);
    this.#job.live(`… ${step}  ${seconds}s${usually}`);
  }

  async #tick(): Promise<void> {
    if (!this.#io.terminal.isTerminal.err) return;
    const { signal } = this.#over;
    while (!signal.aborted) {
      this.#show();
      await this.#io.clock.delay(tickMs, signal).catch(() => {});
    }
  }
}
