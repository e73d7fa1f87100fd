/**
 * Opens the CI of a repo: by `--provider` or `-a`, else as `forges.toml` has it, else the forge's own.
 *
 * @module
 */

import type { CiEntry, ForgeEntry } from "../config/read_forges.ts";
import { HttpClient, type HttpToken, readToken } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { CommitStatuses } from "./commit_statuses.ts";
import { Forgejo } from "./forgejo.ts";
import { Gitea } from "./gitea.ts";
import { Github } from "./github.ts";
import { Gitlab } from "./gitlab.ts";
import type { CiProvider } from "./provider.ts";
import type { ProviderKind } from "./statuses.ts";
import { type Remember, Woodpecker } from "./woodpecker.ts";

/** Options of {@linkcode openProvider}. */
export interface OpenProviderOptions {
  /** The repo, `owner/name`. */
  readonly repo: string;
  /** Its forge. */
  readonly forge: ForgeEntry;
  /** Which kind of CI, where it is not the one that `forges.toml` names. */
  readonly provider?: ProviderKind;
  /** The forge's token, which is asked for only where its API is. */
  readonly forgeToken: () => Promise<HttpToken | undefined>;
  /** Certificates of the forge's authority, as PEM. */
  readonly ca?: string;
  /** Where what hardly ever changes is remembered; nowhere by default. */
  readonly remember?: Remember;
  /** How long all of the job may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether an outage is tried again by the client; a wait tries itself. @default {true} */
  readonly retries?: boolean;
  /** Takes what is waited for, and why. */
  readonly say?: (line: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** A provider, and what tells its server and token from others: who has the same may share what was read. */
export interface OpenProvider {
  /** The provider. */
  readonly provider: CiProvider;
  /** The address and the token, never to be written anywhere. */
  readonly identity: { readonly url: string; readonly secret: string };
}

/**
 * The CI of a repo, ready to be asked.
 *
 * @throws {MusterError} of code `config` or `usage` where it cannot be: nothing was asked then.
 */
export async function openProvider(io: Io, options: OpenProviderOptions): Promise<OpenProvider> {
  const { forge, repo, ca, timeoutMs, say, signal } = options;
  const kind = options.provider ?? forge.ci?.kind ?? forge.kind;
  const own = forge.ci?.kind === kind ? forge.ci : undefined;
  const token = own ? await ciToken(io, own, signal) : await tokenOf(options, kind);
  const client = (baseUrl: string, more: { headers?: Readonly<Record<string, string>>; unknownWaitMs?: number } = {}) =>
    new HttpClient(io, {
      baseUrl,
      token,
      ca,
      timeoutMs,
      say,
      signal,
      ...(options.retries === false ? { retries: 0 } : {}),
      ...more,
    });
  const url = own?.url ?? forge.url;
  const provider = open(kind, { repo, url, forge, client, remember: options.remember });
  return { provider, identity: { url: `${kind} ${url}`, secret: token?.secret ?? "" } };
}

/** Where a provider is, and how a client of it is made. */
interface Place {
  readonly repo: string;
  readonly url: string;
  readonly forge: ForgeEntry;
  readonly remember?: Remember;
  readonly client: (
    baseUrl: string,
    more?: { headers?: Readonly<Record<string, string>>; unknownWaitMs?: number },
  ) => HttpClient;
}

function open(kind: ProviderKind, { repo, url, forge, client, remember }: Place): CiProvider {
  switch (kind) {
    case "woodpecker":
      return new Woodpecker({ repo, url, client: client(`${url}/api`), remember });
    case "github":
      return new Github({ repo, client: client(forgeApi("github", url), { headers: githubHeaders }) });
    case "gitlab":
      return new Gitlab({ repo, client: client(forgeApi("gitlab", url)) });
    case "gitea":
      return new Gitea({ repo, client: client(forgeApi("gitea", url), { unknownWaitMs: 1_000 }) });
    case "forgejo":
      return new Forgejo({ repo, client: client(forgeApi("forgejo", url), { unknownWaitMs: 1_000 }) });
    case "statuses": {
      const headers = forgeHeaders(forge);
      return new CommitStatuses({
        repo,
        forge: forge.kind,
        client: client(forgeApi(forge.kind, forge.url), { headers }),
      });
    }
  }
}

/** The headers that a forge's API wants. */
export function forgeHeaders({ kind }: Pick<ForgeEntry, "kind">): Readonly<Record<string, string>> {
  return kind === "github" ? githubHeaders : {};
}

const githubHeaders = { "X-GitHub-Api-Version": "2022-11-28" };

/** Where a forge's API is. */
export function forgeApi(kind: ForgeEntry["kind"], url: string): string {
  switch (kind) {
    case "github":
      return new URL(url).host === "github.com" ? "https://api.github.com" : `${url}/api/v3`;
    case "gitlab":
      return `${url}/api/v4`;
    default:
      return `${url}/api/v1`;
  }
}

/** The token of a CI server of its own; none where its entry has none, as one may read without. */
async function ciToken(io: Io, entry: CiEntry, signal?: AbortSignal): Promise<HttpToken | undefined> {
  const secret = await readToken(io, entry, new URL(entry.url).host, { signal });
  if (secret === undefined) return undefined;
  switch (entry.kind) {
    case "gitlab":
      return { header: "PRIVATE-TOKEN", secret };
    case "gitea":
    case "forgejo":
      return { header: "Authorization", prefix: "token ", secret };
    default:
      return { header: "Authorization", prefix: "Bearer ", secret };
  }
}

/** The forge's token goes to the forge alone. */
async function tokenOf({ forge, forgeToken }: OpenProviderOptions, kind: ProviderKind): Promise<HttpToken | undefined> {
  if (kind === "statuses" || kind === forge.kind) return await forgeToken();
  throw new MusterError("config", `no ${kind} server for ${forge.host}`, {
    hint: `name it in a [forge.ci] of its [[forge]] in forges.toml: kind = "${kind}", url`,
  });
}
