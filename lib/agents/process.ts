/**
 * The processes of a pane, as the pane's own host knows them: what program stands where, with which arguments, in which
 * directory, and the few variables of its own environment that say where it keeps its files. One call of sh for any
 * number of panes.
 *
 * @module
 */

import { type Host, MusterError, visible } from "../io/mod.ts";

/** The variables that are read of a process, by name. Nothing else of its environment leaves its host. */
export const readVariables = [
  "HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "OPENCODE_CONFIG_DIR",
  "PI_CODING_AGENT_DIR",
  "PI_CODING_AGENT_SESSION_DIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
] as const;

/** A process that reads a pane's terminal. */
export interface AgentProcess {
  /** Its number. */
  readonly pid: number;
  /** When it began, in the kernel's own ticks: with {@linkcode pid} it names one process for good. */
  readonly startTicks: number;
  /** Its words; a program that gives itself a title has that alone. */
  readonly argv: readonly string[];
  /** Its working directory; empty where that cannot be read. */
  readonly cwd: string;
  /** Those of {@linkcode readVariables} that it was started with. */
  readonly env: Readonly<Partial<Record<typeof readVariables[number], string>>>;
  /** The paths of the files that it has open. */
  readonly files: readonly string[];
}

/**
 * Walks from each pane's process through its descendants and prints those in the terminal's foreground: a job that was
 * stopped or put in the background reads nothing. The shell reads /proc by itself, and starts one `cat` for each process
 * that it prints. What sed lets through of an environment are the variables named.
 *
 * In /proc a NUL ends a field, and a newline may be in one. On the way a newline becomes \001, and NUL and \002 end a
 * line. Lines of the script's own begin with a word made for this call, which no process can know.
 */
const script = String.raw`n=$1; filter=$2; shift 2; LC_ALL=C; export LC_ALL
[ -r /proc/self/stat ] || exit 0
facts() {
  s=; while IFS= read -r l || [ "$l" ]; do s="$s$l "; done 2>/dev/null <"/proc/$1/stat"
  s=${"$"}{s##*") "}; [ "$s" ]
}
children() {
  kids=
  for t in "/proc/$1/task/"*/children; do
    if [ ! -e "$t" ]; then [ -d "/proc/$1" ] && scan "$1"; return; fi
    k=; read -r k 2>/dev/null <"$t"; kids="$kids $k"
  done
}
scan() {
  wanted=$1; kids=
  for d in /proc/[0-9]*; do
    q=${"$"}{d#/proc/}
    if facts "$q"; then set -- $s; if [ "$2" = "$wanted" ]; then kids="$kids $q"; fi; fi
  done
}
show() {
  cwd=; cd -P "/proc/$1/cwd" 2>/dev/null && cwd=$PWD
  printf '%s argv %s %s\002%s\002' "$n" "$1" "$2" "$cwd"
  printf '\002%s env\002' "$n" | cat "/proc/$1/cmdline" - "/proc/$1/environ" 2>/dev/null
  p=$1; set --
  for f in "/proc/$p/fd/"*; do [ -f "$f" ] && set -- "$@" "$f"; done
  [ $# = 0 ] && return
  printf '\002%s open\002' "$n"; ls -ln "$@" 2>/dev/null; printf '\002'
}
tree() {
  level=$1
  while [ "$level" ]; do
    next=
    for p in $level; do
      facts "$p" || continue
      set -- $s
      if [ "$3" = "$6" ] && [ "$1" != Z ]; then show "$p" "${"$"}{20}"; fi
      children "$p"; next="$next $kids"
    done
    set -- $next; level=$*
  done
}
named() {
  for d in /proc/[0-9]*; do
    c=; read -r c 2>/dev/null <"$d/comm"
    if [ "$c" = "$1" ] && facts "${"$"}{d#/proc/}"; then set -- "$1" $s; show "${"$"}{d#/proc/}" "${"$"}{21}"; fi
  done
}
for root; do
  printf '%s root %s\002' "$n" "$root"
  case $root in [0-9]*) tree "$root" ;; *) named "$root" ;; esac
done | tr '\000\002\n' '\n\n\001' | sed -n "$filter"`;

/**
 * The processes that read the terminals of panes, by the number of each pane's process, the nearest to it first. One that
 * has ended has none.
 *
 * @throws {MusterError} where the host has no /proc to ask.
 */
export async function readProcesses(
  host: Host,
  panePids: readonly number[],
  signal?: AbortSignal,
): Promise<Map<number, readonly AgentProcess[]>> {
  const found = await look(host, panePids.map(String), signal);
  return new Map(panePids.map((pid) => [pid, found.get(String(pid)) ?? []]));
}

/**
 * All processes of a host that go by a name, as far as they can be looked into: the first 15 bytes of a program's file, or
 * what it named itself.
 *
 * @throws {MusterError} where the host has no /proc to ask.
 */
export async function findProcesses(host: Host, name: string, signal?: AbortSignal): Promise<readonly AgentProcess[]> {
  return (await look(host, [name], signal)).get(name) ?? [];
}

async function look(
  host: Host,
  roots: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly AgentProcess[]>> {
  if (roots.length === 0) return new Map();
  const nonce = `m${crypto.randomUUID().replaceAll("-", "")}`;
  const filter = [
    `/^${nonce} root /p`,
    `/^${nonce} argv /,/^${nonce} env$/{\np\nd\n}`,
    `/^${nonce} open$/{\np\nn\np\nd\n}`,
    ...readVariables.map((name) => `/^${name}=/p`),
  ].join("\n");
  const { stdout, stderr } = await host.run("sh", ["-c", script, "sh", nonce, filter, ...roots], { signal });
  const found = parse(stdout, nonce);
  if (roots.some((root) => !found.has(root))) {
    throw new MusterError("failed", `cannot read processes: ${visible(stderr.trim()) || "the host has no /proc"}`);
  }
  return found;
}

/** Reads what the script printed. */
function parse(printed: string, nonce: string): Map<string, readonly AgentProcess[]> {
  const found = new Map<string, AgentProcess[]>();
  const lines = printed.split("\n").map((line) => line.replaceAll("\u0001", "\n"));
  let own: AgentProcess[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, kind, pid, ticks] = lines[at]?.startsWith(`${nonce} `) ? (lines[at] ?? "").split(" ") : [];
    if (kind === "root") found.set(lines[at]?.slice(`${nonce} root `.length) ?? "", own = []);
    if (kind !== "argv") continue;
    const cwd = lines[++at] ?? "";
    const argv: string[] = [];
    while (++at < lines.length && lines[at] !== `${nonce} env`) argv.push(lines[at] ?? "");
    // The script ends the words with an empty line of its own; a title is followed by what is left of the words.
    while (argv.at(-1) === "") argv.pop();
    const env: Record<string, string> = {};
    while (at + 1 < lines.length && !lines[at + 1]?.startsWith(`${nonce} `)) {
      const line = lines[++at] ?? "";
      const equals = line.indexOf("=");
      if (equals > 0) env[line.slice(0, equals)] ??= line.slice(equals + 1);
    }
    const hasFiles = lines[at + 1] === `${nonce} open`;
    const files = hasFiles ? linkTargets(lines[at += 2] ?? "", `/proc/${pid}/fd/`) : [];
    own.push({ pid: Number(pid), startTicks: Number(ticks), argv, cwd, env, files });
  }
  return found;
}

/** What `ls -l` says the links of a directory point to. A name with a newline could make up a line: none counts then. */
function linkTargets(listing: string, directory: string): string[] {
  const rows = listing.trimEnd().split("\n").map((row) => {
    const at = row.indexOf(` ${directory}`);
    const arrow = row.indexOf(" -> ", at);
    return at < 0 || arrow < 0 ? undefined : [row.slice(at, arrow), row.slice(arrow + 4)] as const;
  });
  const links = rows.filter((row) => row !== undefined);
  const isPlain = links.length === rows.length && new Set(links.map(([link]) => link)).size === links.length;
  return isPlain ? [...new Set(links.map(([, target]) => target))] : [];
}
