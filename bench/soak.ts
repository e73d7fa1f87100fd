/**
 * The soak of tests/soak_test.ts for as long as is asked: `deno run -A bench/soak.ts [MINUTES] [AGENTS]`, ten minutes and forty
 * agents by default. Prints what was done, and ends with 1 where anything did not agree.
 *
 * @module
 */

import { realIo } from "../lib/io/mod.ts";
import { soak } from "../tests/_soak.ts";
import { SystemdWorld } from "../tests/_systemd_user.ts";

const [minutes = "10", agents = "40"] = Deno.args;
const { terminal } = realIo;
const opened = await SystemdWorld.open();
if (typeof opened === "string") {
  terminal.err(`muster soak: ${opened}\n`);
  Deno.exit(6);
}
let status = 1;
{
  await using systemd = opened;
  const { counts, wrong } = await soak(systemd, { agents: Number(agents), forMs: Number(minutes) * 60_000 });
  for (const [what, count] of Object.entries(counts).sort()) terminal.out(`${String(count).padStart(6)}  ${what}\n`);
  terminal.out(wrong.length === 0 ? "all of it agrees\n" : `${wrong.join("\n")}\n`);
  status = wrong.length === 0 ? 0 : 1;
}
Deno.exit(status);
