/**
 * Digests: what stands in a fingerprint for a value. Parts are framed by their lengths, so that no two lists of parts give
 * the same text.
 *
 * @module
 */

const encoder = new TextEncoder();

/**
 * One text for several, each behind its length: `["ab", "c"]` and `["a", "bc"]` stay apart.
 *
 * @example
 * ```ts
 * import { frame } from "./digest.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(frame(["ab", "c"]), "2:ab1:c");
 * assertEquals(frame(["a", "bc"]), "1:a2:bc");
 * ```
 */
export function frame(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join("");
}

/**
 * The SHA-256 of a text's UTF-8 bytes, in hex.
 *
 * @example
 * ```ts
 * import { digestText } from "./digest.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals((await digestText("")).slice(0, 12), "e3b0c44298fc");
 * ```
 */
export async function digestText(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))).toHex();
}

/**
 * A keyed digest (HMAC-SHA-256) of a secret, in hex: it says whether a secret changed, and nobody without the key can try
 * guesses against it.
 *
 * @example
 * ```ts
 * import { digestSecret } from "./digest.ts";
 * import { assertEquals, assertNotEquals } from "../deps/assert.ts";
 *
 * const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
 * assertEquals(await digestSecret(one, "hunter2"), await digestSecret(one, "hunter2"));
 * assertNotEquals(await digestSecret(one, "hunter2"), await digestSecret(other, "hunter2"));
 * ```
 */
export async function digestSecret(key: Uint8Array<ArrayBuffer>, secret: string): Promise<string> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(secret))).toHex();
}
