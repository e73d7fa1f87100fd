/** Reads a stream whole: standard input, or what stands for it in a test. */
import { MusterError } from "./error.ts";

/** All bytes of the stream. Whatever ends the reading early lets go of the stream, and does not wait for more of it. */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const reader = stream.getReader();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), aborted.promise]);
      if (done) return joined(chunks, size);
      size += value.length;
      if (size > maxBytes) {
        throw new MusterError("usage", `standard input is too long: more than ${maxBytes} bytes`);
      }
      chunks.push(value);
    }
  } catch (error) {
    // A read that waits for a terminal keeps a cancellation waiting, so nobody waits for that.
    reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
