/**
 * What every provider has: pipelines, their jobs and steps. Each provider's own file translates to these.
 *
 * @module
 */

import type { PipelineClass } from "./statuses.ts";

/** A workflow or job of a pipeline, or a step of one. */
export interface PipelineJob {
  /** Its name, with its workflow's before it where it is a step: `build/test`. */
  readonly name: string;
  /** The provider's own word. */
  readonly status: string;
  /** What that means. */
  readonly class: PipelineClass;
  /** What the provider knows its log by; `undefined` where it has none of its own. */
  readonly logId?: number;
}

/** One run of CI: a pipeline, a run, a check run or a commit status. */
export interface Pipeline {
  /** What tells it from every other of its repo. */
  readonly key: string;
  /** The number that its provider knows it by: what `-n` takes. */
  readonly number: number;
  /** Its workflow, check or context; empty where the provider has one pipeline for all. */
  readonly name: string;
  /** The commit. */
  readonly sha: string;
  /** The branch; empty where the provider does not say. */
  readonly branch: string;
  /** What began it, in the provider's word; empty where it does not say. */
  readonly event: string;
  /** The provider's own word. */
  readonly status: string;
  /** What that means, its workflows considered. */
  readonly class: PipelineClass;
  /** The page of it. */
  readonly url: string;
  /** Which try of the same number it is, where a restart keeps the number. */
  readonly attempt: number;
  /** The pipeline that this one is a restart of. */
  readonly parent?: number;
  /** The pipeline because of which this one was cancelled. */
  readonly supersededBy?: number;
  /** When it came to be, in milliseconds since 1970, by the server's clock. */
  readonly createdMs?: number;
  /** When its first job began. */
  readonly startedMs?: number;
  /** When it came to rest. */
  readonly finishedMs?: number;
  /** Its jobs and steps, where they came along. */
  readonly jobs: readonly PipelineJob[];
}

/** How long a pipeline ran; `undefined` while it does, or where the provider does not say. */
export function ranMs({ startedMs, createdMs, finishedMs }: Pipeline): number | undefined {
  const from = startedMs ?? createdMs;
  return from === undefined || finishedMs === undefined ? undefined : Math.max(0, finishedMs - from);
}

/** Milliseconds since 1970 of a time in RFC 3339; `undefined` for none, and for Go's and Gitea's zero times. */
export function timeOf(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return ms > 0 ? ms : undefined;
}

/** Milliseconds since 1970 of seconds; `undefined` for none. */
export function timeOfSeconds(seconds: number | null | undefined): number | undefined {
  return seconds ? seconds * 1000 : undefined;
}
