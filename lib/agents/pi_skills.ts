/**
 * The skills that Pi is started with: its own discovery, muster's catalogue, and skills that are forced on every agent.
 *
 * @module
 */

import { type Environment, type Host, MusterError, visible } from "../io/mod.ts";

/**
 * Which skills Pi is given:
 *
 * - `none`: the forced ones alone;
 * - `all`: muster's catalogue, the directories in which Pi would look by itself, and the forced ones;
 * - `discover`: what Pi finds by itself, and the forced ones that it would not find.
 */
export const piSkillModes = ["none", "all", "discover"] as const;

/** One of {@linkcode piSkillModes}. */
export type PiSkillMode = typeof piSkillModes[number];

/** The variables that say which skills Pi is given. */
export const piSkillVariables = ["MUSTER_PI_SKILL_MODE", "MUSTER_PI_FORCE_SKILLS"] as const;

/** The skills that every agent is given where nothing says otherwise. */
export const defaultForcedSkills: readonly string[] = ["muster"];

/** What is wanted of Pi's skills. */
export interface PiSkillWish {
  /** Which skills. */
  readonly mode: PiSkillMode;
  /** The names of skills that are given whatever the mode. */
  readonly forced: readonly string[];
}

/** A directory, and what it is once every link is followed. */
export interface SkillPath {
  /** As it is given to Pi. */
  readonly path: string;
  /** Where it really is. */
  readonly realPath: string;
}

/** The skills that are there. */
export interface FoundSkills {
  /** Those of muster's catalogue: `skills`, then `skills-local`. */
  readonly catalogue: readonly SkillPath[];
  /** The directories in which Pi looks by itself. */
  readonly nativeRoots: readonly SkillPath[];
  /** The skills in them. */
  readonly native: readonly SkillPath[];
}

/**
 * What `MUSTER_PI_SKILL_MODE` and `MUSTER_PI_FORCE_SKILLS` want: `discover` and the default set where they are not set.
 *
 * @throws {MusterError} of code `config` for a mode that there is none of.
 *
 * @example
 * ```ts
 * import { readPiSkillWish } from "./pi_skills.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const wish = readPiSkillWish({ get: (name) => name === "MUSTER_PI_FORCE_SKILLS" ? " a : b:" : undefined });
 * assertEquals(wish, { mode: "discover", forced: ["a", "b"] });
 * ```
 */
export function readPiSkillWish(env: Environment): PiSkillWish {
  const named = env.get("MUSTER_PI_SKILL_MODE")?.trim() || "discover";
  const mode = piSkillModes.find((one) => one === named);
  if (!mode) {
    throw new MusterError("config", `unknown mode in MUSTER_PI_SKILL_MODE: ${visible(named)}`, {
      hint: `one of ${piSkillModes.join(", ")}`,
    });
  }
  const forced = env.get("MUSTER_PI_FORCE_SKILLS");
  return {
    mode,
    forced: forced === undefined
      ? defaultForcedSkills
      : forced.split(":").map((name) => name.trim()).filter((name) => name !== ""),
  };
}

/**
 * Pi's arguments for the skills wanted, of those that are there. A forced skill that is not there is left out, and none is
 * given twice, by whatever links it is reached.
 */
export function piSkillArgs({ mode, forced }: PiSkillWish, found: FoundSkills): string[] {
  const own = forced.flatMap((name) => {
    const skill = found.catalogue.find(({ path }) => path.slice(path.lastIndexOf("/") + 1) === name);
    return skill ? [skill] : [];
  });
  const given = mode === "all" ? [...found.catalogue, ...found.nativeRoots, ...own] : own;
  // What Pi finds in its own directories, it has already.
  const seen = new Set(mode === "none" ? [] : found.native.map(({ realPath }) => realPath));
  const paths = given.flatMap(({ path, realPath }) => {
    if (seen.has(realPath)) return [];
    seen.add(realPath);
    return ["--skill", path];
  });
  return [...(mode === "discover" ? [] : ["--no-skills"]), ...paths];
}

/** Where skills are looked for. */
export interface SkillPlaces {
  /** `$MUSTER_HOME`. */
  readonly musterHome: string;
  /** The agent's home directory; that of the host's shell by default. */
  readonly home?: string;
  /** The agent's working directory. */
  readonly workingDirectory: string;
  /** Pi's own directory; `~/.pi/agent` by default. */
  readonly agentDirectory?: string;
}

/**
 * Looks for skills on the agent's host, in one call of sh: directories, and links to some, that hold a `SKILL.md`. A NUL
 * ends each path, since a name may hold a newline.
 */
const script = String.raw`muster=$1 home=${"$"}{2:-$HOME} work=$3; agent=${"$"}{4:-$home/.pi/agent}
case $agent in "~/"*) agent=$home/${"$"}{agent#"~/"} ;; esac
say() { (CDPATH= cd -P -- "$2" 2>/dev/null && printf '%s\0%s\0%s\0' "$1" "$2" "$(pwd; echo .)"); }
for root in "$muster/skills" "$muster/skills-local"; do
  for skill in "$root"/* "$root"/.[!.]*; do [ -f "$skill/SKILL.md" ] && say catalogue "$skill"; done
done
native() {
  [ -d "$1" ] || return 0
  say root "$1"
  find -L "$1" -maxdepth 6 -name SKILL.md -type f -exec sh -c '
    for file; do (CDPATH= cd -P -- "${"$"}{file%/SKILL.md}" && printf "native\0%s\0%s\0" "${"$"}{file%/SKILL.md}" "$(pwd; echo .)"); done' sh {} + 2>/dev/null
}
native "$agent/skills"; native "$home/.agents/skills"; native "$work/.pi/skills"
above=$work
while :; do
  [ "$above/.agents/skills" = "$home/.agents/skills" ] || native "$above/.agents/skills"
  [ -e "$above/.git" ] && break
  case $above in */?*) above=${"$"}{above%/*} ;; *) break ;; esac
done
:`;

/** The skills that are there on a host. */
export async function findSkills(host: Host, places: SkillPlaces, signal?: AbortSignal): Promise<FoundSkills> {
  const { musterHome, home = "", workingDirectory, agentDirectory = "" } = places;
  const words = ["-c", script, "sh", musterHome, home, workingDirectory, agentDirectory];
  const { code, stdout, stderr } = await host.run("sh", words, { signal });
  if (code !== 0) throw new MusterError("failed", `cannot look for skills: ${visible(stderr.trim())}`);
  const fields = stdout.split("\0");
  const found: Record<string, SkillPath[]> = {};
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [kind = "", path = "", real = ""] = fields.slice(at, at + 3);
    (found[kind] ??= []).push({ path, realPath: real.replace(/\n\.\n?$/, "") });
  }
  return { catalogue: found.catalogue ?? [], nativeRoots: found.root ?? [], native: found.native ?? [] };
}
