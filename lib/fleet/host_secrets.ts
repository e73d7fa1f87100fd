import { type Host, MusterError } from "../io/mod.ts";

/** 3: there is no such file; 4: others may read it, and its mode is printed; its text otherwise. */
const script = `[ -f "$1" ] || exit 3
case $(ls -ldL -- "$1") in
  -???------*) cat -- "$1" ;;
  *) ls -ldL -- "$1" | cut -c 1-10; exit 4 ;;
esac`;

/**
 * The text of a secrets' file on another host, mode 0600. It comes over the connection, and is written nowhere.
 *
 * @throws {MusterError} of code `config` where it is missing or open to others.
 */
export async function readHostSecrets(host: Host, path: string, signal?: AbortSignal): Promise<string> {
  const { code, stdout, stderr } = await host.run("sh", ["-c", script, "sh", path], { signal });
  const there = `${path} on ${host.destination}`;
  if (code === 0) return stdout;
  if (code === 3) throw new MusterError("config", `no such env_file: ${there}`);
  if (code === 4) {
    throw new MusterError("config", `env_file is open to others: ${there} (${stdout.trim()})`, {
      hint: `chmod 600 ${path}`,
    });
  }
  throw new MusterError("failed", `cannot read: env_file ${there}: ${stderr.trim().split("\n")[0]}`);
}
