import { assert, assertEquals, assertRejects } from "../deps/assert.ts";
import type { Host } from "./host.ts";
import { HostError } from "./host_error.ts";
import { hostUntil } from "./host_until.ts";
import { realIo } from "./real.ts";

/** A host that never answers, until it is told to stop. */
function silent(destination: string): Host {
  const never = (signal?: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  return { destination, run: (_program, _args, options) => never(options?.signal), leaseOwner: never };
}

const { clock } = realIo;

Deno.test("hostUntil ends what a host does not answer, and names it", async () => {
  const host = hostUntil(clock, silent("far"), clock.elapsed());
  const calls = [() => host.run("tmux", []), () => host.leaseOwner()];
  const errors = await Promise.all(calls.map((call) => assertRejects(call, HostError)));
  for (const { code, message, mayHaveRun } of errors) {
    assertEquals([code, message, mayHaveRun], ["timeout", "the host did not answer in time: far", true]);
  }
});

Deno.test("hostUntil passes on what the caller's signal and the host say", async () => {
  const reason = new Error("stop");
  const host = hostUntil(clock, silent("far"), clock.elapsed() + 60_000);
  const controller = new AbortController();
  const running = host.run("sh", [], { signal: controller.signal });
  controller.abort(reason);
  assertEquals(await assertRejects(() => running), reason);
  const lost = new HostError("far", "lost");
  const failing = hostUntil(clock, { ...silent("far"), run: () => Promise.reject(lost) }, clock.elapsed() + 60_000);
  assertEquals(await assertRejects(() => failing.run("sh", [])), lost);
});

Deno.test("hostUntil trusts this host", () => {
  const host = silent("");
  assert(hostUntil(clock, host, 0) === host);
});
