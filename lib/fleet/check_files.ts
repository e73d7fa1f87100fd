import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import { musterHome } from "../config/locate.ts";
import { type Io, localHost, MusterError } from "../io/mod.ts";
import { checkDirectories } from "./check_directories.ts";
import { readRoster } from "./read_roster.ts";
import type { Roster } from "./resolve_roster.ts";
import { readSecretsFile } from "./secrets.ts";

/** One file of muster's, or one that its roster names. */
export interface FileReport {
  /** Its path. */
  readonly path: string;
  /** What it is to muster. */
  readonly kind: "roster" | "tmux.conf" | "env_file" | "kickstart_template" | "working_directory";
  /** Whether nothing is wrong with it. */
  readonly ok: boolean;
  /** All that is wrong. */
  readonly problems: readonly ConfigProblem[];
}

/** Checks the roster, what it names on this host, and the tmux configuration; nothing where none of them is there. */
export async function checkFiles(io: Io, signal?: AbortSignal): Promise<FileReport[]> {
  const home = musterHome(io.env);
  const rosterPath = `${home}/fleet/roster.toml`;
  const configPath = `${home}/tmux.conf`;
  const reports: FileReport[] = [];
  const check = async (kind: FileReport["kind"], path: string, look: () => Promise<unknown>) => {
    try {
      await look();
      reports.push({ path, kind, ok: true, problems: [] });
    } catch (error) {
      if (!(error instanceof MusterError) || error.code === "permission" && kind === "roster") throw error;
      const { message, hint } = error;
      const problems = error instanceof ConfigError ? error.problems : [{ message, hint }];
      reports.push({ path, kind, ok: false, problems });
    }
  };
  let roster: Roster | undefined;
  if (await io.files.facts(rosterPath)) {
    await check("roster", rosterPath, async () => void (roster = await readRoster(io)));
  }
  for (const agent of roster?.agents ?? []) {
    const { host, workingDirectory, envFile, kickstartTemplate } = agent;
    if (host === undefined) {
      await check("working_directory", workingDirectory, () => checkDirectories(localHost(io), [agent], signal));
      if (envFile !== undefined) await check("env_file", envFile, () => readSecretsFile(io, envFile));
    }
    if (kickstartTemplate !== undefined) {
      await check("kickstart_template", kickstartTemplate, async () => {
        if ((await io.files.facts(kickstartTemplate))?.isFile) return;
        throw new MusterError("config", `no such file: ${kickstartTemplate} (agent ${agent.name})`);
      });
    }
  }
  if (await io.files.facts(configPath)) {
    await check("tmux.conf", configPath, () => checkTmuxConfig(io, configPath, signal));
  }
  return reports.filter((report, at) =>
    reports.findIndex(({ path, kind }) => path === report.path && kind === report.kind) === at
  );
}

/** tmux parses the file in a server of its own, which runs none of it; the server, its socket and its directory go. */
async function checkTmuxConfig(io: Io, path: string, signal?: AbortSignal): Promise<void> {
  const script = `d=$(mktemp -d) || exit 6; export TMUX_TMPDIR="$d"; unset TMUX
    tmux -L check -f /dev/null new-session -d cat && tmux -N -L check source-file -n "$1" >&2; status=$?
    tmux -N -L check kill-server; rm -rf "$d"; exit "$status"`;
  const { code, stderr } = await io.process.run("sh", ["-c", script, "sh", path], { signal });
  if (code !== 0) throw new MusterError("config", stderr.trim().split("\n")[0] || `tmux cannot read it: ${path}`);
}
