/**
 * Which repo is meant, and on which forge it is: by `-r`, by the checkout's `origin`, by `forges.toml`.
 *
 * @module
 */

import { didYouMean } from "../config/did_you_mean.ts";
import { quoted } from "../config/quoted.ts";
import { type ForgeEntry, forgesPath, readForges } from "../config/read_forges.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { parseRemote, type Remote } from "./remote.ts";
import { probeForge } from "./probe_forge.ts";

/** A repo on a forge. */
export interface RepoPlace {
  /** Its forge, as `forges.toml` has it, or as it was found to be. */
  readonly forge: ForgeEntry;
  /** Its name with its owner's: `owner/repo`; on GitLab `group/sub/project`. */
  readonly repo: string;
}

/** Options of {@linkcode findRepo}. */
export interface FindRepoOptions {
  /** `owner/repo`, or any spelling of a remote; by default the checkout's `origin`. */
  readonly repo?: string;
  /** Which login of the forge, where it has several. */
  readonly login?: string;
  /** The checkout; muster's own working directory by default. */
  readonly cwd?: string;
  /** How long an unknown host may take to say what it is, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * Finds the repo that a person means. `-r` wins over the checkout, whose `origin` says on which forge only where it names
 * that repo; without that it is the forge whose `owners` has the owner. A host that `forges.toml` does not have is asked
 * once what it is.
 *
 * @throws {MusterError} of code `usage` or `config` where that leaves no forge, or two.
 *
 * @example
 * ```ts
 * import { findRepo } from "./find_repo.ts";
 * import { fakeIo } from "../io/fake.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const forges = '[[forge]]\nhost = "git.example.org"\nkind = "gitea"\nurl = "https://git.example.org"\n';
 * const io = fakeIo({
 *   env: { HOME: "/home/ada" },
 *   files: { "/home/ada/.config/muster/forges.toml": forges },
 *   runs: [{ command: ["git", "remote", "get-url", "origin"], result: { stdout: "git@git.example.org:ada/tool.git\n" } }],
 * });
 * const { repo, forge } = await findRepo(io);
 * assertEquals([repo, forge.kind], ["ada/tool", "gitea"]);
 * ```
 */
export async function findRepo(io: Io, options: FindRepoOptions = {}): Promise<RepoPlace> {
  const { repo, login } = options;
  const entries = await readForges(io);
  const given = repo === undefined ? undefined : readName(repo);
  if (given !== undefined && !Array.isArray(given)) return await onHost(io, entries, given, options);
  const origin = await readOrigin(io, options, given !== undefined);
  if (given === undefined) {
    if (origin !== undefined) return await onHost(io, entries, origin, options);
    throw new MusterError("usage", "no repo: this is no checkout with a remote named origin on a forge", {
      hint: "name one with -r owner/repo",
    });
  }
  const name = given.join("/");
  if (origin !== undefined && endsWith(origin.path, given)) {
    const place = await onHost(io, entries, origin, options);
    if (isSame(place.repo, name)) return place;
  }
  const owner = given.slice(0, -1).join("/");
  const owning = entries.filter(({ owners }) => owners.some((one) => isSame(one, owner) || isBelow(owner, one)));
  const [forge] = byLogin(owning, login);
  if (forge === undefined) {
    const known = entries.flatMap(({ owners }) => owners);
    throw new MusterError("usage", `no forge for the owner ${quoted(owner)}`, {
      hint: entries.length === 0
        ? `name your forge in ${forgesPath(io.env)}: a [[forge]] with host, kind, url, owners and token_env`
        : didYouMean(owner, known) ?? `add it to the owners of its [[forge]] in ${forgesPath(io.env)}`,
    });
  }
  const others = owning.filter(({ host }) => host !== forge.host);
  if (others.length > 0) throw ambiguous(`the owner ${quoted(owner)}`, [forge, ...others]);
  return { forge, repo: name };
}

/** `owner/repo` in segments, or the remote that is spelled. */
function readName(text: string): string[] | Remote {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\/|^[^/]*:/.test(text)) {
    const remote = parseRemote(text);
    if (remote !== undefined && remote.path.length > 1) return remote;
  } else {
    const segments = text.split("/");
    const isName = (segment: string) => /^[^\s/\p{C}]+$/u.test(segment) && segment !== "." && segment !== "..";
    if (segments.length > 1 && segments.every(isName)) return segments;
  }
  throw new MusterError("usage", `not a repo: ${quoted(text.replace(/\/\/[^/]*@/, "//***@"))}`, {
    hint: "write it as owner/repo",
  });
}

/** The remote `origin` of the checkout; `undefined` where there is no checkout, no such remote, or none on a forge. */
async function readOrigin(
  io: Io,
  { cwd, signal }: FindRepoOptions,
  canGoWithout: boolean,
): Promise<Remote | undefined> {
  try {
    const { code, stdout, stderr } = await io.process.run("git", ["remote", "get-url", "origin"], { cwd, signal });
    if (code === 0) {
      const remote = parseRemote(stdout.replace(/\n$/, ""));
      return remote && remote.path.length > 1 ? remote : undefined;
    }
    // git 2.39: 2 for no such remote, 128 for no repository.
    if (code === 2 || canGoWithout || /not a git repository/.test(stderr)) return undefined;
    throw new MusterError("failed", `git cannot read the remote: ${stderr.trim().split("\n")[0]}`, {
      command: "git remote get-url origin",
    });
  } catch (error) {
    if (canGoWithout && error instanceof MusterError && error.code === "missing_program") return undefined;
    throw error;
  }
}

/** The place that a remote names, on an entry of its host or on what the host says that it is. */
async function onHost(
  io: Io,
  entries: readonly ForgeEntry[],
  remote: Remote,
  options: FindRepoOptions,
): Promise<RepoPlace> {
  const ofHost = entries.filter(({ host }) => namesHost(host, remote));
  // Of a host with two ports, a remote over ssh says neither: then the one that has the owner.
  const hosts = [...new Set(ofHost.map(({ host }) => host))];
  const owner = remote.path.at(-2) ?? "";
  const candidates = hosts.length < 2
    ? ofHost
    : ofHost.filter(({ owners }) => owners.some((one) => isSame(one, owner)));
  if (hosts.length > 1 && new Set(candidates.map(({ host }) => host)).size !== 1) {
    throw ambiguous(`the host ${quoted(remote.host)}`, ofHost);
  }
  const [known] = byLogin(candidates, options.login);
  const forge = known ?? await probeForge(io, remote, options);
  return { forge, repo: repoPath(forge, remote).join("/") };
}

/** Whether an entry is of a remote's host. A port of ssh is not one of pages, unless the entry names it. */
function namesHost(host: string, remote: Remote): boolean {
  const isWeb = remote.scheme === "http" || remote.scheme === "https";
  const usual = { http: "80", https: "443", ssh: "22", git: "9418" }[remote.scheme];
  const port = remote.port === usual ? undefined : remote.port;
  const named = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  if (named[1] !== remote.host) return false;
  return isWeb ? (named[2] ?? usual) === (port ?? usual) : true;
}

/** Whether a remote is a repo on a forge: by its host and its path, and by its port where that is one of pages. */
export function isRemoteOf(remote: Remote | undefined, { forge, repo }: RepoPlace): boolean {
  return remote !== undefined && namesHost(forge.host, remote) && isSame(repoPath(forge, remote).join("/"), repo);
}

/** The path of a repo, without what the forge's own address has before it. */
function repoPath(forge: ForgeEntry, { path, scheme }: Remote): readonly string[] {
  const before = new URL(forge.url).pathname.split("/").filter((segment) => segment !== "");
  const isBefore = before.length > 0 && before.every((segment, at) => path[at] === segment);
  const below = isBefore && path.length >= before.length + 2 && scheme.startsWith("http")
    ? path.slice(before.length)
    : path;
  return forge.kind === "gitlab" ? below : below.slice(-2);
}

/** The entries of a login, or those without one where none has it; all without a login. */
function byLogin(entries: readonly ForgeEntry[], login: string | undefined): readonly ForgeEntry[] {
  if (login === undefined) return entries;
  const named = entries.filter((entry) => entry.login === login);
  // The login may be one of the forge's own command-line program: then the entry's own token is not it.
  return named.length > 0
    ? named
    : entries.map(({ tokenEnv: _env, tokenCommand: _command, ...entry }) => ({ ...entry, login }));
}

function endsWith(path: readonly string[], name: readonly string[]): boolean {
  return name.every((segment, at) => isSame(segment, path[path.length - name.length + at] ?? ""));
}

/** Forges take names in any case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** `group/sub` is below `group`. */
function isBelow(owner: string, group: string): boolean {
  return owner.toLowerCase().startsWith(`${group.toLowerCase()}/`);
}

function ambiguous(what: string, entries: readonly ForgeEntry[]): MusterError {
  const hosts = [...new Set(entries.map(({ host }) => host))].join(", ");
  return new MusterError("usage", `more than one forge for ${what}: ${hosts}`, {
    hint: "name the repo by its whole address: -r https://host/owner/repo",
  });
}
