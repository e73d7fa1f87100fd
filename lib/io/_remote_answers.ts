/** Reads the answers of the loop in `_remote_loop.sh`. */

const decoder = new TextDecoder();

/** One answer. */
export interface RemoteAnswer {
  /** Whom it is for. */
  readonly slot: number;
  /** What it answers. */
  readonly kind: string;
  /** The program's exit status, where it has run one. */
  readonly status: number;
  /** What it says. */
  readonly bytes: Uint8Array;
}

/** More than this before the first answer is no login's greeting. */
const maxGreeting = 64 * 1024;

/**
 * The answers that carry a mark, whole. What a login prints before the first one is passed over; after it, anything else is
 * no answer, and an error.
 */
export async function* readAnswers(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  mark: string,
): AsyncGenerator<RemoteAnswer> {
  let bytes = new Uint8Array();
  let isGreeting = true;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    bytes = joined(bytes, value);
    while (true) {
      if (isGreeting) {
        const start = find(bytes, mark);
        if (start < 0 && bytes.length > maxGreeting) {
          throw new TypeError("Cannot find an answer in what the host prints");
        }
        if (start < 0) break;
        bytes = bytes.subarray(start);
        isGreeting = false;
      }
      const end = bytes.indexOf(0x0a);
      if (end < 0) break;
      const head = decoder.decode(bytes.subarray(0, end)).split(" ");
      const [said, slot, kind = "", status, length] = head;
      if (said !== mark || head.length !== 5) throw new TypeError("Cannot read the host's answer");
      const last = end + 1 + Number(length);
      if (bytes.length < last + 1) break;
      yield { slot: Number(slot), kind, status: Number(status), bytes: bytes.slice(end + 1, last) };
      bytes = bytes.subarray(last + 1);
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Where a text of ASCII stands in bytes; -1 where it does not. */
function find(bytes: Uint8Array, text: string): number {
  const wanted = new TextEncoder().encode(text);
  for (let at = bytes.indexOf(wanted[0] as number); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1)) {
    if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}
