/** Reads the body of an answer whole. */
import { MusterError, type NetworkAnswer, NetworkError } from "../io/mod.ts";

/** The text of a body, of at most so many bytes. One that ends early is a `NetworkError`; `undefined` where it is none. */
export async function readBody(answer: NetworkAnswer, where: string, maxBytes: number): Promise<string | undefined> {
  if (answer.body === null) return undefined;
  const reader = answer.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > maxBytes) throw new MusterError("failed", `answer is too long: ${where}: more than ${maxBytes} bytes`);
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    // deno 2.9.6: "error reading a body from connection".
    if (!(error instanceof TypeError)) throw error;
    throw new NetworkError("cut", `answer was cut short: ${where}`, {
      hint: "it may be down, or behind something that is",
      cause: error,
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(joined(chunks, size));
  } catch (cause) {
    throw new MusterError("failed", `answer is not UTF-8: ${where}`, { cause });
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
