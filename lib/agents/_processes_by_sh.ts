/** Reads the processes of a host from its /proc by one call of sh, for any number of panes. */

import { type Host, MusterError, visible } from "../io/mod.ts";
import { type Reader, readersNow } from "./_readers.ts";
import { type FoundProcesses, type ProcessRoot, readVariables } from "./process.ts";

/**
 * Walks from each pane's process through its descendants and prints those in the terminal's foreground: a job that was
 * stopped or put in the background reads nothing. The shell reads /proc by itself, and starts one `cat` for the words and
 * the environments of all, and one `ls` for what each has open. What sed lets through of an environment are the variables
 * named.
 *
 * In /proc a NUL ends a field, and a newline may be in one. On the way a newline becomes \001, and NUL and \002 end a
 * line. Lines of the script's own begin with a word made for this call, which no process can know. `cat` finds that word
 * between the files as the name that the shell gave itself; where the kernel does not let it, each file has a `cat`.
 */
const script = String.raw`n=$1; end=$2; withFiles=$3; filter=$4; shift 4; LC_ALL=C; export LC_ALL
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
  printf '%s process %s %s %s %s %s\002%s\002' "$n" "$1" "$2" "$3" "$4" "$5" "$cwd"
  shown="$shown $1"
}
tree() {
  level=$1
  while [ "$level" ]; do
    next=
    for p in $level; do
      facts "$p" || continue
      set -- $s
      if [ "$3" = "$6" ] && [ "$1" != Z ]; then show "$p" "${"$"}{20}" "$2" "$3" "$5"; fi
      children "$p"; next="$next $kids"
    done
    set -- $next; level=$*
  done
}
named() {
  for d in /proc/[0-9]*; do
    c=; read -r c 2>/dev/null <"$d/comm"
    if [ "$c" = "$1" ] && facts "${"$"}{d#/proc/}"; then set -- "$1" $s; show "${"$"}{d#/proc/}" "${"$"}{21}" "$3"; fi
  done
}
contents() {
  set --
  if [ "$own" = "$end$n$end" ]; then
    for p in $shown; do set -- "$@" "$name" "/proc/$p/cmdline"; done
    set -- "$@" -
    for p in $shown; do set -- "$@" "$name" "/proc/$p/environ"; done
    cat "$@" 2>/dev/null <<END
$end$n environ$end
END
  else
    for p in $shown; do printf '\002%s\002\n' "$n"; cat "/proc/$p/cmdline" 2>/dev/null; done
    printf '\002%s environ\002\n' "$n"
    for p in $shown; do printf '\002%s\002\n' "$n"; cat "/proc/$p/environ" 2>/dev/null; done
  fi
}
opened() {
  for p in $shown; do
    set --
    for f in "/proc/$p/fd/"*; do [ -f "$f" ] && set -- "$@" "$f"; done
    [ $# = 0 ] && continue
    printf '\002%s open %s\002' "$n" "$p"; ls -ln "$@" 2>/dev/null; printf '\002'
  done
}
name=/proc/$$/comm own= shown=
if { printf '%s' "$end$n$end" >"$name"; } 2>/dev/null; then read -r own <"$name"; fi
{
  for root; do
    printf '%s root %s\002' "$n" "$root"
    case $root in [0-9]*) tree "$root" ;; *) named "$root" ;; esac
  done
  if [ "$shown" ]; then
    contents
    [ "$withFiles" ] && opened
  fi
} | tr '\000\002\n' '\n\n\001' | sed -n "$filter"`;

/** The processes below each root that read its terminal, or that go by its name; none where there is no /proc. */
export async function readBySh(
  host: Host,
  roots: readonly ProcessRoot[],
  withFiles: boolean,
  signal?: AbortSignal,
): Promise<FoundProcesses> {
  const nonce = makeNonce();
  const filter = [
    `1,/^${nonce} environ$/{\np\nd\n}`,
    `/^${nonce}$/p`,
    `/^${nonce} open /{\np\nn\np\nd\n}`,
    ...readVariables.map((name) => `/^\u0001*${name}=/p`),
  ].join("\n");
  const words = [nonce, "\u0002", withFiles ? "yes" : "", filter, ...roots];
  const { stdout, stderr } = await host.run("sh", ["-c", script, "sh", ...words], { signal });
  const found = parse(stdout, nonce, withFiles);
  if (found.size === 0 && stderr.trim() !== "") {
    throw new MusterError("failed", `cannot read processes: ${visible(stderr.trim())}`);
  }
  return found;
}

/** A process's name has 15 bytes; one at each end is needed for a \002. */
function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `m${[...bytes].map((byte) => (byte % 36).toString(36)).join("")}`;
}

/** A process as it is put together from three places. */
interface Parts {
  readonly pid: number;
  readonly argv: string[];
  readonly env: Record<string, string>;
  readonly files: string[];
}

/** Reads what the script printed: roots and processes, the words of each, the environment of each, and open files. */
function parse(printed: string, nonce: string, withFiles: boolean): FoundProcesses {
  const found = new Map<ProcessRoot, Reader[]>();
  const all: Parts[] = [];
  const lines = printed.split("\n");
  const lineAt = (at: number) => (lines[at] ?? "").replaceAll("\u0001", "\n");
  let own: Reader[] = [];
  let isEnvironment = false;
  let turn = -1;
  for (let at = 0; at < lines.length; at++) {
    const [mark, kind, ...values] = (lines[at] ?? "").split(" ");
    if (mark !== nonce) {
      // What ended the line before of the script's own is the first thing on this one.
      const text = lines[at - 1] === nonce ? lineAt(at).replace(/^\n/, "") : lineAt(at);
      const part = all[turn];
      if (part && isEnvironment) keepVariable(part.env, text);
      else part?.argv.push(text);
    } else if (kind === undefined) {
      turn++;
    } else if (kind === "environ") {
      [isEnvironment, turn] = [true, -1];
    } else if (kind === "root") {
      found.set(lineAt(at).slice(`${nonce} root `.length), own = []);
    } else if (kind === "process") {
      const [pid = 0, startTicks = 0, parent = 0] = values.map(Number);
      const [, , , group = "", terminal = ""] = values;
      const part: Parts = { pid, argv: [], env: {}, files: [] };
      const { files, ...facts } = part;
      const process = { ...facts, startTicks, parent, cwd: lineAt(++at), ...(withFiles ? { files } : {}) };
      own.push({ process, group, terminal });
      all.push(part);
    } else if (kind === "open") {
      const pid = Number(values[0]);
      const targets = new Set(linkTargets(lineAt(++at), pid));
      for (const part of all) if (part.pid === pid) part.files.push(...targets);
    }
  }
  // Behind the words stands an empty line of the script's own; a title is followed by what is left of the words.
  for (const { argv } of all) while (argv.at(-1) === "") argv.pop();
  return new Map([...found].map(([root, seen]) => [root, readersNow(seen)]));
}

/** Keeps a variable; of several that have one name, the first counts. */
function keepVariable(env: Record<string, string>, entry: string): void {
  const equals = entry.indexOf("=");
  if (equals > 0) env[entry.slice(0, equals)] ??= entry.slice(equals + 1);
}

/**
 * What `ls -l` says that a process's links point to. A name with a newline could make up a line, and so a file that is not
 * open: it makes up none of another process, and where a link has not the one line, none counts.
 */
function linkTargets(listing: string, pid: number): string[] {
  const rows = listing.trimEnd().split("\n").map((row) => / \/proc\/(\d+)\/fd\/(\d+) -> (.*)$/.exec(row));
  const links = rows.filter((row) => row !== null && Number(row[1]) === pid) as RegExpExecArray[];
  const names = new Set(links.map(([, , link]) => link));
  return names.size < rows.length ? [] : links.map(([, , , target = ""]) => target);
}
