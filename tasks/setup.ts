#!/usr/bin/env -S deno run --allow-run=sh
/**
 * Looks for the programs that muster and its tests need, and installs what is missing where that needs no password.
 *
 * ```sh
 * deno run --allow-run=sh tasks/setup.ts
 * ```
 *
 * @module
 */

import { type Io, MusterError } from "../lib/io/mod.ts";
import { defineTask, runAsMain, z } from "../lib/task/mod.ts";

interface Need {
  /** The program's name. */
  readonly program: string;
  /** The package that has it. */
  readonly apt: string;
  readonly brew?: string;
  /** The least version that does. */
  readonly least?: readonly [major: number, minor: number];
}

const needs: readonly Need[] = [
  { program: "tmux", apt: "tmux", brew: "tmux", least: [3, 2] },
  { program: "git", apt: "git", brew: "git" },
  { program: "ssh", apt: "openssh-client" },
  { program: "sshd", apt: "openssh-server" },
  { program: "unshare", apt: "util-linux" },
  { program: "flock", apt: "util-linux", brew: "flock" },
];

/** Prints, for each name given, its path and the first line of tmux's version, or nothing. */
const lookScript = `PATH=$PATH:/usr/sbin:/sbin
for p; do at=$(command -v "$p") && { [ "$p" = tmux ] && v=$(tmux -V) || v=; printf '%s\\t%s\\t%s\\n' "$p" "$at" "$v"; }; done; true`;

/** Prints how packages can be installed without asking: a command, or nothing. */
const installerScript = `if command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then echo apt-get; elif sudo -n true 2>/dev/null; then echo sudo apt-get; fi
elif command -v brew >/dev/null; then echo brew; fi`;

/** `muster setup`. */
export const setup = defineTask({
  name: "setup",
  tier: "write",
  summary: "Look for the programs that muster needs, and install what is missing",
  description:
    "Installs with apt-get as root or by sudo without a password, or with Homebrew; else says what to run, and exits 6.",
  input: z.object({}),
  output: z.object({
    programs: z.array(z.object({ program: z.string(), path: z.string(), version: z.string().optional() })),
    installed: z.array(z.string()).describe("Packages that were missing"),
  }),
  permissions: { run: ["sh"] },
  examples: [{ run: "muster setup", does: "look, and install what is missing" }],
  render: ({ programs, installed }) =>
    `setup: ${programs.map(({ program, version }) => version ?? program).join(", ")}` +
    (installed.length > 0 ? `; installed ${installed.join(", ")}` : ""),
  run: async (_input, io, { signal, say }) => {
    let found = await look(io, signal);
    const missing = needs.filter((need) => !isMet(need, found));
    if (missing.length === 0) return { programs: found, installed: [] };
    const installer = (await io.process.run("sh", ["-c", installerScript], { signal })).stdout.trim();
    const packages = [...new Set(missing.flatMap((need) => installer === "brew" ? need.brew ?? [] : need.apt))];
    const update = installer.endsWith("apt-get") ? [`${installer} update`] : [];
    const commands = [...update, `${installer} install ${installer === "brew" ? "" : "-y "}${packages.join(" ")}`];
    if (installer === "" || packages.length === 0) throw cannotInstall(missing);
    for (const command of commands) {
      say(`$ ${command}`);
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const { code, stderr } = await io.process.run("sh", ["-c", command], { signal, env });
      if (code !== 0) {
        throw new MusterError("failed", `cannot install: ${stderr.trim().split("\n").at(-1) ?? command}`, { command });
      }
    }
    found = await look(io, signal);
    const still = needs.filter((need) => !isMet(need, found));
    if (still.length > 0) throw cannotInstall(still);
    return { programs: found, installed: packages };
  },
});

interface Program {
  readonly program: string;
  readonly path: string;
  readonly version?: string;
}

async function look(io: Io, signal: AbortSignal): Promise<Program[]> {
  const names = needs.map(({ program }) => program);
  const { stdout } = await io.process.run("sh", ["-c", lookScript, "sh", ...names], { signal });
  return stdout.trim().split("\n").filter((line) => line !== "").map((line) => {
    const [program = "", path = "", version] = line.split("\t");
    return { program, path, ...(version ? { version } : {}) };
  });
}

function isMet({ program, least }: Need, found: readonly Program[]): boolean {
  const one = found.find((candidate) => candidate.program === program);
  if (!one || !least) return one !== undefined;
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(one.version ?? "") ?? []).slice(1).map(Number);
  return major > least[0] || major === least[0] && minor >= least[1];
}

function cannotInstall(missing: readonly Need[]): MusterError {
  const names = missing.map(({ program, least }) => least ? `${program} ${least.join(".")} or later` : program);
  const packages = [...new Set(missing.map(({ apt }) => apt))];
  return new MusterError("missing_program", `missing: ${names.join(", ")}`, {
    hint: `sudo apt-get install -y ${packages.join(" ")}, or your system's way to install them`,
  });
}

if (import.meta.main) await runAsMain(setup);
