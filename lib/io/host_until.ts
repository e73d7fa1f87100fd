import type { Host, HostRunOptions } from "./host.ts";
import { HostError } from "./host_error.ts";
import type { Clock } from "./io.ts";

/** What undoes something after the deadline gets so long, in milliseconds. */
const graceMs = 2_000;

/**
 * The host, none of whose calls goes on for long after a moment on the clock that never jumps: one that stops answering is
 * an error of code `timeout` that names it. This host is trusted to answer, and is returned as it is.
 */
export function hostUntil(clock: Clock, host: Host, end: number): Host {
  if (host.destination === "") return host;
  const within = async <T>(signal: AbortSignal | undefined, job: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const late = AbortSignal.timeout(Math.max(graceMs, end - clock.elapsed()));
    try {
      return await job(signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (!late.aborted || error !== late.reason) throw error;
      throw new HostError(host.destination, `the host did not answer in time: ${host.destination}`, {
        code: "timeout",
        mayHaveRun: true,
        cause: error,
      });
    }
  };
  return {
    destination: host.destination,
    run: (program, args, options: HostRunOptions = {}) =>
      within(options.signal, (signal) => host.run(program, args, { ...options, signal })),
    leaseOwner: (signal) => within(signal, (either) => host.leaseOwner(either)),
  };
}
