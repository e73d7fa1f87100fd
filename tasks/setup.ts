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

import { type Io, MusterError, visible } from "../lib/io/mod.ts";
import { defineTask, runAsMain, z } from "../lib/task/mod.ts";

interface Need {
  /** The program's name. */
  readonly program: string;
  /** The packages that have it. */
  readonly packages: Readonly<Record<Manager, string>>;
  /** The least version that does. */
  readonly least?: readonly [major: number, minor: number];
  /** The one kernel, as `uname -s` names it, on which it is needed; every one where left out. */
  readonly kernel?: "Linux";
}

type Manager = "apt-get" | "brew";

const needs: readonly Need[] = [
  { program: "tmux", packages: { "apt-get": "tmux", brew: "tmux" }, least: [3, 2] },
  { program: "git", packages: { "apt-get": "git", brew: "git" } },
  { program: "ssh", packages: { "apt-get": "openssh-client", brew: "openssh" } },
  { program: "sshd", packages: { "apt-get": "openssh-server", brew: "openssh" } },
  // Linux's own: macOS has neither, nor namespaces for them to work on.
  { program: "unshare", packages: { "apt-get": "util-linux", brew: "util-linux" }, kernel: "Linux" },
  { program: "flock", packages: { "apt-get": "util-linux", brew: "util-linux" }, kernel: "Linux" },
];

/** Prints the kernel's name; then, for each name given that is there, its path and tmux's version. */
export const lookScript = `PATH=$PATH:/usr/sbin:/sbin; uname -s
for p; do at=$(command -v "$p") && { [ "$p" = tmux ] && v=$(tmux -V) || v=; printf '%s\\t%s\\t%s\\n' "$p" "$at" "$v"; }; done; true`;

/** Prints the command that installs packages, after a word that says who can run it; nothing where none is known. */
export const installerScript = `if command -v apt-get >/dev/null; then
  if [ "$(id -u)" = 0 ]; then echo now apt-get
  elif ! command -v sudo >/dev/null; then echo root apt-get
  elif sudo -n true 2>/dev/null; then echo now sudo apt-get; else echo person sudo apt-get; fi
elif command -v brew >/dev/null; then echo now brew; fi`;

/** How packages are installed here. */
interface Installer {
  readonly manager: Manager;
  /** The manager, behind `sudo` where it takes that. */
  readonly command: string;
  /** Who can run it: muster now, a person who types a password, or root. */
  readonly who: "now" | "person" | "root";
}

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
    const { missing, ...before } = await look(io, signal);
    if (missing.length === 0) return { programs: before.programs, installed: [] };
    const installer = await findInstaller(io, signal);
    if (installer?.who !== "now") throw missingError(missing, hintOf(missing, installer));
    const packages = packagesOf(missing, installer.manager);
    const update = installer.manager === "apt-get" ? [`${installer.command} update`] : [];
    for (const command of [...update, installCommand(installer, packages)]) {
      say(`$ ${command}`);
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const { code, stderr } = await io.process.run("sh", ["-c", command], { signal, env });
      if (code !== 0) {
        const last = visible(stderr.trim().split("\n").at(-1) ?? "") || `exit ${code}`;
        throw new MusterError("failed", `cannot install: ${last}`, { command });
      }
    }
    const after = await look(io, signal);
    if (after.missing.length === 0) return { programs: after.programs, installed: packages };
    const still = packagesOf(after.missing, installer.manager).join(" ");
    throw missingError(
      after.missing,
      `${installer.manager} has installed ${still}, which is not enough: install another`,
    );
  },
});

interface Program {
  readonly program: string;
  readonly path: string;
  readonly version?: string;
}

/** The programs that are there, and what is needed on this kernel and is not. */
async function look(
  io: Io,
  signal: AbortSignal,
): Promise<{ readonly programs: Program[]; readonly missing: readonly Need[] }> {
  const names = needs.map(({ program }) => program);
  const { stdout } = await io.process.run("sh", ["-c", lookScript, "sh", ...names], { signal });
  const [here, ...lines] = stdout.trim().split("\n");
  const wanted = needs.filter(({ kernel }) => kernel === undefined || kernel === here);
  const programs = lines.map((line): Program => {
    const [program = "", path = "", version] = line.split("\t");
    return { program, path, ...(version ? { version } : {}) };
  }).filter(({ program }) => wanted.some((need) => need.program === program));
  return { programs, missing: wanted.filter((need) => !isMet(need, programs)) };
}

async function findInstaller(io: Io, signal: AbortSignal): Promise<Installer | undefined> {
  const { stdout } = await io.process.run("sh", ["-c", installerScript], { signal });
  const [, who, command, manager] = /^(now|person|root) ((?:sudo )?(apt-get|brew))$/.exec(stdout.trim()) ?? [];
  if (command === undefined) return undefined;
  return { who: who as Installer["who"], command, manager: manager as Manager };
}

function isMet({ program, least }: Need, found: readonly Program[]): boolean {
  const one = found.find((candidate) => candidate.program === program);
  if (!one || !least) return one !== undefined;
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(one.version ?? "") ?? []).slice(1).map(Number);
  return major > least[0] || major === least[0] && minor >= least[1];
}

function packagesOf(missing: readonly Need[], manager: Manager): string[] {
  return [...new Set(missing.map(({ packages }) => packages[manager]))];
}

function installCommand({ command, manager }: Installer, packages: readonly string[]): string {
  return `${command} install ${manager === "apt-get" ? "-y " : ""}${packages.join(" ")}`;
}

function hintOf(missing: readonly Need[], installer: Installer | undefined): string {
  if (!installer) {
    return `install ${missing.map(({ program }) => program).join(", ")} with your system's package manager`;
  }
  const command = installCommand(installer, packagesOf(missing, installer.manager));
  return installer.who === "root" ? `as root: ${command}` : command;
}

function missingError(missing: readonly Need[], hint: string): MusterError {
  const names = missing.map(({ program, least }) => least ? `${program} ${least.join(".")} or later` : program);
  return new MusterError("missing_program", `missing: ${names.join(", ")}`, { hint });
}

if (import.meta.main) await runAsMain(setup);
