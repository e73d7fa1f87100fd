/**
 * Looks at processes of a host by sh that are asked for at once: what comes while a look is under way goes together in the
 * next, as one call however many ask.
 *
 * @module
 */

import type { Host } from "../io/mod.ts";
import { readBySh } from "./_processes_by_sh.ts";
import type { FoundProcesses, ProcessRoot } from "./process.ts";

/** Roots that wait for their turn, or for their answer. */
interface Asked {
  readonly roots: readonly ProcessRoot[];
  readonly answer: (found: FoundProcesses) => void;
  readonly fail: (error: unknown) => void;
}

/** The looks of one host, with or without open files. */
class Looks {
  readonly #host: Host;
  readonly #withFiles: boolean;
  #waiting: Asked[] = [];
  #underWay?: { readonly asked: Set<Asked>; readonly stop: AbortController };

  constructor(host: Host, withFiles: boolean) {
    this.#host = host;
    this.#withFiles = withFiles;
  }

  /** Looks at roots, with others' where a look is under way. */
  async ask(roots: readonly ProcessRoot[], signal?: AbortSignal): Promise<FoundProcesses> {
    signal?.throwIfAborted();
    const { promise, resolve: answer, reject: fail } = Promise.withResolvers<FoundProcesses>();
    const asked: Asked = { roots, answer, fail };
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((one) => one !== asked);
      const { asked: others, stop } = this.#underWay ?? {};
      if (others?.delete(asked) && others.size === 0) stop?.abort(signal?.reason);
      fail(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.push(asked);
    if (!this.#underWay) this.#serve();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async #serve(): Promise<void> {
    while (this.#waiting.length > 0) {
      const asked = new Set(this.#waiting);
      const stop = new AbortController();
      this.#waiting = [];
      this.#underWay = { asked, stop };
      try {
        const roots = [...new Set([...asked].flatMap((one) => one.roots))];
        const found = await readBySh(this.#host, roots, this.#withFiles, stop.signal);
        for (const { answer } of asked) answer(found);
      } catch (error) {
        for (const { fail } of asked) fail(error);
      }
      this.#underWay = undefined;
    }
  }
}

const looks = new WeakMap<Host, Readonly<Record<"with" | "without", Looks>>>();

/** Looks by sh at the processes below roots of a host, as {@linkcode readBySh} does. */
export async function lookTogether(
  host: Host,
  roots: readonly ProcessRoot[],
  withFiles: boolean,
  signal?: AbortSignal,
): Promise<FoundProcesses> {
  let own = looks.get(host);
  if (!own) looks.set(host, own = { with: new Looks(host, true), without: new Looks(host, false) });
  return await own[withFiles ? "with" : "without"].ask(roots, signal);
}
