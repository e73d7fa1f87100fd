/** What the tasks that ask CI have in common: the flags that name repo and server, the permissions, the opening. @module */

import { forgesPath, readForges } from "../../lib/config/read_forges.ts";
import { quoted } from "../../lib/config/quoted.ts";
import {
  type Board,
  boardDirectory,
  type CiEvent,
  type CiProvider,
  ForgeHeads,
  isOutage,
  openBoard,
  openProvider,
  type Pipeline,
  pipelineClasses,
  providerKinds,
  ranMs,
  streamKeeper,
} from "../../lib/ci/mod.ts";
import { findRepo, forgeToken, readAuthority, type RepoPlace } from "../../lib/forge/mod.ts";
import { type Io, MusterError } from "../../lib/io/mod.ts";
import { flag, type OptionalPermission, type Page, type Permissions, z } from "../../lib/task/mod.ts";
import { forgeOptional, forgePermissions } from "../_forge.ts";

/** The flags that name a repo and its CI server. */
export const ciFields = {
  repo: flag(z.string().optional().describe("The repo, by default that of the checkout's origin"), {
    short: "r",
    placeholder: "OWNER/REPO",
  }),
  instance: flag(z.string().optional().describe("The CI server, by its name in forges.toml"), {
    short: "a",
    placeholder: "NAME",
  }),
  provider: flag(z.enum(providerKinds).optional().describe("The kind of CI, where it is not that of forges.toml"), {
    placeholder: "KIND",
  }),
  login: flag(z.string().optional().describe("The login, where the forge has several"), { placeholder: "LOGIN" }),
};

/** The values of {@linkcode ciFields}. */
export interface CiInput {
  readonly repo?: string;
  readonly instance?: string;
  readonly provider?: typeof providerKinds[number];
  readonly login?: string;
}

/** What they cannot do without. */
export const ciPermissions: Permissions = {
  ...forgePermissions,
  env: [...forgePermissions.env ?? [], "WOODPECKER_TOKEN"],
};

/** What they can go without. */
export const ciOptional: readonly OptionalPermission[] = forgeOptional;

/** The CI of a repo, open. */
export interface OpenCi extends AsyncDisposable {
  readonly repo: string;
  readonly provider: CiProvider;
  /** Where what is read is shared with other waiters of this machine. */
  readonly board: Board;
  /** What branches and pull requests are at; asked for only where it is needed, as it needs the forge's token. */
  heads(): Promise<ForgeHeads>;
  /** How many requests were made. */
  readonly requests: number;
}

/** Options of {@linkcode openCi}. */
export interface OpenCiOptions {
  readonly timeoutMs: number;
  /** Whether the client tries again after an outage; a wait does that itself. */
  readonly retries: boolean;
  /** Whether the server's stream of events is kept open. */
  readonly stream?: boolean;
  readonly onEvent?: (event: CiEvent) => void;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How long a repo keeps its number, in milliseconds: one that is made anew under its name has another. */
const rememberMs = 600_000;

/** Opens the CI that the flags name. */
export async function openCi(io: Io, input: CiInput, options: OpenCiOptions): Promise<OpenCi> {
  const { timeoutMs, retries, say, signal } = options;
  const { repo, forge } = await findPlace(io, input, signal);
  const ca = forge.ca === undefined ? undefined : await readAuthority(io, forge.ca);
  let token: ReturnType<typeof forgeToken> | undefined;
  const readToken = async () => (await (token ??= forgeToken(io, forge, signal))).token;
  let board: Board | undefined;
  const { provider, identity } = await openProvider(io, {
    repo,
    forge,
    provider: input.provider,
    forgeToken: readToken,
    ca,
    remember: async (key, fetch) => board ? await board.read(key, { maxAgeMs: rememberMs }, fetch) : await fetch(),
    timeoutMs,
    retries,
    say,
    signal,
  });
  const directory = options.stream ? await boardDirectory(io, identity) : undefined;
  const keepStream = options.stream ? streamKeeper(io, provider, options.onEvent) : undefined;
  const opened = board = openBoard(io, { directory, keepStream, timeoutMs, isOutage, signal });
  let heads: ForgeHeads | undefined;
  return {
    repo,
    provider,
    board: opened,
    heads: async () => heads ??= new ForgeHeads(io, { repo, forge, token: await readToken(), ca, timeoutMs, signal }),
    get requests() {
      return provider.requests + (heads?.requests ?? 0);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** The repo and its forge, where `-a` names the CI server the one that has it. */
async function findPlace(io: Io, { repo, instance, login }: CiInput, signal: AbortSignal): Promise<RepoPlace> {
  if (instance === undefined) return await findRepo(io, { repo, login, signal });
  const entries = await readForges(io);
  const [forge, other] = entries.filter(({ ci }) => ci?.name === instance);
  if (forge === undefined || other !== undefined) {
    const names = entries.flatMap(({ ci }) => ci?.name === undefined ? [] : [ci.name]);
    const what = forge === undefined ? "no CI server of that name" : "several CI servers of that name";
    throw new MusterError("config", `${what}: ${quoted(instance)}`, {
      hint: names.length > 0 ? `one of ${names.join(", ")}` : `name it in a [forge.ci] of ${forgesPath(io.env)}`,
    });
  }
  if (repo !== undefined && /^[^\s/:]+(\/[^\s/:]+)+$/.test(repo)) return { forge, repo };
  return { forge, repo: (await findRepo(io, { repo, login, signal })).repo };
}

/** A pipeline as JSON has it. */
export const pipelineSchema = z.object({
  number: z.int().describe("What -n takes"),
  name: z.string().describe("Its workflow, check or context; empty where there is one pipeline for all"),
  sha: z.string(),
  branch: z.string(),
  event: z.string().describe("What began it"),
  status: z.string().describe("The provider's own word"),
  class: z.enum(pipelineClasses),
  url: z.string(),
  createdAt: z.string().optional(),
  durationMs: z.number().optional().describe("How long it ran"),
});

/** A pipeline as JSON has it. */
export function pipelineRow(pipeline: Pipeline): z.output<typeof pipelineSchema> {
  const { number, name, sha, branch, event, status, url, createdMs, startedMs } = pipeline;
  const created = createdMs ?? startedMs;
  const durationMs = ranMs(pipeline);
  return {
    number,
    name,
    sha,
    branch,
    event,
    status,
    class: pipeline.class,
    url,
    ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

/** How a class is coloured. */
export function classPaint(style: Page["style"]): Readonly<Record<Pipeline["class"], (text: string) => string>> {
  return {
    success: style.good,
    neutral: style.quiet,
    bad: style.bad,
    needs_person: style.warn,
    live: style.strong,
    unknown: style.warn,
  };
}
