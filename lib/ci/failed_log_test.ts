import { assertEquals } from "../deps/assert.ts";
import { findFailed } from "./failed_log.ts";
import type { PipelineJob } from "./pipeline.ts";

const job = (name: string, one: PipelineJob["class"], logId?: number): PipelineJob => ({
  name,
  status: one,
  class: one,
  ...(logId === undefined ? {} : { logId }),
});

Deno.test("the failing step is the first inner one, with a log where one has it", () => {
  const jobs = [job("a", "bad"), job("a/x", "success", 1), job("a/y", "bad"), job("a/z", "bad", 3), job("b", "bad")];
  assertEquals(findFailed(jobs)?.name, "a/z");
  assertEquals(findFailed([job("a", "bad"), job("b", "bad")])?.name, "a");
  assertEquals(findFailed([job("a", "success")]), undefined);
});

Deno.test("a step that may fail, in a workflow that did not, is not why a pipeline failed", () => {
  const jobs = [job("a", "success"), job("a/may", "bad", 1), job("b", "bad"), job("b/must", "bad", 2)];
  assertEquals(findFailed(jobs)?.name, "b/must");
  assertEquals(findFailed(jobs.slice(0, 2)), undefined);
});

Deno.test("a job whose only step that says why has no log is told by itself", () => {
  assertEquals(findFailed([job("a", "bad", 1), job("a/x", "success", 1)])?.name, "a");
});
