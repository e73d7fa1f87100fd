import { forgetSessions } from "./sessions.ts";
import { type Io, localHost, MusterError } from "../../io/mod.ts";
import { contentDigest, readInstall } from "./install_record.ts";
import { agentUnit, holderUnit, unitPlace } from "./place.ts";
import { settingsDirectory } from "./render_units.ts";
import { Systemd } from "./systemd.ts";

/** What an uninstallation did. */
export interface UninstallReport {
  /** Files that were removed. */
  readonly removed: readonly string[];
  /** Files that somebody has changed since, and that are left as they are. */
  readonly changed: readonly string[];
  /** Agents whose units are gone. */
  readonly agents: readonly string[];
}

/**
 * Takes back what `installUnits` did, and nothing else: disables the units, removes the files that it wrote and that are as
 * it wrote them. What is not installed is as good as taken back.
 *
 * @throws {MusterError} of code `held` while the holder or an agent runs.
 */
export async function uninstallUnits(io: Io, signal?: AbortSignal): Promise<UninstallReport> {
  const installed = await readInstall(io);
  if (!installed) return { removed: [], changed: [], agents: [] };
  const systemd = new Systemd(localHost(io));
  const absence = await systemd.absence(signal);
  if (absence !== undefined) {
    throw new MusterError("missing_program", `no systemd to take the units from: ${absence}`, {
      command: "systemctl --user",
    });
  }
  const units = [holderUnit, ...installed.agents.map(agentUnit)];
  const states = await systemd.show(units, ["ActiveState"], signal);
  const up = units.find((unit) => !["inactive", "failed"].includes(states.get(unit)?.ActiveState ?? "inactive"));
  if (up !== undefined) {
    throw new MusterError("held", `the fleet runs: ${up}`, { hint: "muster fleet stop stops it" });
  }
  await systemd.run(["disable", "--quiet", ...units], signal);
  const removed: string[] = [];
  const changed: string[] = [];
  for (const [path, digest] of Object.entries(installed.files)) {
    const bytes = await io.files.read(path);
    if (bytes === undefined) continue;
    if (await contentDigest(bytes) !== digest) {
      changed.push(path);
      continue;
    }
    await io.files.remove(path);
    removed.push(path);
  }
  const place = unitPlace(io.env);
  for (const name of installed.agents) {
    await forgetSessions(io, name);
    const directory = settingsDirectory(place, name);
    if (!changed.some((path) => path.startsWith(`${directory}/`))) await io.files.remove(directory);
  }
  if (!changed.some((path) => path.startsWith(`${place.scripts}/`))) await io.files.remove(place.scripts);
  await systemd.require(["daemon-reload"], signal);
  await systemd.run(["reset-failed", ...units], signal); // one that never failed is none to systemd, which says so
  await systemd.run(["stop", "muster-agents.slice", "muster.slice"], signal); // empty by now
  await removeRuntime(systemd, signal);
  await io.files.remove(place.record);
  return { removed, changed, agents: installed.agents };
}

/** Orders, stops and facts of runs are of no use without units. */
async function removeRuntime(systemd: Systemd, signal?: AbortSignal): Promise<void> {
  await systemd.program("sh", ["-c", 'rm -rf "$XDG_RUNTIME_DIR/muster"'], signal);
}
