import type { z } from "../deps/zod.ts";
import type { Example, Task } from "./define.ts";
import type { FlagRow } from "./flag_row.ts";

/** A task as the generated index knows it: enough for help, parsing and completion without loading the task. */
export interface TaskRow {
  /** Noun and verb. */
  readonly command: string;
  readonly aliases: readonly string[];
  readonly tier: "read" | "write";
  readonly summary: string;
  readonly description?: string;
  readonly flags: readonly FlagRow[];
  readonly examples: readonly Example[];
  /** The exact `--allow-*` words. */
  readonly permissions: readonly string[];
  readonly optional: readonly { readonly permissions: readonly string[]; readonly buys: string }[];
}

/** A task of any input and output. */
// deno-lint-ignore no-explicit-any -- a task consumes its own output, so no narrower type holds them all
export type AnyTask = Task<z.ZodObject, any>;

/** A task, and where it is. */
export interface PlacedTask extends TaskRow {
  /** Its module, below muster's own directory. */
  readonly path: string;
  /** What it is called there. */
  readonly symbol: string;
}

/** A row of the index and the way to load its task. */
export interface IndexedTask extends TaskRow {
  readonly load: () => Promise<AnyTask>;
}
