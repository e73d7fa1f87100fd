/** Texts that a person writes: by flag, file, standard input, or in an editor. @module */

import { type Io, MusterError } from "../lib/io/mod.ts";
import { flag, z } from "../lib/task/mod.ts";

/** The most bytes of a text: what every forge takes. */
const maxBytes = 1024 * 1024;

/** The flags of a text. */
export function bodyFields(what: string) {
  return {
    message: flag(z.string().describe(`${what}; -F FILE, standard input or an editor without it`).optional(), {
      short: "m",
      placeholder: "TEXT",
    }),
    file: flag(z.string().describe("A file that holds it; - for standard input").optional(), {
      short: "F",
      placeholder: "FILE",
    }),
  };
}

/** Opens the person's editor on a file of its own, and prints what was left in it. */
const editorScript = `d=$(mktemp -d) || exit 6
trap 'rm -rf "$d"' EXIT
\${VISUAL:-\${EDITOR:-vi}} "$d/text.md" </dev/tty >/dev/tty 2>&1 || exit 7
cat "$d/text.md" 2>/dev/null || :`;

/**
 * The text that the flags give: `-m`, else the file, else standard input, else what is written in an editor.
 *
 * @throws {MusterError} of code `usage` for two texts, one that is no UTF-8, and an editor that is left without a text.
 */
export async function readText(
  { message, file }: { readonly message?: string; readonly file?: string },
  io: Io,
  signal: AbortSignal,
): Promise<string> {
  if (message !== undefined && file !== undefined) {
    throw new MusterError("usage", "two texts: --message and --file", { hint: "give one of them" });
  }
  if (message !== undefined) return message;
  if (file !== undefined && file !== "-") {
    const bytes = await io.files.read(file);
    if (bytes === undefined) throw new MusterError("usage", `no such file: ${file || '""'}`);
    if (bytes.length > maxBytes) {
      throw new MusterError("usage", `file is too long: ${file}: more than ${maxBytes} bytes`);
    }
    return decode(bytes);
  }
  if (file === "-" || !io.terminal.isTerminal.in) return decode(await io.terminal.readInput(maxBytes, signal));
  const { code, stdout } = await io.process.run("sh", ["-c", editorScript], { signal });
  if (code !== 0) {
    throw new MusterError("usage", "the editor did not end well", { hint: "give the text with -m or -F" });
  }
  if (stdout.trim() === "") {
    throw new MusterError("usage", "no text was written", { hint: 'give an empty one with -m ""' });
  }
  return stdout;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MusterError("usage", "the text is not UTF-8", { cause });
  }
}
