/**
 * The person's own systemd, asked by sh: `systemctl` is then no program that a task has to be given leave for on hosts that
 * have none.
 *
 * @module
 */

import { type Host, type HostRunOptions, MusterError, type RunResult, visible } from "../../io/mod.ts";

/** Without a login session, as under cron or ssh without PAM, the manager is found by the person's number. */
const call = 'XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}; export XDG_RUNTIME_DIR; exec "$@"';

/** What `systemctl show` says of units: by unit, each property by its name. */
export type UnitProperties = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The systemd of the person on a host. */
export class Systemd {
  readonly #host: Host;

  /** Names it; asks nothing. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Runs `systemctl --user` with words, and returns how it ended. */
  async run(words: readonly string[], signal?: AbortSignal): Promise<RunResult> {
    return await this.program("systemctl", ["--user", ...words], signal);
  }

  /** Runs a program of systemd's. */
  async program(
    program: string,
    words: readonly string[],
    options?: AbortSignal | HostRunOptions,
  ): Promise<RunResult> {
    const run = options instanceof AbortSignal ? { signal: options } : options;
    return await this.#host.run("sh", ["-c", call, "sh", program, ...words], run);
  }

  /**
   * Runs `systemctl --user` with words that have to succeed.
   *
   * @throws {MusterError} of code `failed` with systemd's own words.
   */
  async require(words: readonly string[], signal?: AbortSignal): Promise<string> {
    const { code, stdout, stderr } = await this.run(words, signal);
    if (code === 0) return stdout;
    throw failure(`systemctl --user ${words.join(" ")}`, code, stderr || stdout);
  }

  /** Why no manager answers here; `undefined` where one does. */
  async absence(signal?: AbortSignal): Promise<string | undefined> {
    const { code, stderr } = await this.run(["show", "--property=Version"], signal);
    if (code === 0) return undefined;
    if (code === 127) return "systemctl is not installed";
    return visible(stderr.trim().split("\n")[0] ?? "") || `systemctl ended with status ${code}`;
  }

  /** Properties of units, in one call, whether or not they are loaded. */
  async show(units: readonly string[], properties: readonly string[], signal?: AbortSignal): Promise<UnitProperties> {
    if (units.length === 0) return new Map();
    return parseShow(await this.require(showWords(units, properties), signal));
  }
}

/** The words of a `systemctl --user` that {@linkcode parseShow} reads. */
export function showWords(units: readonly string[], properties: readonly string[]): string[] {
  return ["show", `--property=${["Id", ...properties].join(",")}`, "--", ...units];
}

/** Reads what `systemctl show` prints: blocks of `Name=value` lines, an empty line between two. */
export function parseShow(printed: string): UnitProperties {
  const blocks = printed.split("\n\n").map((block) =>
    Object.fromEntries(
      block.split("\n").filter((line) => line.includes("=")).map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    )
  );
  return new Map(blocks.filter(({ Id }) => Id !== undefined).map((block) => [block.Id ?? "", block]));
}

function failure(command: string, code: number, words: string): MusterError {
  const said = visible(words.trim().split("\n")[0] ?? "") || `it ended with status ${code}`;
  return new MusterError("failed", `systemd refused: ${said}`, { command });
}
