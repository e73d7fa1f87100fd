/** A project in a world of its own, whose steps write down that they ran. */
import { World } from "./_world.ts";
import type { Ended, MusterOptions } from "./_world.ts";

/** The JSON of `provision up`. */
export interface Up {
  readonly action: string;
  readonly provisioned: string | null;
  readonly isCurrent: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly result: string;
    readonly reason?: string;
    readonly log?: string;
  }[];
}

/** The JSON of `provision drift`. */
export interface DriftOutput {
  readonly provisioned: string | null;
  readonly current: string;
  readonly drifted: boolean;
  readonly changes: readonly {
    readonly step: string;
    readonly input: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly reruns: readonly string[];
}

/** A project; see the module. */
export class ProjectWorld implements AsyncDisposable {
  private constructor(readonly world: World, readonly env: Readonly<Record<string, string>>) {}

  /** Makes one with these files, in the working directory, where muster is called, with these variables beside the world's. */
  static async create(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ProjectWorld> {
    const world = await World.create();
    const project = new ProjectWorld(world, { ...world.env, ...env });
    for (const [name, text] of Object.entries(files)) await project.write(name, text);
    return project;
  }

  /** The project's directory. */
  get root(): string {
    return this.world.cwd;
  }

  /** `$MUSTER_STATE`, where nothing says otherwise. */
  get state(): string {
    return `${this.world.home}/.local/state/muster`;
  }

  /** Writes a file of the project. */
  async write(name: string, text: string): Promise<void> {
    const path = `${this.root}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }

  /** What steps wrote down since the last time that somebody asked. */
  async ran(): Promise<string[]> {
    const path = `${this.root}/ran`;
    try {
      const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
      await Deno.remove(path);
      return lines;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /** Runs a verb of provisioning. */
  async provision(args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    return await this.world.muster(["provision", ...args], this.#with(options));
  }

  /** `provision up --json`. */
  async up(args: readonly string[] = [], options: MusterOptions = {}): Promise<Ended & { readonly document: Up }> {
    return await this.world.json<Up>(["provision", "up", ...args], this.#with(options));
  }

  /** `provision drift --json`. */
  async drift(options: MusterOptions = {}): Promise<DriftOutput> {
    return (await this.world.json<DriftOutput>(["provision", "drift"], this.#with(options))).document;
  }

  #with(options: MusterOptions): MusterOptions {
    return { ...options, env: { ...this.env, ...options.env } };
  }

  /** The directory of the machine's state. */
  async machineState(): Promise<string> {
    const names = Array.from(Deno.readDirSync(`${this.state}/provision`), ({ name }) => name);
    if (names.length !== 1) throw new Error(`Expected one machine, got ${names.join(", ")}`);
    return await Promise.resolve(`${this.state}/provision/${names[0]}`);
  }

  /** Ends the world. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

/** A step that writes down its name. */
export function noted(name: string): string {
  return `echo ${name} >>ran\n`;
}

/** Two packs and three hooks, each of which writes down its name. */
export const fiveSteps: Readonly<Record<string, string>> = {
  "muster.toml": `[packs]
enabled = ["node", "deno"]

[hooks]
post_create = { run = "scripts/create.sh", inputs = ["Brewfile"] }
post_start = "scripts/start.sh"
post_attach = "scripts/attach.sh"
`,
  "packs/node.sh": noted("node"),
  "packs/deno.sh": noted("deno"),
  "scripts/create.sh": noted("post_create"),
  "scripts/start.sh": noted("post_start"),
  "scripts/attach.sh": noted("post_attach"),
  "Brewfile": "brew 'jq'\n",
};
