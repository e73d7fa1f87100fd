/**
 * Reads the forges from disk. Every task that asks a forge or a CI server starts here.
 *
 * @module
 */
import type { Environment, Files } from "../io/io.ts";
import { expandHome } from "./expand_home.ts";
import { type CiKind, type ForgeKind, forgesSchema } from "./forges_schema.ts";
import { musterHome } from "./locate.ts";
import { readConfig } from "./read_config.ts";

/** Where a token comes from; from neither where both are left out. */
export interface TokenSource {
  /** The variable that holds it. */
  readonly tokenEnv?: string;
  /** The program that prints it, and its arguments. */
  readonly tokenCommand?: readonly string[];
}

/** A CI server. */
export interface CiEntry extends TokenSource {
  readonly name?: string;
  readonly kind: CiKind;
  readonly url: string;
}

/** A forge. */
export interface ForgeEntry extends TokenSource {
  /** The host that remotes name, in lower case, with a port where it is not the usual one. */
  readonly host: string;
  readonly kind: ForgeKind;
  /** Where its pages are, without a slash at the end. */
  readonly url: string;
  readonly login?: string;
  readonly owners: readonly string[];
  /** The path of its authority's certificates. */
  readonly ca?: string;
  readonly heldLabels: readonly string[];
  readonly ci?: CiEntry;
}

/** The path of `forges.toml`. */
export function forgesPath(env: Environment): string {
  return `${musterHome(env)}/forges.toml`;
}

/**
 * The forges that `$MUSTER_HOME/forges.toml` names; none where there is no such file.
 *
 * @throws {MusterError} of code `config` for a file that is wrong.
 *
 * @example
 * ```ts
 * import { readForges } from "./read_forges.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const text = '[[forge]]\nhost = "Git.example.org"\nkind = "gitea"\nurl = "https://git.example.org/"\n';
 * const io = {
 *   files: { read: () => Promise.resolve(new TextEncoder().encode(text)) },
 *   env: { get: (name: string) => name === "HOME" ? "/home/ada" : undefined },
 * };
 * const [forge] = await readForges(io);
 * assertEquals([forge?.host, forge?.url, forge?.heldLabels], ["git.example.org", "https://git.example.org", ["blocked"]]);
 * ```
 */
export async function readForges(
  io: { readonly files: Pick<Files, "read">; readonly env: Environment },
): Promise<readonly ForgeEntry[]> {
  const file = await readConfig(io, { file: forgesPath(io.env), schema: forgesSchema });
  return (file?.forge ?? []).map(({ ci, ...forge }) => ({
    host: forge.host.toLowerCase(),
    kind: forge.kind,
    url: withoutSlash(forge.url),
    owners: forge.owners,
    heldLabels: forge.held_labels,
    ...(forge.login === undefined ? {} : { login: forge.login }),
    ...(forge.ca === undefined ? {} : { ca: expandHome(forge.ca, io.env) }),
    ...tokenSource(forge, io.env),
    ...(ci === undefined ? {} : {
      ci: {
        ...(ci.name === undefined ? {} : { name: ci.name }),
        kind: ci.kind,
        url: withoutSlash(ci.url),
        ...tokenSource(ci, io.env),
      },
    }),
  }));
}

function tokenSource(
  { token_env, token_command }: { readonly token_env?: string; readonly token_command?: readonly string[] },
  env: Environment,
): TokenSource {
  if (token_env !== undefined) return { tokenEnv: token_env };
  if (token_command === undefined) return {};
  const [program = "", ...args] = token_command;
  return { tokenCommand: [program.startsWith("~/") ? expandHome(program, env) : program, ...args] };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
