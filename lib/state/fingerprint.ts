/**
 * Fingerprints: the digest of declared inputs, kept per input, so that drift can say which one changed.
 *
 * @module
 */
import { digestText, frame } from "./digest.ts";

/**
 * Inputs by name, each with what stands for it: `missing`, `file:<mode>:<sha256>`, `value:<sha256>` and so on. Two inputs
 * are the same when these texts are.
 */
export type Inputs = Readonly<Record<string, string>>;

/** One digest for all inputs, and each input's own. */
export interface Fingerprint {
  /** The SHA-256 over the framed names and digests, in the order of the names. */
  readonly digest: string;
  /** The inputs. */
  readonly inputs: Inputs;
}

/** An input that is not as it was. */
export interface InputChange {
  /** The input's name. */
  readonly input: string;
  /** What stood for it; `null` where it was no input. */
  readonly before: string | null;
  /** What stands for it now; `null` where it is none any more. */
  readonly after: string | null;
}

/**
 * The fingerprint of inputs, whatever order they are given in. What depends on an order has it in a value, framed.
 *
 * @example
 * ```ts
 * import { fingerprint } from "./fingerprint.ts";
 * import { assertEquals, assertNotEquals } from "../deps/assert.ts";
 *
 * const one = await fingerprint({ a: "value:1", b: "missing" });
 * assertEquals((await fingerprint({ b: "missing", a: "value:1" })).digest, one.digest);
 * assertNotEquals((await fingerprint({ a: "value:1" })).digest, one.digest);
 * ```
 */
export async function fingerprint(inputs: Inputs): Promise<Fingerprint> {
  const names = Object.keys(inputs).sort();
  return { digest: await digestText(frame(names.flatMap((name) => [name, inputs[name] ?? ""]))), inputs };
}

/**
 * The inputs that differ, by name; all of them where there was no fingerprint.
 *
 * @example
 * ```ts
 * import { changedInputs } from "./fingerprint.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(changedInputs({ a: "value:1", b: "value:2" }, { b: "value:3", c: "missing" }), [
 *   { input: "a", before: "value:1", after: null },
 *   { input: "b", before: "value:2", after: "value:3" },
 *   { input: "c", before: null, after: "missing" },
 * ]);
 * ```
 */
export function changedInputs(before: Inputs, after: Inputs): InputChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const of = (inputs: Inputs, name: string) => Object.hasOwn(inputs, name) ? inputs[name] ?? null : null;
  return names
    .map((input) => ({ input, before: of(before, input), after: of(after, input) }))
    .filter((change) => change.before !== change.after);
}
