import { type Host, localHost } from "./host.ts";
import type { Io } from "./io.ts";
import { type SshHost, sshHost, type SshHostOptions } from "./ssh_host.ts";

/**
 * The hosts that a program uses: this one, and others by one connection each, however many ask for it. All connections end
 * when it is disposed of.
 *
 * @example
 * ```ts
 * import { realIo } from "./real.ts";
 * import { Hosts } from "./hosts.ts";
 *
 * await using hosts = new Hosts(realIo);
 * if (hosts.at().destination !== "" || hosts.at("build1") !== hosts.at("build1")) throw new Error("unreachable");
 * ```
 */
export class Hosts implements AsyncDisposable {
  readonly #io: Io;
  readonly #options: SshHostOptions;
  readonly #local: Host;
  readonly #remote = new Map<string, SshHost>();

  /** Connects to none yet. */
  constructor(io: Io, options: SshHostOptions = {}) {
    this.#io = io;
    this.#options = options;
    this.#local = localHost(io);
  }

  /**
   * A host by its ssh destination; this one by none.
   *
   * @throws {MusterError} of code `usage` for what is no destination.
   */
  at(destination?: string): Host {
    if (destination === undefined) return this.#local;
    const known = this.#remote.get(destination);
    if (known) return known;
    const host = sshHost(this.#io, destination, this.#options);
    this.#remote.set(destination, host);
    return host;
  }

  /** Ends every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#remote.values()].map((host) => host[Symbol.asyncDispose]()));
  }
}
