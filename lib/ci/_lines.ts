/** The lines of logs, in bounded memory. */

import { MusterError, NetworkError } from "../io/mod.ts";

/** The longest line that is kept; what is longer is cut, and says so. */
const maxLine = 64 * 1024;

/** Text in pieces as lines, as a terminal without colours would show them; the last one may have no end. */
export async function* splitLines(pieces: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = "";
  let cut = false;
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", from)) {
      yield ended(cut ? rest : rest + piece.slice(from, at), cut);
      rest = "";
      cut = false;
      from = at + 1;
    }
    if (cut) continue;
    rest += piece.slice(from);
    if (rest.length > maxLine) {
      rest = rest.slice(0, maxLine);
      cut = true;
    }
  }
  if (rest !== "") yield ended(rest, cut);
}

function ended(line: string, cut: boolean): string {
  const isCut = cut || line.length > maxLine;
  const shown = shownLine(isCut ? line.slice(0, maxLine).toWellFormed() : line);
  return isCut ? `${shown}…` : shown;
}

/** Sequences that begin with ESC: of colours, cursor and erasing (CSI), of titles and links (OSC). */
// deno-lint-ignore no-control-regex -- these are what is taken out
const sequences = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;

/** A line without colours; of one that was written over, as progress is and GitLab's marks of sections are, the last. */
function shownLine(line: string): string {
  const plain = line.includes("\x1b") ? line.replace(sequences, "") : line;
  const whole = plain.endsWith("\r") ? plain.replace(/\r+$/, "") : plain;
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

/** Bytes in pieces as text; bytes that are no UTF-8 become `U+FFFD`, as logs hold anything. */
export async function* decodeText(body: ReadableStream<Uint8Array>, where: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  try {
    for await (const piece of body) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new NetworkError("cut", `log was cut short: ${where}`, { cause: error });
  }
}

/** The longest item of a JSON array that is read. */
const maxItem = 4 * 1024 * 1024;

/**
 * The items of a JSON array as they come, each as its text: an array of any length is read in the memory of one item.
 *
 * @throws {MusterError} of code `failed` for what is no array of objects.
 */
export async function* jsonItems(pieces: AsyncIterable<string>, where: string): AsyncGenerator<string, void> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let item = "";
  let started = false;
  for await (const piece of pieces) {
    let from = depth > 1 ? 0 : -1;
    let slash = -1;
    let quote = -1;
    for (let at = 0; at < piece.length; at++) {
      if (inString) {
        if (escaped) {
          escaped = false;
          continue;
        }
        // Most of a log is what stands in strings, without an escape.
        if (slash < at) slash = indexOrEnd(piece, "\\", at);
        if (quote < at) quote = indexOrEnd(piece, '"', at);
        escaped = slash < quote;
        inString = escaped || quote === piece.length;
        at = Math.min(slash, quote);
        continue;
      }
      const code = piece.charCodeAt(at);
      if (code === 0x22) inString = true;
      else if (code === 0x7b || code === 0x5b) {
        if (!started && code === 0x7b) throw notArray(where);
        started = true;
        if (++depth === 2) from = at;
      } else if (code === 0x7d || code === 0x5d) {
        if (--depth === 1) {
          yield item + piece.slice(from, at + 1);
          item = "";
          from = -1;
        }
      } else if (!started && code > 0x20) {
        if (piece.slice(at, at + 4) === "null") return; // Go's empty list
        throw notArray(where);
      }
    }
    if (from >= 0) item += piece.slice(from);
    if (item.length > maxItem) throw new MusterError("failed", `log line is too long: ${where}`);
  }
  if (depth !== 0) throw new NetworkError("cut", `log was cut short: ${where}`);
}

function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
}

function notArray(where: string): MusterError {
  return new MusterError("failed", `not a log: ${where}: expected an array of lines`);
}

/** The last of many lines. */
export async function lastLines(lines: AsyncIterable<string>, count: number): Promise<string[]> {
  let kept: string[] = [];
  for await (const line of lines) {
    kept.push(line);
    if (kept.length >= 2 * count + 64) kept = kept.slice(-count);
  }
  return count === 0 ? [] : kept.slice(-count);
}
