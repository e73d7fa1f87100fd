/**
 * Where a forge's token comes from: `token_env` or `token_command` of its entry, else a login that `tea`, `gh` or `glab`
 * keeps for that host.
 *
 * @module
 */

import { homeDirectory } from "../config/_home_directory.ts";
import { type ForgeEntry, forgesPath } from "../config/read_forges.ts";
import { quoted } from "../config/quoted.ts";
import { z } from "../deps/zod.ts";
import { checkToken, type HttpToken, readToken } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";

/** A token, and the login that it is of where that is known. */
export interface ForgeToken {
  /** The token, in the header that its forge wants. */
  readonly token: HttpToken;
  /** The login. */
  readonly login?: string;
}

/** A login that another program keeps. */
interface KeptLogin {
  readonly name: string;
  readonly token?: string;
  /** Whether a browser gave the token, which GitLab takes in another header. */
  readonly isOauth?: boolean;
  readonly isDefault: boolean;
}

/**
 * The token for a forge.
 *
 * @throws {MusterError} of code `config` where there is none, and of any code that `readToken` throws.
 */
export async function forgeToken(io: Io, forge: ForgeEntry, signal?: AbortSignal): Promise<ForgeToken> {
  const { login, host } = forge;
  const own = await readToken(io, forge, host, { signal });
  if (own !== undefined) return { token: inHeader(forge, own), ...(login === undefined ? {} : { login }) };
  const public_ = await publicToken(io, forge);
  if (public_ !== undefined) return { token: inHeader(forge, public_) };
  const { program, logins } = await keptLogins(io, forge);
  const found = login === undefined
    ? logins.find(({ isDefault }) => isDefault) ?? logins[0]
    : logins.find(({ name }) => name === login);
  if (found) {
    const secret = found.token ?? await fromGh(io, forge, found.name, signal);
    if (secret) {
      const token = inHeader(forge, checkToken(secret, `login of ${program}`), found.isOauth);
      return { token, ...(found.name === "" ? {} : { login: found.name }) };
    }
  }
  const named = login === undefined ? "" : ` of the login ${quoted(login)}`;
  throw new MusterError("config", `no token${named} for ${host}`, {
    hint: `set token_env or token_command of its [[forge]] in ${forgesPath(io.env)}, or log in with ${program}`,
  });
}

function inHeader({ kind }: ForgeEntry, secret: string, isOauth = false): HttpToken {
  switch (kind) {
    case "gitlab":
      if (isOauth) return { header: "Authorization", prefix: "Bearer ", secret };
      return { header: "PRIVATE-TOKEN", secret };
    case "github":
      return { header: "Authorization", prefix: "Bearer ", secret };
    default:
      return { header: "Authorization", prefix: "token ", secret };
  }
}

/** The variables that gh and glab themselves take for the two public hosts, and no other. */
async function publicToken(io: Io, { host, login }: ForgeEntry): Promise<string | undefined> {
  if (login !== undefined) return undefined;
  const names = { "github.com": ["GH_TOKEN", "GITHUB_TOKEN"], "gitlab.com": ["GITLAB_TOKEN"] }[host] ?? [];
  for (const tokenEnv of names) if (io.env.get(tokenEnv)) return await readToken(io, { tokenEnv }, host);
  return undefined;
}

/** The logins that the forge's own program keeps for a host. */
async function keptLogins(io: Io, forge: ForgeEntry): Promise<{ program: string; logins: readonly KeptLogin[] }> {
  const config = io.env.get("XDG_CONFIG_HOME") || `${homeDirectory(io.env)}/.config`;
  switch (forge.kind) {
    case "github":
      return { program: "gh", logins: ghLogins(await readYaml(io, `${config}/gh/hosts.yml`), forge) };
    case "gitlab":
      return { program: "glab", logins: glabLogins(await readYaml(io, `${config}/glab-cli/config.yml`), forge) };
    default:
      return { program: "tea", logins: teaLogins(await readYaml(io, `${config}/tea/config.yml`), forge) };
  }
}

const teaSchema = z.object({
  logins: z.array(z.object({
    name: z.string(),
    url: z.string(),
    token: z.string().nullish(),
    default: z.boolean().nullish(),
  })).nullish(),
});

function teaLogins(file: unknown, forge: ForgeEntry): KeptLogin[] {
  const logins = teaSchema.safeParse(file).data?.logins ?? [];
  // The token of one server is not for another that only has the same name.
  return logins.filter(({ url }) => URL.canParse(url) && isSameServer(url, forge.url))
    .map(({ name, token, ...one }) => ({ name, ...(token ? { token } : {}), isDefault: one.default ?? false }));
}

const ghSchema = z.record(
  z.string(),
  z.object({
    user: z.string().nullish(),
    oauth_token: z.string().nullish(),
    users: z.record(z.string(), z.object({ oauth_token: z.string().nullish() }).nullish()).nullish(),
  }),
);

// gh writes the login that is active beside the others, and their tokens too where there is no keyring.
function ghLogins(file: unknown, { host }: ForgeEntry): KeptLogin[] {
  const entry = ghSchema.safeParse(file).data?.[host];
  if (!entry) return [];
  const active = entry.user ?? "";
  const users = Object.entries(entry.users ?? { [active]: { oauth_token: entry.oauth_token } });
  return users.map(([name, user]) => {
    const token = user?.oauth_token ?? (name === active ? entry.oauth_token : undefined);
    return { name, ...(token ? { token } : {}), isDefault: name === active };
  });
}

const glabSchema = z.object({
  hosts: z.record(
    z.string(),
    z.object({
      token: z.coerce.string().nullish(),
      user: z.string().nullish(),
      api_host: z.string().nullish(),
      is_oauth2: z.union([z.string(), z.boolean()]).nullish(),
    }).nullish(),
  ).nullish(),
});

function glabLogins(file: unknown, { host }: ForgeEntry): KeptLogin[] {
  const entry = glabSchema.safeParse(file).data?.hosts?.[host];
  if (!entry?.token) return [];
  const isOauth = String(entry.is_oauth2) === "true";
  return [{ name: entry.user || host, token: entry.token, isOauth, isDefault: true }];
}

function isSameServer(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return a.origin === b.origin && a.pathname.replace(/\/+$/, "") === b.pathname.replace(/\/+$/, "");
}

/** gh keeps a token in the system's keyring where it can, and tells it on request. */
async function fromGh(
  io: Io,
  { kind, host }: ForgeEntry,
  user: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (kind !== "github") return undefined;
  const tokenCommand = ["gh", "auth", "token", "--hostname", host, ...(user === "" ? [] : ["--user", user])];
  return await readToken(io, { tokenCommand }, host, { signal });
}

/** A file of another program; nothing where there is none, or none that may be read. */
async function readYaml(io: Io, file: string): Promise<unknown> {
  try {
    const bytes = await io.files.read(file);
    const { parseYaml } = await import("../deps/yaml.ts"); // takes long to load, and is rarely wanted
    if (bytes === undefined) return undefined;
    // glab writes "token: !!null glpat-…", which YAML reads as nothing.
    const text = new TextDecoder().decode(bytes).replace(/^(\s*token:\s+)!!null\s+(?=\S)/gm, "$1");
    return parseYaml(text, { logLevel: "silent" });
  } catch (error) {
    // Without leave to read it there is no such login, and the hint says what else there is.
    if (error instanceof MusterError && error.code === "permission") return undefined;
    if (error instanceof MusterError) throw error;
    throw new MusterError("config", `broken YAML: ${file}`); // no cause: it may quote the file
  }
}
