/**
 * Keeps secrets out of what is shown and stored.
 *
 * @module
 */

/** What stands for a secret. */
const mask = "***";

/** Replaces secrets in a stream of text, also where one comes in two pieces. */
export class Masker {
  readonly #pattern: RegExp | undefined;
  readonly #longest: number;
  #held = "";

  /** Masks these, and each line of one that has several. */
  constructor(secrets: readonly string[]) {
    const texts = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).filter((text) => text.trim() !== "");
    // The longest first, so that no rest of a longer one stays.
    const sorted = [...new Set(texts)].sort((a, b) => b.length - a.length);
    this.#longest = sorted[0]?.length ?? 0;
    this.#pattern = sorted.length > 0
      ? new RegExp(sorted.map((text) => RegExp.escape(text)).join("|"), "g")
      : undefined;
  }

  /** The text that can be shown by now; the last of it may be the beginning of a secret, and is held back. */
  push(text: string): string {
    if (!this.#pattern) return text;
    const all = this.#held + text;
    // What could still be the beginning of a secret when more comes.
    let keep = Math.max(0, all.length - this.#longest + 1);
    const out: string[] = [];
    let at = 0;
    for (const { index, 0: found } of all.matchAll(this.#pattern)) {
      // A shorter secret at the end may be the beginning of a longer one.
      if (index >= keep) break;
      out.push(all.slice(at, index), mask);
      at = index + found.length;
    }
    keep = Math.max(keep, at);
    out.push(all.slice(at, keep));
    this.#held = all.slice(keep);
    return out.join("");
  }

  /** What was held back. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return this.#pattern ? rest.replace(this.#pattern, mask) : rest;
  }
}
