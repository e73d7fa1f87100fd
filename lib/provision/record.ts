/**
 * What the journal of a machine holds.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { actions } from "./action.ts";

/** The version of the records. */
export const recordVersion = 1;

const processSchema = z.object({ pid: z.int(), start: z.string() });

/** One line of the journal. */
export const recordSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("action"),
    at: z.string(),
    run: z.string(),
    action: z.enum(actions),
    result: z.enum(["running", "ok", "failed"]),
    instance: z.string(),
    boot: z.string(),
    settings: z.record(z.string(), z.string()),
    reason: z.string().optional(),
  }),
  z.object({
    kind: z.literal("step"),
    at: z.string(),
    run: z.string(),
    step: z.string(),
    result: z.enum(["running", "ok", "unneeded", "failed", "interrupted"]),
    instance: z.string(),
    boot: z.string(),
    fingerprint: z.string(),
    supervisor: processSchema.optional(),
    process: processSchema.optional(),
    code: z.int().optional(),
    reason: z.string().optional(),
    elapsedMs: z.number().optional(),
    log: z.string().optional(),
  }),
  z.object({
    kind: z.literal("applied"),
    at: z.string(),
    run: z.string(),
    instance: z.string(),
    digest: z.string(),
    steps: z.record(z.string(), z.string()),
    packs: z.array(z.string()),
  }),
]);

/** One line of the journal. */
export type JournalRecord = z.output<typeof recordSchema>;

/** Something that is done with the machine itself, as it began or ended. */
export type ActionRecord = Extract<JournalRecord, { readonly kind: "action" }>;

/** A step that began or ended. */
export type StepRecord = Extract<JournalRecord, { readonly kind: "step" }>;

/** All steps as they were when a run ended well. */
export type AppliedRecord = Extract<JournalRecord, { readonly kind: "applied" }>;
