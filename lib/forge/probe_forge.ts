/**
 * What kind of forge a host is that `forges.toml` does not have: asked once, without a token, and kept.
 *
 * @module
 */

import { type ForgeEntry, forgesPath } from "../config/read_forges.ts";
import { type ForgeKind, forgeKinds } from "../config/forges_schema.ts";
import { musterState } from "../config/locate.ts";
import { quoted } from "../config/quoted.ts";
import { z } from "../deps/zod.ts";
import { HttpClient, HttpError } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { KeptRows } from "../state/kept_rows.ts";
import type { Remote } from "./remote.ts";

/** Options of {@linkcode probeForge}. */
export interface ProbeOptions {
  /** Which login is asked for. */
  readonly login?: string;
  /** How long the host may take, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const keptSchema = z.object({ kind: z.enum(forgeKinds), url: z.string() });

type Kept = Readonly<Record<string, z.output<typeof keptSchema>>>;

/** The two that answer no question of theirs without a token, and of which there is one each. */
const known: Kept = {
  "github.com": { kind: "github", url: "https://github.com" },
  "gitlab.com": { kind: "gitlab", url: "https://gitlab.com" },
};

/**
 * The entry of a host that has none. What was found is kept in muster's state where that may be written.
 *
 * @throws {MusterError} of code `config` for a host that is none of the forges, as far as it says.
 */
export async function probeForge(io: Io, remote: Remote, options: ProbeOptions = {}): Promise<ForgeEntry> {
  const isWeb = remote.scheme === "http" || remote.scheme === "https";
  const host = isWeb && remote.port !== undefined ? `${remote.host}:${remote.port}` : remote.host;
  const entry = ({ kind, url }: z.output<typeof keptSchema>): ForgeEntry => ({
    host,
    kind,
    url,
    owners: [],
    heldLabels: ["blocked"],
    ...(options.login === undefined ? {} : { login: options.login }),
  });
  const file = new KeptRows(io.files, `${musterState(io.env)}/forges.json`, keptSchema, "hosts");
  const kept = await file.read();
  const found = known[host] ?? kept?.[host];
  if (found) return entry(found);
  const origin = `${remote.scheme === "http" ? "http" : "https"}://${host}`;
  // A forge below a path has more segments before its repos; GitLab's groups look the same.
  const below = isWeb && remote.path.length > 2 ? [remote.path.slice(0, -2)] : [];
  for (const path of [[], ...below]) {
    const url = [origin, ...path.map(encodeURIComponent)].join("/");
    const kind = await askKind(io, url, options);
    if (kind === undefined) continue;
    // Where it may not be kept it is asked again next time.
    if (kept !== undefined) await file.keep(host, { kind, url }, options.signal);
    return entry({ kind, url });
  }
  throw new MusterError("config", `not a forge that muster knows: ${quoted(host)}`, {
    hint: `name it in a [[forge]] of ${forgesPath(io.env)}`,
  });
}

/** Asks a host what it is: by the answers that only the one or the other gives. */
async function askKind(
  io: Io,
  url: string,
  { timeoutMs = 30_000, signal }: ProbeOptions,
): Promise<ForgeKind | undefined> {
  const client = new HttpClient(io, { baseUrl: url, timeoutMs, retries: 1, signal, maxBytes: 1024 * 1024 });
  const ask = async (path: string) => {
    try {
      return await client.json(path, { schema: z.looseObject({}) });
    } catch (error) {
      if (error instanceof HttpError) return error;
      // HTML, another shape, a redirect to a login page: not that one's answer.
      if (error instanceof MusterError && error.code === "failed" && !("fault" in error)) return undefined;
      throw error;
    }
  };
  if (await says(ask("/api/forgejo/v1/version"), "version")) return "forgejo";
  if (await says(ask("/api/v1/version"), "version")) return "gitea";
  const meta = await ask("/api/v3/meta");
  if (meta !== undefined && !(meta instanceof HttpError) && "verifiable_password_authentication" in meta.data) {
    return "github";
  }
  const metadata = await ask("/api/v4/metadata");
  // GitLab answers nobody here without a token, in these words.
  if (metadata instanceof HttpError && metadata.status === 401 && metadata.reason === "401 Unauthorized") {
    return "gitlab";
  }
  return undefined;
}

async function says(asked: Promise<{ readonly data: Record<string, unknown> } | HttpError | undefined>, key: string) {
  const answer = await asked;
  return answer !== undefined && !(answer instanceof HttpError) && typeof answer.data[key] === "string";
}
