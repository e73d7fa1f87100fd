/** The checkout, asked by git. @module */

import { quoted } from "../../lib/config/quoted.ts";
import { type Io, MusterError } from "../../lib/io/mod.ts";

/** The checkout that muster is called in. */
export class Checkout {
  readonly #io: Io;
  readonly #signal: AbortSignal;

  /** Takes what ends git. */
  constructor(io: Io, signal: AbortSignal) {
    this.#io = io;
    this.#signal = signal;
  }

  /** Throws unless its origin is of a repo. */
  async requireRepo(repo: string): Promise<void> {
    const { code, stdout } = await this.#git("remote", "get-url", "origin");
    const path = stdout.replace(/\/*$/, "").replace(/\.git$/, "").toLowerCase();
    if (code === 0 && ["/", ":"].some((before) => path.endsWith(before + repo.toLowerCase()))) return;
    throw new MusterError("usage", `not a checkout of ${repo}`, { hint: "a push is guarded where it is made from" });
  }

  /** The branch that is checked out. */
  async branch(): Promise<string> {
    const { stdout } = await this.#git("branch", "--show-current");
    if (stdout !== "") return stdout;
    throw new MusterError("usage", "no branch is checked out here", { hint: "name it with -B" });
  }

  /** The commit of a branch here. */
  async commitOf(branch: string): Promise<string> {
    const { code, stdout } = await this.#git("rev-parse", "--verify", "--quiet", `refs/heads/${branch}^{commit}`);
    if (code === 0) return stdout;
    throw new MusterError("usage", `no such branch here: ${quoted(branch)}`, { hint: "git branch lists them" });
  }

  /** What the remote has a branch at; empty where it has none. */
  async remoteCommitOf(branch: string): Promise<string> {
    const { code, stdout, stderr } = await this.#git("ls-remote", "--exit-code", "origin", `refs/heads/${branch}`);
    if (code === 0) return stdout.split(/\s/)[0] ?? "";
    if (code === 2) return "";
    throw new MusterError("failed", `git cannot ask origin: ${firstLine(stderr)}`, { command: "git ls-remote origin" });
  }

  /**
   * Pushes one commit to a branch, never by force; what the remote has must be its ancestor, or git refuses.
   *
   * @throws {MusterError} of code `failed` where git refuses.
   */
  async push(sha: string, branch: string): Promise<void> {
    const { code, stderr } = await this.#git("push", "--quiet", "origin", `${sha}:refs/heads/${branch}`);
    if (code === 0) return;
    const line = stderr.split("\n").find((one) => /rejected|fatal|error/i.test(one)) ?? firstLine(stderr);
    throw new MusterError("failed", `git cannot push ${branch}: ${line.trim()}`, {
      hint: /non-fast-forward|fetch first/.test(stderr) ? "the remote has commits that are not here" : undefined,
      command: "git push origin",
    });
  }

  async #git(...words: string[]) {
    // A question on the terminal would wait for ever.
    const env = { GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
    const { code, stdout, stderr } = await this.#io.process.run("git", words, { env, signal: this.#signal });
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
