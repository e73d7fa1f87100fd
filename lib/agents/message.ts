import { byteLength, MusterError, visible } from "../io/mod.ts";

/** The longest message, in bytes. */
export const maxMessageBytes = 1024 * 1024;

/** Tab and newline are text; every other control character would end the paste or act as a key. */
// deno-lint-ignore no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Options of {@linkcode checkMessage}. */
export interface CheckMessageOptions {
  /** Show control characters instead of refusing them: `ESC` as `\u001b`, a CRLF as a newline. @default {false} */
  readonly sanitize?: boolean;
}

/**
 * A message as it may be typed into a pane.
 *
 * @throws {MusterError} of code `usage` when it is empty, longer than 1 MiB, no UTF-8, or holds control characters.
 *
 * @example
 * ```ts
 * import { checkMessage } from "./message.ts";
 *
 * if (checkMessage("hi;\n\tthere") !== "hi;\n\tthere") throw new Error("unreachable");
 * if (checkMessage("a\u001b[201~", { sanitize: true }) !== "a\\u001b[201~") throw new Error("unreachable");
 * ```
 */
export function checkMessage(message: string | Uint8Array, options: CheckMessageOptions = {}): string {
  const text = typeof message === "string" ? message : decode(message);
  if (text.trim() === "") {
    throw new MusterError("usage", text === "" ? "empty message" : "message of white space alone", {
      hint: "give it with -m, with -f FILE, or on standard input",
    });
  }
  const bytes = byteLength(text);
  if (bytes > maxMessageBytes) {
    throw new MusterError("usage", `message too long: ${bytes} bytes`, {
      hint: `at most ${maxMessageBytes} bytes (1 MiB): put it in a file and send its path`,
    });
  }
  if (!text.isWellFormed()) throw new MusterError("usage", "message is no valid Unicode: a lone surrogate");
  if (options.sanitize) return text.replaceAll("\r\n", "\n").replace(new RegExp(controls, "g"), (one) => visible(one));
  const found = controls.exec(text)?.[0];
  if (found !== undefined) {
    throw new MusterError("usage", `message holds a control character: U+${hex(found)} (${name(found)})`, {
      hint: "it would act as a key: take it out, or show it with --sanitize",
    });
  }
  return text;
}

/** How many characters of a message `sanitize` would show as text, a CRLF as one of them. */
export function countControls(message: string | Uint8Array): number {
  const text = typeof message === "string" ? message : new TextDecoder().decode(message);
  return text.match(new RegExp(`\r\n|${controls.source}`, "g"))?.length ?? 0;
}

/** The length of a text's longest line, in bytes. */
export function longestLine(text: string): number {
  return text.split("\n").reduce((most, line) => Math.max(most, byteLength(line)), 0);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new MusterError("usage", "message is not UTF-8", { hint: "convert it with iconv -t UTF-8", cause: error });
  }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}

function name(character: string): string {
  const names: Readonly<Record<string, string>> = { "\x1b": "ESC", "\r": "CR", "\0": "NUL", "\x03": "Ctrl-C" };
  return names[character] ??
    (character >= "\x7f" ? "DEL or C1" : `Ctrl-${String.fromCharCode(character.charCodeAt(0) + 64)}`);
}
