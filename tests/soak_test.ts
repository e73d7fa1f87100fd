/**
 * Forty agents, four processes, half a minute: sends, kills, restarts and resets at random, and in the end every receipt agrees
 * with the agents' transcripts. `deno run -A bench/soak.ts` does the same for ten minutes.
 *
 * @module
 */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { soak } from "./_soak.ts";
import { systemdTest } from "./_systemd_user.ts";

systemdTest(
  "a soak: every receipt agrees with the transcripts, nobody is disturbed, nothing is left",
  undefined,
  async (systemd) => {
    const { counts, wrong } = await soak(systemd, { agents: 40, forMs: 30_000 });
    assertEquals(wrong, [], JSON.stringify(counts));
    assert((counts["send submitted"] ?? 0) >= 20, `too little was done: ${JSON.stringify(counts)}`);
  },
);
