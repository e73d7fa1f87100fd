/**
 * A real agent program in a pane: a world of its own, the program from npm, a home for it, and a model provider on
 * loopback.
 *
 * @module
 */

import { stringifyToml } from "../../lib/deps/toml.ts";
import { localHost, realIo, withEnvironment } from "../../lib/io/mod.ts";
import { type PaneView, TmuxServer, viewPane } from "../../lib/tmux/mod.ts";
import { World } from "../_world.ts";
import { installProgram } from "./install.ts";
import type { Program } from "./programs.ts";
import { type Provider, startProvider } from "./provider.ts";

/** Options of {@linkcode Stage.start}. */
export interface StageOptions {
  readonly session?: string;
  readonly width?: number;
  readonly height?: number;
  /** Arguments beside the program's own. */
  readonly args?: readonly string[];
  /** Variables beside the program's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of its home in place of the program's own; one that is `undefined` is left out. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Whether its directory is a git repository. @default {false} */
  readonly inRepository?: boolean;
}

/** A world with a provider, in which a program runs. */
export class Stage implements AsyncDisposable {
  readonly world: World;
  readonly provider: Provider;
  readonly program: Program;
  readonly server: TmuxServer;
  readonly #command: string;

  private constructor(world: World, provider: Provider, program: Program, command: string) {
    this.world = world;
    this.provider = provider;
    this.program = program;
    this.#command = command;
    this.server = new TmuxServer(localHost(withEnvironment(realIo, world.env)), "muster");
  }

  /** Installs the program, unless it is there, and opens a world for it. */
  static async open(program: Program): Promise<Stage> {
    const command = await installProgram(program);
    return new Stage(await World.create(), startProvider(), program, command);
  }

  /** Starts the program in a session of its own. */
  async start(options: StageOptions = {}): Promise<string> {
    const { session = "a", width = 100, height = 30 } = options;
    const { program, world, provider } = this;
    await this.#furnish(options);
    const env = { ...program.env(provider.url), ...options.env };
    const size = ["-x", String(width), "-y", String(height)];
    const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), this.#command, ...program.args];
    await world.tmux([
      ...["new-session", "-d", "-s", session, ...size, "-c", world.cwd],
      ...["--", "env", ...words, ...options.args ?? []],
    ]);
    await world.tmux(["set-option", "-p", "-t", `=${session}:`, "remain-on-exit", "on"]);
    return session;
  }

  /** Writes a roster with agents that run the program, as their runtime starts it. */
  async roster(
    names: readonly string[],
    keys: Readonly<Record<string, unknown>> = {},
    options: Pick<StageOptions, "files" | "inRepository"> = {},
  ): Promise<void> {
    const { program, world, provider } = this;
    await this.#furnish(options);
    await world.roster(stringifyToml({
      version: 1,
      defaults: { runtime: program.kind, working_directory: world.cwd, env: program.env(provider.url) },
      runtimes: {
        [program.kind]: { kind: program.kind, command: [this.#command], args: program.rosterArgs ?? program.args },
      },
      agents: names.map((name) => ({ name, ...keys })),
    }));
  }

  /** Makes the program's home and its directory what it is to find. */
  async #furnish({ files, inRepository }: Pick<StageOptions, "files" | "inRepository">): Promise<void> {
    const { program, provider, world: { cwd, home } } = this;
    if (inRepository) await this.world.run("git", ["init", "-q", cwd]);
    for (const [path, text] of Object.entries({ ...program.files(provider.url, cwd), ...files })) {
      if (text === undefined) continue;
      const file = `${home}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
  }

  /** What a session shows now. */
  async view(session = "a"): Promise<PaneView> {
    const view = await viewPane(this.server, { session });
    if (!view) throw new Error(`There is no session ${session}`);
    return view;
  }

  /** Pastes text as a terminal does. */
  async paste(text: string, session = "a"): Promise<void> {
    await this.world.tmux(["load-buffer", "-b", "stage", "-"], { stdin: text });
    await this.world.tmux(["paste-buffer", "-dpr", "-b", "stage", "-t", `=${session}:`]);
  }

  /** Presses keys, in tmux's words. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.world.tmux(["send-keys", "-t", "=a:", ...keys]);
  }

  /** Waits until a row of the screen matches. */
  async shows(pattern: RegExp, session = "a"): Promise<PaneView> {
    return await this.world.eventually(`the screen to show ${pattern}`, async () => {
      const view = await this.view(session);
      return view.rows.some((row) => pattern.test(row)) ? view : undefined;
    });
  }

  /** Waits until the screen has been the same for a while, as far as a spinner lets it. */
  async settled(session = "a", forMs = 600): Promise<PaneView> {
    let last = "";
    let since = 0;
    return await this.world.eventually("the screen to settle", async () => {
      const view = await this.view(session);
      const now = JSON.stringify([view.rows.join("\n").replace(/[^\p{L}\n]/gu, ""), view.pane.cursor]);
      if (now !== last) [last, since] = [now, performance.now()];
      return performance.now() - since >= forMs ? view : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.world[Symbol.asyncDispose]();
    } finally {
      await this.provider[Symbol.asyncDispose]();
    }
  }
}
