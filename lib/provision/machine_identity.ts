/**
 * Which machine it is that a script runs on, and which of its starts: for machines that muster did not make, and on which
 * it leaves no label.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import { digestText, frame } from "../state/digest.ts";
import { placeScript } from "../state/owner.ts";

/** Where a mark is kept on a machine of which muster's state is elsewhere, below the person's home. */
const markFile = ".local/share/muster/.machine";

/**
 * Prints the machine's id, its name, its boot, the user, when its root was made, and with `isMarked` its mark.
 *
 * When a root file system was made is kept by the file system: another one has another time, and so has a container that is
 * made anew; 0 where it is not kept. `/var` stands for it where every update of the system has a root of its own (ostree).
 */
export function identityScript(isMarked: boolean): string {
  return `${placeScript}root=/ born= mark=
[ ! -e /run/ostree-booted ] || root=/var
born=$(stat -c %W "$root" 2>/dev/null)
case $born in *[!0-9]*) born= ;; esac
${
    isMarked
      ? `read -r mark 2>/dev/null <"$HOME/${markFile}"\n`
      : ""
  }printf '%s\\n' "$machine" "$name" "$boot" "$user" "$born" "$mark"`;
}

/** Leaves a mark where there is none; one that is there stays. */
export function markScript(mark: string): string {
  return `set -e
file=$HOME/${markFile}
mkdir -p "\${file%/*}"
printf '%s\\n' ${mark} >"$file.$$"
ln "$file.$$" "$file" 2>/dev/null || [ -s "$file" ] || mv -f "$file.$$" "$file"
rm -f "$file.$$"`;
}

/** A machine as its identity says. */
export interface MachineIdentity {
  /** The machine's id, name, user, the birth of its root, and its mark, as one digest. */
  readonly instance: string;
  /** Which of its starts this is. */
  readonly boot: string;
  /** Whether it has a mark. */
  readonly isMarked: boolean;
}

/**
 * Reads what {@linkcode identityScript} printed.
 *
 * @param more What else tells this machine from others.
 * @throws {MusterError} of code `failed` where it could not look.
 */
export async function readIdentity(stdout: string, more: readonly string[] = []): Promise<MachineIdentity> {
  const [machine = "", name = "", boot = "", user = "", born = "", mark = ""] = stdout.split("\n");
  if (!/^\d+$/.test(user)) {
    throw new MusterError("failed", "cannot tell which machine this is", {
      hint: "muster needs /proc, or sysctl, uname and id",
      command: "sh",
    });
  }
  const instance = (await digestText(frame([machine, name, user, born, mark, ...more]))).slice(0, 16);
  return { instance, boot, isMarked: mark !== "" };
}
