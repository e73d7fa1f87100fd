/**
 * The key of secrets' digests.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Files } from "../io/io.ts";

const length = 32;

/**
 * The key in a file of muster's state, which is made, mode 0600, when it is first asked for. Whoever has the key and a
 * digest can try guesses; whoever has the digest alone cannot.
 *
 * @param path Such as `$MUSTER_STATE/secret.key`.
 * @throws {MusterError} of code `failed` for a file that is no such key.
 */
export async function secretKey(
  files: Pick<Files, "read" | "write">,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  for (const last of [false, true]) {
    const found = await files.read(path);
    if (found?.length === length) return new Uint8Array(found);
    if (found !== undefined || last) break;
    try {
      await files.write(path, crypto.getRandomValues(new Uint8Array(length)), { mode: 0o600, exclusive: true });
    } catch (error) {
      // Another process made it first.
      if (!(error instanceof MusterError) || error.code !== "held") throw error;
    }
  }
  throw new MusterError("failed", `not a key of ${length} bytes: ${path}`, {
    hint: "remove it: what depends on secrets then counts as changed once",
  });
}
