/**
 * A machine behind ssh, which is there already: the first time is as if it were created, a new boot as if it were started.
 * What steps declare is copied to a directory of muster's before they run.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { digestText, frame } from "../state/digest.ts";
import { parseSighting, sightScript } from "../state/owner.ts";
import { type Machine, readScript } from "./machine.ts";
import type { MachineDeclaration } from "./project.ts";

/** Never asks, gives up on a machine that does not answer, and sees one that is gone. */
const settings = ["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=3"];

/** Makes the directory, and unpacks into it what comes. */
const unpackScript =
  `set -e; IFS= read -r directory; case $directory in "~/"*) directory=$HOME/\${directory#"~/"};; esac; mkdir -p -- "$directory"; cd -- "$directory"; exec tar -xf -`;

/** A machine behind ssh. */
export function sshMachine(io: Io, declaration: MachineDeclaration): Machine {
  const { destination, options, directory } = declaration;
  const words = [...options, ...settings.flatMap((setting) => ["-o", setting])];
  const ssh = (command: string, more: readonly string[] = ["-T"]) => ["ssh", ...words, ...more, destination, command];
  return {
    declaration,
    program: "ssh",
    async observe(known, signal) {
      const [program = "", ...args] = ssh("exec sh -s");
      const { code, stdout, stderr } = await io.process.run(program, args, { stdin: sightScript, signal });
      if (code !== 0) throw unreachable(destination, stderr);
      const { host, boot, user } = parseSighting(stdout);
      const instance = (await digestText(frame([host, String(user)]))).slice(0, 16);
      const exists = known?.instance === instance;
      return { exists, running: exists && known.boot === boot, mountsAsDeclared: true, instance, boot };
    },
    act: () => Promise.resolve(),
    bash: () => ssh(`exec bash -c '${readScript}'`),
    terminal: (command) => {
      const where = directory.startsWith("~/") ? `"$HOME"/${quote(directory.slice(2))}` : quote(directory);
      const line = [`cd ${where} &&`, "exec", ...command.map(quote)].join(" ");
      return ssh(line, ["-t"]);
    },
    async bring(root, names, signal) {
      // The first line says where to; the archive follows it.
      const script = `{ printf '%s\\n' "$1"; tar -C "$2" --null -T - -cf -; } | { shift 2; exec "$@"; }`;
      const args = ["-c", script, "sh", directory, root, ...ssh(`exec sh -c '${unpackScript}'`)];
      const stdin = names.map((name) => `${name}\0`).join("");
      const { code, stderr } = await io.process.run("sh", args, { stdin, signal });
      if (code === 0) return;
      throw new MusterError("failed", `cannot copy to ${destination}: ${lastLine(stderr) || `exit ${code}`}`, {
        command: "ssh",
      });
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

function lastLine(text: string): string {
  return visible(text.trim().split("\n").at(-1) ?? "");
}
