/**
 * A demo agent in a pane of a world, without a fleet: the session `a` of the world's server.
 *
 * @module
 */

import { localHost, realIo, withEnvironment } from "../lib/io/mod.ts";
import { TmuxServer } from "../lib/tmux/mod.ts";
import { type Ended, root, World } from "./_world.ts";

const program = new URL("fixtures/agents/demo.ts", root).pathname;

/** What the tests read of a receipt. */
export interface SeenReceipt {
  readonly outcome: string;
  readonly evidence: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly proofMs?: number;
  readonly transcript?: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly repeated?: true;
  readonly unfinished?: { readonly messageId: string; readonly outcome: string };
  readonly awaited?: { readonly event: string; readonly reached: boolean };
  readonly screen?: readonly string[];
}

/** A line of the demo agent's transcript. */
export interface Entry {
  readonly type: string;
  readonly text?: string;
}

/** See the module. */
export class DemoPane implements AsyncDisposable {
  private constructor(
    /** The world it is in. */
    readonly world: World,
    /** The file that the agent writes. */
    readonly transcript: string,
    /** The pane's id. */
    readonly paneId: string,
  ) {}

  /** Starts one with flags of the demo agent's, and waits until a row of its screen has a text. */
  static async start(flags: readonly string[], shows = "· ready"): Promise<DemoPane> {
    const world = await World.create();
    try {
      const transcript = `${world.cwd}/transcript.jsonl`;
      const agent = [Deno.execPath(), "run", "--quiet", "--no-config", `--allow-write=${transcript}`, program];
      const words = [...agent, "--transcript", transcript, ...flags];
      await world.tmux(["new-session", "-d", "-s", "a", "-x", "150", "-y", "50", ...words]);
      const paneId = (await world.tmux(["list-panes", "-t", "=a:", "-F", "#{pane_id}"])).trim();
      const pane = new DemoPane(world, transcript, paneId);
      await pane.shows(shows);
      return pane;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The world's tmux server, asked from this process. */
  get server(): TmuxServer {
    return new TmuxServer(localHost(withEnvironment(realIo, this.world.env)), "muster");
  }

  /** Sends by `tmux send`, as a process of its own. */
  async send(...words: readonly string[]): Promise<Ended & { readonly document: SeenReceipt }> {
    return await this.world.json<SeenReceipt>(["tmux", "send", "-t", "a", "--runtime", "demo", ...words]);
  }

  /** Waits until a row of the screen has a text. */
  async shows(text: string): Promise<void> {
    await this.world.eventually(`the screen to show ${text}`, async () => {
      return (await this.world.screen("=a:")).some((row) => row.includes(text)) || undefined;
    });
  }

  /** Presses keys, as a person does. */
  async keys(...keys: readonly string[]): Promise<void> {
    await this.world.tmux(["send-keys", "-t", "=a:", ...keys]);
  }

  /** Ends what the agent takes time for: its start, its work, its wait before a dialog. */
  async end(): Promise<void> {
    Deno.kill(Number(await this.world.tmux(["display-message", "-p", "-t", this.paneId, "#{pane_pid}"])), "SIGUSR2");
  }

  /** Ends what holds its drawing, and waits until a row has a text. */
  async drawn(text: string): Promise<void> {
    await this.world.eventually(`the screen to show ${text}`, async () => {
      await this.end();
      return (await this.world.screen("=a:")).some((row) => row.includes(text)) || undefined;
    });
  }

  /** Waits until the transcript has so many lines of a type. */
  async recorded(type: string, count: number): Promise<void> {
    await this.world.eventually(`${count} times ${type} in the transcript`, async () => {
      return (await this.entries()).filter((entry) => entry.type === type).length >= count || undefined;
    });
  }

  /** All of the transcript that is whole. */
  async entries(): Promise<Entry[]> {
    const lines = (await Deno.readTextFile(this.transcript)).split("\n").slice(0, -1);
    return lines.map((line): Entry => JSON.parse(line));
  }

  /** The messages that the agent took so far. */
  async taken(): Promise<string[]> {
    return (await this.entries()).filter(({ type }) => type === "user").map(({ text }) => text ?? "");
  }

  /** Everything that happened to it, without its own answers. */
  async events(): Promise<string[]> {
    return (await this.entries()).map(({ type }) => type).filter((type) => type !== "session" && type !== "assistant");
  }

  /** What sends left in the server: tickets, marks and buffers. */
  async traces(): Promise<string> {
    const left = ["display-message", "-p", "-t", this.paneId, "#{@muster_queue}#{@muster_message}"];
    return `${(await this.world.tmux(left)).trim()}${await this.world.tmux(["list-buffers"])}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
