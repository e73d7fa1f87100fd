/** The kinds of value that a project file holds, each with its own words for what it takes. */
import { showValue } from "../config/show_value.ts";
import { z } from "../deps/zod.ts";

/** A schema's own words: `expected <what>, got <value>`. */
function expected(what: string) {
  return { error: (issue: { readonly input?: unknown }) => `expected ${what}, got ${showValue(issue.input)}` };
}

/** A name that can stand in a file name and a container's name as it is. */
export const nameValue = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
  expected('1 to 63 letters, digits, "_", "." or "-", first a letter or digit'),
);

/** A pack: its file is `<name>.sh`, and `_lib.sh` is none. */
export const packValue = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
  expected('1 to 63 letters, digits, "_" or "-", first a letter or digit'),
);

/** An ssh destination that ssh cannot take for a flag. */
export const destinationValue = z.string().regex(
  /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_:[][A-Za-z0-9_.:%\]-]*$/,
  expected("a host or user@host, as for ssh"),
);

/** A path in the project, or one that means the same wherever muster is called. */
export const pathValue = z.string().regex(/^(?!-)\P{Cc}+$/u, expected("a path"));

/** A path on the machine. */
export const machinePathValue = z.string().regex(/^\/(?:(?!:)\P{Cc})*$/u, expected('an absolute path without ":"'));

/** A word of a command line. */
export const wordValue = z.string().regex(/^[^\0]*$/, expected("text without NUL"));

/** An image, by the name that podman or docker know it by. */
export const imageValue = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, expected("the name of an image"));

/** The name of a variable. */
export const variableValue = z.string().regex(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  expected('letters, digits and "_", not first a digit'),
);

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** How long something may take, `30s`, `20m` or `1h`, in milliseconds. */
export const durationValue = z.string().regex(
  /^[0-9]{1,6}(?:\.[0-9]{1,3})?(?:ms|s|m|h)$/,
  expected("a duration such as 10m"),
).transform((text) => {
  const [, count = "", unit = "s"] = /^([0-9.]+)([a-z]+)$/.exec(text) ?? [];
  return Math.min(Number(count) * units[unit as keyof typeof units], 2 ** 31 - 1);
});
