/** The kinds of value that a roster holds, each with its own words for what it takes. */
import { showValue } from "../config/show_value.ts";
import { z } from "../deps/zod.ts";
import { sshDestination } from "../io/ssh_destination.ts";

/** A relative path would depend on the working directory, and on who reads it. */
const PROGRAM = /^(?:[^/~][^/]*|~?\/.+)$/s;

/** A schema's own words: `expected <what>, got <value>`. */
function expected(what: string) {
  return { error: (issue: { readonly input?: unknown }) => `expected ${what}, got ${showValue(issue.input)}` };
}

/** A name that can stand in a tmux target, a unit and a file name as it is. */
export const nameValue = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, expected('1 to 64 letters, digits, "_" or "-"'));

/** A tmux socket, by name: never a path, never taken for a flag. */
export const socketValue = z.string().regex(
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
  expected('1 to 64 letters, digits, "_", "." or "-", first no "." or "-"'),
);

/** An ssh destination that ssh cannot take for a flag. */
export const hostValue = z.string().regex(sshDestination, expected("a host or user@host, as for ssh"));

/** One line of text, which shows as it is written: no controls, line separators or changes of direction. */
export const lineValue = z.string().regex(
  /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+$/u,
  expected("one line of text without control characters"),
);

/** Text of several lines; what acts as a key (ESC and other controls) could not be sent. */
export const textValue = z.string().regex(/^[\t\n\P{Cc}]+$/u, expected("text without control characters"));

/** A path that means the same wherever muster is called. */
export const pathValue = z.string().regex(/^(?:\/|~\/|~$)/, expected("a path that begins with / or ~/"));

/** A memory limit as systemd writes it, with its unit. */
export const memoryValue = z.string().regex(
  /^[1-9][0-9]{0,8}[KMGT]$/,
  expected('a whole number and K, M, G or T, such as "512M"'),
);

/** A program and its arguments. The program is found in PATH or has an absolute path. */
export const argvValue = z.array(z.string()).min(1).superRefine(([program], context) => {
  if (program === undefined || PROGRAM.test(program)) return;
  const message = `expected the name of a program, or a path that begins with / or ~/, got ${showValue(program)}`;
  context.addIssue({ code: "custom", path: [0], message });
});

/** Arguments. */
export const argsValue = z.array(z.string());

/** Variables of the environment. */
export const envValue = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: 'expected letters, digits and "_", not first a digit, as the name of a variable',
  }),
  z.string(),
);

/** A JavaScript regular expression, read with the flags `m` and `u`. */
export const patternValue = z.string().min(1).superRefine((source, context) => {
  try {
    new RegExp(source, "mu");
  } catch (error) {
    // V8: "Invalid regular expression: /(/mu: Unterminated group"; the pattern may be long, the reason is last.
    const reason = error instanceof Error ? error.message.slice(error.message.lastIndexOf(": ") + 2) : "";
    context.addIssue({ code: "custom", message: `not a regular expression: ${reason}` });
  }
});
