/**
 * The one face of CI: whom `ci wait`, `ci guard`, `ci status`, `ci list`, `ci trigger` and `ci log` ask.
 *
 * @module
 */

import type { Pipeline, PipelineJob } from "./pipeline.ts";
import type { ProviderKind } from "./statuses.ts";

/** What a stream tells: that something happened to a pipeline. A read decides what. */
export interface CiEvent {
  /** The pipeline's number. */
  readonly number: number;
  /** Its commit. */
  readonly sha: string;
  /** Whether, by the stream's word, there may be something to act on: it is live no more, or that is not told. */
  readonly matters: boolean;
  /** The pipeline as the stream has it, for a progress line and nothing else. */
  readonly pipeline?: Pipeline;
}

/** Events as they come. It ends when the server closes it, and throws where it is cut or silent. */
export type CiEvents = AsyncIterable<CiEvent> & AsyncDisposable;

/** Options of {@linkcode CiProvider.events}. */
export interface EventsOptions {
  /** Called whenever anything at all comes, a ping too: from then on it is known not to be held back on its way. */
  readonly onAlive: () => void;
  /** Closes the stream. */
  readonly signal?: AbortSignal;
}

/** What is read of many pipelines. */
export interface RecentQuery {
  /** Those of a branch; of all where left out. */
  readonly branch?: string;
  /** The most of them. */
  readonly limit: number;
}

/** One provider, for one repo. */
export interface CiProvider {
  /** What it is. */
  readonly kind: ProviderKind;
  /** The repo. */
  readonly repo: string;
  /** The server's host, for people. */
  readonly host: string;
  /** How many requests were made. */
  readonly requests: number;
  /**
   * One pipeline by its number, with its workflows where these decide whether it is at rest.
   *
   * @throws {HttpError} of code `not_found` where there is none.
   */
  pipeline(number: number, signal?: AbortSignal): Promise<Pipeline>;
  /** All that is registered for a commit. */
  ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]>;
  /** The same of a pull request at a commit, where some of its pipelines run on other commits, as those of merged results do. */
  readonly ofPull?: (pull: number, sha: string, signal?: AbortSignal) => Promise<readonly Pipeline[]>;
  /** The newest, newest first; their jobs may be missing. */
  recent(query: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]>;
  /** The jobs and steps of a pipeline, in their order. */
  jobs(pipeline: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]>;
  /** The lines of a job's or step's log as they come. */
  log(pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>>;
  /** Starts a pipeline on a branch; its number, where the provider says it. */
  trigger(branch: string, options: TriggerOptions): Promise<number | undefined>;
  /** Opens the server's stream of events, where it has one; it is open when this returns. */
  readonly events?: (options: EventsOptions) => Promise<CiEvents>;
}

/** Options of {@linkcode CiProvider.trigger}. */
export interface TriggerOptions {
  /** The workflow's file, such as `ci.yml`, where the provider has one pipeline for each. */
  readonly workflow?: string;
  /** Stops it. */
  readonly signal?: AbortSignal;
}
