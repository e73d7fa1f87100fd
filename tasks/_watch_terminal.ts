/** `muster fleet watch` on a terminal: looks, draws, and does what the keys say. @module */

import { checkMessage } from "../lib/agents/mod.ts";
import {
  findAgent,
  type FleetWatch,
  type ResolvedAgent,
  type Roster,
  type Transport,
  transportOf,
  type WatchedAgent,
} from "../lib/fleet/mod.ts";
import { type Hosts, type Io, MusterError, visible } from "../lib/io/mod.ts";
import { styleFor } from "../lib/task/mod.ts";
import { attachPane } from "../lib/tmux/mod.ts";
import { openHosts } from "./_hosts.ts";
import { keyLine, WatchScreen } from "./_watch_screen.ts";

/** Options of {@linkcode watchOnTerminal}. */
export interface WatchTerminalOptions {
  /** The time between two looks, in milliseconds. */
  readonly intervalMs: number;
  /** When to stop, on the clock that never jumps. */
  readonly end: number;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** Watches until the person quits, the end, or the signal, which throws its reason. */
export async function watchOnTerminal(
  io: Io,
  roster: Roster,
  watch: FleetWatch,
  options: WatchTerminalOptions,
): Promise<void> {
  await using hosts = openHosts(io);
  using screen = new WatchScreen(io, styleFor({ color: !io.terminal.noColor }));
  await new WatchLoop(io, hosts, roster, watch, screen, options).run();
}

/** What wakes the loop. */
type Event = { readonly what: "tick" | "resize" | "done" } | {
  readonly what: "keys";
  readonly keys: string | undefined;
};

class WatchLoop {
  readonly #io: Io;
  readonly #hosts: Hosts;
  readonly #roster: Roster;
  readonly #transport: Transport;
  readonly #watch: FleetWatch;
  readonly #screen: WatchScreen;
  readonly #options: WatchTerminalOptions;
  #agents: readonly WatchedAgent[] = [];
  #selected = 0;
  /** Who is tailed. */
  #tailed?: string;
  #below: readonly string[] = [];
  /** What is being typed, and for what. */
  #typing?: { readonly what: "send" | "reset"; readonly name: string; text: string };
  #said = keyLine;
  #job?: Promise<void>;
  #isOver = false;
  /** When to look next, on the clock that never jumps: at once when a job has ended. */
  #tickAt = 0;
  #wake: (event: Event) => void = () => {};

  constructor(
    io: Io,
    hosts: Hosts,
    roster: Roster,
    watch: FleetWatch,
    screen: WatchScreen,
    options: WatchTerminalOptions,
  ) {
    this.#io = io;
    this.#hosts = hosts;
    this.#roster = roster;
    this.#transport = transportOf(io, hosts, roster);
    this.#watch = watch;
    this.#screen = screen;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { clock, terminal } = this.#io;
    const { intervalMs, end, signal } = this.#options;
    using _resizes = terminal.onResize(() => this.#wake({ what: "resize" }));
    // One read at a time, and none while another program has the terminal: it would lose its first key.
    let keys: Promise<Event> | undefined;
    while (!this.#isOver && clock.elapsed() < end) {
      if (clock.elapsed() >= this.#tickAt) {
        this.#tickAt = clock.elapsed() + intervalMs;
        await this.#look();
      }
      this.#draw();
      keys ??= terminal.readKeys().then((read) => ({ what: "keys", keys: read }));
      const timer = new AbortController();
      const tick = clock.delay(
        Math.max(0, Math.min(this.#tickAt, end) - clock.elapsed()),
        AbortSignal.any([timer.signal, signal]),
      ).then((): Event => ({ what: "tick" }), (): Event => ({ what: "done" }));
      const resized = new Promise<Event>((resolve) => this.#wake = resolve);
      const event = await Promise.race([keys, tick, resized]);
      timer.abort();
      signal.throwIfAborted();
      if (event.what !== "keys") continue;
      keys = undefined;
      if (event.keys === undefined) return;
      await this.#press(event.keys);
    }
  }

  async #look(): Promise<void> {
    const { signal } = this.#options;
    this.#agents = await this.#watch.look(signal);
    this.#selected = Math.min(this.#selected, Math.max(0, this.#agents.length - 1));
    if (this.#tailed !== undefined) this.#below = await this.#tail(this.#tailed);
  }

  async #tail(name: string): Promise<readonly string[]> {
    const { signal } = this.#options;
    try {
      return await this.#transport.tail(this.#agent(name), 100, { signal });
    } catch (error) {
      if (!(error instanceof MusterError) || signal.aborted) throw error;
      return [error.message];
    }
  }

  #draw(): void {
    const typed = this.#typing;
    const footer = typed === undefined
      ? this.#said
      : typed.what === "send"
      ? `to ${typed.name}: ${typed.text}▏ (Enter sends, Esc does not)`
      : `reset ${typed.name}? y resets it, any other key does not`;
    this.#screen.draw({ agents: this.#agents, selected: this.#selected, below: this.#below, footer });
  }

  async #press(keys: string): Promise<void> {
    // A terminal sends an arrow, and what stands around a paste, as several characters; a fast person several keys at once.
    // deno-lint-ignore no-control-regex -- what a terminal sends
    for (const [key] of keys.matchAll(/\x1b\[(?:[AB]|20[01]~)|[^]/gu)) {
      if (this.#typing) this.#type(key, this.#typing);
      else await this.#command(key);
    }
  }

  async #command(key: string): Promise<void> {
    const name = this.#agents[this.#selected]?.name;
    if (key === "q" || key === "\x03" || key === "\x04") this.#isOver = true;
    else if (key === "\x1b[A" || key === "k") this.#selected = Math.max(0, this.#selected - 1);
    else if (key === "\x1b[B" || key === "j") this.#selected = Math.min(this.#agents.length - 1, this.#selected + 1);
    else if (name === undefined) return;
    else if (key === "s") this.#typing = { what: "send", name, text: "" };
    else if (key === "r") this.#typing = { what: "reset", name, text: "" };
    else if (key === "a") await this.#attach(name);
    else if (key === "t" || key === "\x1b") {
      this.#tailed = key === "\x1b" || this.#tailed === name ? undefined : name;
      this.#below = this.#tailed === undefined ? [] : await this.#tail(this.#tailed);
    }
  }

  #type(key: string, typed: { readonly what: "send" | "reset"; readonly name: string; text: string }): void {
    const { name, text } = typed;
    if (typed.what === "reset") {
      this.#typing = undefined;
      if (key === "y") this.#begin(`resetting ${name} …`, () => this.#reset(name));
    } else if (key === "\x1b" || key === "\x03") this.#typing = undefined;
    else if (key === "\x7f" || key === "\b") typed.text = Array.from(text).slice(0, -1).join("");
    else if (key === "\r" || key === "\n") {
      this.#typing = undefined;
      if (text.trim() !== "") this.#begin(`sending to ${name} …`, () => this.#send(name, text));
    } else if (key >= " " && key.length <= 2) typed.text += key;
  }

  /** Does a job beside the watching, one at a time, and says what came of it. */
  #begin(what: string, job: () => Promise<string>): void {
    if (this.#job) {
      this.#said = "busy with the last key: wait until it is done";
      return;
    }
    this.#said = what;
    this.#job = job().catch((error) => {
      if (!(error instanceof MusterError)) throw error;
      return error.message;
    }).then((said) => {
      this.#said = visible(said);
      this.#job = undefined;
      this.#tickAt = 0;
      this.#wake({ what: "done" });
    });
  }

  #agent(name: string): ResolvedAgent {
    return this.#roster.agents.find((agent) => agent.name === name) as ResolvedAgent;
  }

  async #send(name: string, text: string): Promise<string> {
    const { signal } = this.#options;
    const [receipt] = await this.#transport.send([this.#agent(name)], checkMessage(text), { signal });
    return `${name}: ${receipt?.outcome}${receipt?.reason ? `: ${receipt.reason}` : ""}`;
  }

  async #reset(name: string): Promise<string> {
    const { signal } = this.#options;
    const report = await this.#transport.reset(this.#agent(name), { signal });
    return `${name}: ${report.outcome}${report.reason ? `: ${report.reason}` : ""}`;
  }

  async #attach(name: string): Promise<void> {
    const { signal } = this.#options;
    const { agent, server, target } = await findAgent(this.#hosts, this.#roster, name, signal);
    if (!target || agent.host !== undefined) {
      this.#said = target ? `${name} is on another host` : `${name} is not running`;
      return;
    }
    this.#screen.leave();
    try {
      await attachPane(this.#io, server, target, { signal });
    } finally {
      this.#screen.enter();
    }
  }
}
