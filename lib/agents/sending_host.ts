import { type Host, hostUntil, type Io } from "../io/mod.ts";
import { leastProofMs, type SendOptions } from "./send.ts";

/** The host, as a send uses it: one that stops answering ends the send when its time has run out, and is named. */
export function sendingHost(io: Io, host: Host, options: SendOptions): Host {
  const { timeoutMs = 30_000, whenFreeMs = 0, wait } = options;
  const longestMs = timeoutMs + leastProofMs + whenFreeMs + (wait === undefined ? 0 : timeoutMs);
  return hostUntil(io.clock, host, io.clock.elapsed() + longestMs);
}
