import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import { type ForgeEntry, forgesPath, readForges } from "../config/read_forges.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { readAuthority } from "./read_authority.ts";

/** `forges.toml`, or a file that it names. */
export interface ForgesReport {
  /** Its path. */
  readonly path: string;
  /** What it is to muster. */
  readonly kind: "forges" | "ca";
  /** Whether nothing is wrong with it. */
  readonly ok: boolean;
  /** All that is wrong. */
  readonly problems: readonly ConfigProblem[];
}

/** Checks `forges.toml` and the certificates that it names; nothing where it is not there. No host is asked. */
export async function checkForges(io: Io): Promise<ForgesReport[]> {
  const path = forgesPath(io.env);
  if (!await io.files.facts(path)) return [];
  const reports: ForgesReport[] = [];
  const check = async (kind: ForgesReport["kind"], path: string, look: () => Promise<unknown>) => {
    try {
      await look();
      reports.push({ path, kind, ok: true, problems: [] });
    } catch (error) {
      if (!(error instanceof MusterError) || error.code === "permission" && kind === "forges") throw error;
      const { message, hint } = error;
      reports.push({
        path,
        kind,
        ok: false,
        problems: error instanceof ConfigError ? error.problems : [{ message, hint }],
      });
    }
  };
  let entries: readonly ForgeEntry[] = [];
  await check("forges", path, async () => void (entries = await readForges(io)));
  const authorities = new Set(entries.flatMap(({ ca }) => ca === undefined ? [] : [ca]));
  for (const ca of authorities) await check("ca", ca, () => readAuthority(io, ca));
  return reports;
}
