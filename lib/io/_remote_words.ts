/** How requests are written for the loop in `_remote_loop.sh`: a line of printable characters, whatever the words hold. */

const encoder = new TextEncoder();

/** Between the fields of a request. */
const separator = "\x1f";

/** A request to run a program. */
export function runRequest(
  slot: number,
  program: string,
  args: readonly string[],
  stdin: string | Uint8Array | undefined,
): string {
  const words = [program, ...args].map(encodeWord);
  const line = ["r", slot, stdin === undefined ? 0 : 1, ...words].join(separator);
  return stdin === undefined ? `${line}\n` : `${line}\n${octal(stdin)}\n`;
}

/** A request without words. */
export function plainRequest(kind: "k" | "t", slot: number): string {
  return `${kind}${separator}${slot}\n`;
}

/** A word as the loop takes it: as it is behind `p`, or its bytes for `printf %b` behind `e`. */
function encodeWord(word: string): string {
  if (word.includes("\0")) throw new TypeError("Cannot pass a NUL in an argument");
  return /^[\t\x20-\x5b\x5d-\x7e]*$/.test(word) ? `p${word}` : `e${octal(word)}`;
}

/** What `printf %b` turns back into the bytes. */
export function octal(text: string | Uint8Array): string {
  if (typeof text === "string" && /^[\t\x20-\x5b\x5d-\x7e]*$/.test(text)) return text;
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const parts: string[] = [];
  for (const byte of bytes) parts.push(codes[byte] as string);
  return parts.join("");
}

const codes = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x0a) return "\\n";
  const isPlain = byte === 0x09 || byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`;
});
