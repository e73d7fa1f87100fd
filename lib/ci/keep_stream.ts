/**
 * Keeps a server's stream of events open, and tells whether it comes through. Events only wake: none is believed.
 *
 * @module
 */

import { HttpError } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { everyKey } from "./_local_board.ts";
import type { KeepStream } from "./board.ts";
import type { CiEvent, CiProvider } from "./provider.ts";

const firstPauseMs = 500;
const longestPauseMs = 60_000;

/**
 * The keeper of a provider's stream; `undefined` where it has none. A stream that is cut, silent, or not let through is
 * opened again, with pauses that grow while it does not come through; one that is refused is not.
 */
export function streamKeeper(
  { clock }: Pick<Io, "clock">,
  provider: CiProvider,
  onEvent: (event: CiEvent) => void = () => {},
): KeepStream | undefined {
  const { events } = provider;
  if (events === undefined) return undefined;
  return async ({ mark, streaming }, signal) => {
    for (let failures = 0; !signal.aborted; failures++) {
      let told: Promise<unknown> = Promise.resolve();
      try {
        // Bytes, not the head of the answer, show that no proxy holds the stream back.
        const onAlive = () => {
          failures = 0;
          told = told.then(() => streaming(true));
        };
        await using stream = await events({ onAlive, signal });
        await mark([everyKey]); // whatever was missed
        for await (const event of stream) {
          onEvent(event);
          if (event.matters) await mark([String(event.number), event.sha]);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof MusterError)) throw error;
        if (error instanceof HttpError && error.status < 500) return;
      } finally {
        await told;
        await streaming(false);
      }
      if (signal.aborted) return;
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
      await clock.delay(pause, signal).catch(() => {}); // the loop sees that it was stopped
    }
  };
}
