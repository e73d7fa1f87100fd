/** Reads the body of an answer whole. */
import { MusterError, type NetworkAnswer, NetworkError } from "../io/mod.ts";

/** The text of a body, of at most so many bytes. One that ends early is a `NetworkError`; `undefined` where it is none. */
export async function readBody(answer: NetworkAnswer, where: string, maxBytes: number): Promise<string | undefined> {
  if (answer.body === null) return undefined;
  const reader = answer.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      size += value.length;
      if (size > maxBytes) throw new MusterError("failed", `answer is too long: ${where}: more than ${maxBytes} bytes`);
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    if (error instanceof TypeError && error.message.includes("encoded data was not valid")) {
      throw new MusterError("failed", `answer is not UTF-8: ${where}`, { cause: error });
    }
    // deno 2.9.6: "error reading a body from connection".
    if (error instanceof TypeError) {
      throw new NetworkError("cut", `answer was cut short: ${where}`, {
        hint: "it may be down, or behind something that is",
        cause: error,
      });
    }
    throw error;
  }
}
