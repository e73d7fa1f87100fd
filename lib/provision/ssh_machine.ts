/**
 * A machine behind ssh, which is there already: the first time is as if it were created, a new boot as if it were started.
 * What steps declare is copied to a directory of muster's before they run.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { type Machine, readScript } from "./machine.ts";
import { identityScript, markScript, readIdentity } from "./machine_identity.ts";
import type { MachineDeclaration } from "./project.ts";

/** Never asks, gives up on a machine that does not answer, and sees one that is gone. */
const settings = ["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=3"];

/** Makes the directory, and unpacks into it what comes. */
const unpackScript =
  `set -e; IFS= read -r directory; case $directory in "~/"*) directory=$HOME/\${directory#"~/"};; esac; mkdir -p -- "$directory"; cd -- "$directory"; exec tar -xf -`;

/** Goes to the directory that comes first. */
const goThere =
  `set -e; IFS= read -r -d "" directory; case $directory in "~/"*) directory=$HOME/\${directory#"~/"};; esac; mkdir -p -- "$directory"; cd -- "$directory"`;

/** What was brought stands in a file there: nothing that steps made is taken for it. */
const listScript = `${goThere}; [ ! -f .muster-brought ] || exec cat .muster-brought`;

/** Removes names up to an empty one, with the directories that this empties, then writes down those that follow. */
const tidyScript =
  `${goThere}; while IFS= read -r -d "" name && [ -n "$name" ]; do rm -f -- "./$name"; case $name in */*) rmdir -p -- "\${name%/*}" 2>/dev/null || :;; esac; done; cat >.muster-brought.new; mv .muster-brought.new .muster-brought`;

/** A machine behind ssh. */
export function sshMachine(io: Io, declaration: MachineDeclaration): Machine {
  const { destination, options, directory } = declaration;
  const words = [...options, ...settings.flatMap((setting) => ["-o", setting])];
  const ssh = (command: string, more: readonly string[] = ["-T"]) => ["ssh", ...words, ...more, destination, command];
  /** What was brought, once somebody asked. */
  let brought: ReadonlySet<string> | undefined;
  const copy = async (program: string, args: readonly string[], stdin: string, signal: AbortSignal) => {
    const { code, stdout, stderr } = await io.process.run(program, args, { stdin, signal });
    if (code === 0) return stdout;
    throw new MusterError("failed", `cannot copy to ${destination}: ${reasonOf(stderr) || `exit ${code}`}`, {
      command: "ssh",
    });
  };
  const there = async (script: string, fields: readonly string[], signal: AbortSignal) => {
    const [program = "", ...args] = ssh(`exec bash -c '${script}'`);
    return await copy(program, args, [directory, ...fields].map((field) => `${field}\0`).join(""), signal);
  };
  /** Removes what was brought and is not declared any more, before anything may stand in its place. */
  const tidy = async (names: readonly string[], declared: readonly string[] | undefined, signal: AbortSignal) => {
    const before = brought ??= new Set((await there(listScript, [], signal)).split("\0").filter(isBelow));
    const kept = new Set([...declared ?? before, ...names]);
    const removed = [...before].filter((name) => !kept.has(name));
    const now = new Set([...[...before].filter((name) => kept.has(name)), ...names.filter(isBelow)]);
    if (removed.length === 0 && now.size === before.size) return;
    await there(tidyScript, [...removed, "", ...now], signal);
    brought = now;
  };
  return {
    declaration,
    program: "ssh",
    async observe(reading, signal) {
      const [program = "", ...args] = ssh("exec sh -s");
      const { code, stdout, stderr } = await io.process.run(program, args, { stdin: identityScript(true), signal });
      if (code !== 0) throw unreachable(destination, stderr);
      const { instance, boot, isMarked } = await readIdentity(stdout);
      const known = await reading;
      const exists = isMarked && known?.instance === instance;
      return { exists, running: exists && known.boot === boot, mountsAsDeclared: true, instance, boot };
    },
    async act(action, instance, signal) {
      if (action !== "create") return;
      const [program = "", ...args] = ssh("exec sh -s");
      const { code, stderr } = await io.process.run(program, args, { stdin: markScript(instance), signal });
      if (code === 0) return;
      throw new MusterError("failed", `cannot mark ${destination}: ${lastLine(stderr) || `exit ${code}`}`, {
        hint: "muster leaves a mark in the home there, to see when it is emptied",
        command: "ssh",
      });
    },
    bash: () => ssh(`exec bash -c '${readScript}'`),
    terminal: (command) => {
      const where = directory.startsWith("~/") ? `"$HOME"/${quote(directory.slice(2))}` : quote(directory);
      const line = [`cd ${where} &&`, "exec", ...command.map(quote)].join(" ");
      return ssh(line, ["-t"]);
    },
    async bring(root, names, { declared, signal }) {
      await tidy(names, declared, signal);
      // The first line says where to; the archive follows it. A file that tar cannot read is told, whatever came of the rest.
      const script =
        `set -o pipefail; { printf '%s\\n' "$1"; tar -C "$2" --null -T - -cf -; } | { shift 2; exec "$@"; }`;
      const args = ["-c", script, "bash", directory, root, ...ssh(`exec sh -c '${unpackScript}'`)];
      await copy("bash", args, names.map((name) => `${name}\0`).join(""), signal);
    },
    down: () => Promise.resolve(false),
  };
}

/** A word for the login shell of the machine: single quotes mean the same to sh, bash, zsh and fish. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function unreachable(destination: string, stderr: string): MusterError {
  return new MusterError("failed", `cannot reach ${destination}: ${lastLine(stderr) || "ssh failed"}`, {
    hint: `ssh ${destination} true must work without a question`,
    command: "ssh",
  });
}

/** Whether a name stays below the directory that it is brought to. */
function isBelow(name: string): boolean {
  return name !== "" && !name.startsWith("/") && !name.split("/").includes("..");
}

/** What went wrong, without what tar says at its end. */
function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => !/tar: (?:Exiting with|Error exit)/.test(line));
  return lastLine(lines.join("\n"));
}

function lastLine(text: string): string {
  return visible(text.trim().split("\n").at(-1) ?? "");
}
