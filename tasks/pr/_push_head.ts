/** The branch of a pull request, pushed where the forge does not have it. @module */

import { quoted } from "../../lib/config/quoted.ts";
import { isRemoteOf, parseRemote, type RepoPlace } from "../../lib/forge/mod.ts";
import { type Io, MusterError } from "../../lib/io/mod.ts";

/** A remote that there is for one look only. */
const pushRemote = "muster-push-target";

/**
 * The head to open a pull request from. Of the checkout's own repo it is pushed where its remote has another commit or
 * none; a push is never forced. Elsewhere it must be there already.
 *
 * @throws {MusterError} of code `usage` where there is no branch, of code `failed` where git cannot push.
 */
export async function pushHead(
  io: Io,
  place: RepoPlace,
  wanted: string | undefined,
  base: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly head: string; readonly pushed: boolean }> {
  const late = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, late]);
  const git = async (words: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    try {
      // A question on the terminal would wait for ever.
      const env = { GIT_TERMINAL_PROMPT: "0", LC_ALL: "C", ...more };
      const { code, stdout, stderr } = await io.process.run("git", words, { signal: over, env });
      return { code, stdout: stdout.trim(), stderr: stderr.trim() };
    } catch (error) {
      if (!late.aborted || error !== late.reason) throw error;
      throw new MusterError("timeout", `git ${words[0]} did not end within ${timeoutMs} ms`, {
        command: `git ${words[0]}`,
      });
    }
  };
  const origin = await git(["remote", "get-url", "origin"]);
  const isOwn = origin.code === 0 && isRemoteOf(parseRemote(origin.stdout), place);
  const head = wanted ?? (isOwn ? (await git(["branch", "--show-current"])).stdout : "");
  if (head === "") {
    throw new MusterError("usage", "no branch: none is checked out here that is of that repo", {
      hint: "name it with --head",
    });
  }
  if (head === base) {
    throw new MusterError("usage", `head and base are one branch: ${quoted(head)}`, {
      hint: "check out a branch of its own",
    });
  }
  const local = isOwn ? await git(["rev-parse", "--verify", "--quiet", `refs/heads/${head}^{commit}`]) : undefined;
  if (local === undefined || local.code !== 0) return { head, pushed: false };
  // Where it would be pushed to is asked, which may be another address than the one that is fetched from. One that may have
  // a password in it goes by the environment, which no other person sees as they do an argument (git 2.31 and later).
  const target = (await git(["remote", "get-url", "--push", "origin"])).stdout;
  const ref = `refs/heads/${head}`;
  const mayHavePassword = /:\/\/.*@/.test(target) && !/^ssh:\/\/[^:@]*@[^@]*$/.test(target);
  const listed = mayHavePassword
    ? await git(["ls-remote", "--exit-code", pushRemote, ref], {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `remote.${pushRemote}.url`,
      GIT_CONFIG_VALUE_0: target,
    })
    : await git(["ls-remote", "--exit-code", "--", target, ref]);
  if (listed.code === 0 && listed.stdout.split(/\s/)[0] === local.stdout) return { head, pushed: false };
  if (listed.code !== 0 && listed.code !== 2) throw refused("ask", head, listed.stderr);
  const push = await git(["push", "--quiet", "origin", `refs/heads/${head}:refs/heads/${head}`]);
  if (push.code !== 0) throw refused("push", head, push.stderr);
  return { head, pushed: true };
}

function refused(what: string, head: string, words: string): MusterError {
  // git itself leaves out a password; this is for the versions that did not.
  const shown = words.replace(/\/\/[^/@\s]*@/g, "//");
  const line = shown.split("\n").find((one) => /rejected|fatal|error/i.test(one)) ?? shown.split("\n")[0] ?? "";
  return new MusterError("failed", `git cannot ${what} ${head}: ${line.trim()}`, {
    hint: /non-fast-forward|fetch first/.test(words)
      ? "the remote has commits that are not here: look at them first"
      : undefined,
    command: `git ${what === "push" ? "push" : "ls-remote"} origin`,
  });
}
