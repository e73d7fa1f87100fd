/**
 * What a send to another host costs: over muster's kept connection, against the tmux calls that a send cannot do without,
 * each an ssh of its own over a connection that ssh shares already. The host is a real sshd on loopback.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { type Io, pollUntil, sshHost } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { parseTarget, TmuxServer } from "../lib/tmux/mod.ts";
import { tmuxSend } from "../tasks/tmux/send.ts";
import { SshHosts, startFarAgent } from "../tests/_sshd.ts";
import { checkout, fork, interleave, type Section, timed } from "./harness.ts";

/** Measures calls and sends over ssh. */
export async function benchSsh(signal: AbortSignal): Promise<readonly Section[]> {
  await using hosts = await SshHosts.open(["far"]);
  const { paneId } = await startFarAgent(hosts.first, "a");
  await using far = sshHost(hosts.io, "far");
  const bare = bareSsh(hosts, signal);
  await bare(["display-message", "-p", "ready"]);
  const server = new TmuxServer(far, "muster");
  await server.run([["list-sessions"]]);

  let count = 0;
  const trial = (send: (text: string) => Promise<void>) => async () => {
    await becomesIdle(hosts.io, server, paneId, signal);
    const text = `please look at the parser again, ${++count}`;
    return await timed(() => send(text));
  };
  const calls = await interleave({
    bare: () => timed(() => bare(["list-sessions"])),
    kept: () => timed(() => server.run([["list-sessions"]], { signal })),
  }, { rounds: 60, warmups: 5, signal });
  const sends = await interleave({
    bare: trial((text) => sendBare(bare, text)),
    kept: trial(async (text) => {
      expectSubmitted(await sendText(hosts.io, server, parseTarget("a"), text, { runtime: "demo", signal }));
    }),
    call: trial(async (text) => {
      const input = { host: "far", target: "a", message: text, runtime: "demo" as const };
      const output = await callTask(tmuxSend, input, { io: hosts.io, signal });
      expectSubmitted("outcome" in output ? output : {});
    }),
    command: trial(async (text) => {
      const words = ["run", "-A", `${checkout}tasks/tmux/send.ts`, "-H", "far", "-t", "a", "--runtime", "demo"];
      const options = { env: hosts.env, signal };
      expectSubmitted(JSON.parse(await fork(Deno.execPath(), [...words, "-m", text, "--json"], options)));
    }),
  }, { rounds: 25, warmups: 3, signal });
  return [{
    title: "A tmux call on another host, by ssh on loopback",
    reference: { what: "ssh over a shared connection, tmux list-sessions", sample: calls.bare },
    subjects: [{ what: "the same over muster's kept connection", sample: calls.kept, goal: 1 / 2 }],
  }, {
    title: "Send to the demo agent on another host",
    reference: { what: "load, paste, capture until shown, Enter, capture until gone", sample: sends.bare },
    subjects: [
      { what: "a send over a kept connection", sample: sends.kept, goal: 1 },
      { what: "tmux send -H, called", sample: sends.call },
      { what: "tmux send -H, whole command", sample: sends.command },
    ],
  }];
}

type BareCall = (words: readonly string[], stdin?: string) => Promise<string>;

/** Runs tmux on the far host as a shell script does: an ssh for each call, over a connection that is there already. */
function bareSsh(hosts: SshHosts, signal: AbortSignal): BareCall {
  const path = `${hosts.near.directory}/c`;
  const options = ["-o", "ControlMaster=auto", "-o", `ControlPath=${path}`, "-o", "ControlPersist=10"];
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  return (words, stdin) => {
    const command = ["tmux", "-u", "-L", "muster", ...words].map(quoted).join(" ");
    return fork("ssh", [...options, "far", command], { env: hosts.env, stdin, signal });
  };
}

async function sendBare(bare: BareCall, text: string): Promise<void> {
  const capture = () => bare(["capture-pane", "-p", "-t", "=a:"]);
  await bare(["load-buffer", "-b", "bench", "-"], text);
  await bare(["paste-buffer", "-dpr", "-b", "bench", "-t", "=a:"]);
  while (!(await capture()).includes(`\n❯ ${text}\n─`));
  await bare(["send-keys", "-t", "=a:", "Enter"]);
  while (!isEmpty(await capture()));
}

function isEmpty(screen: string): boolean {
  return screen.includes("\n❯\n─");
}

async function becomesIdle(io: Io, server: TmuxServer, paneId: string, signal: AbortSignal): Promise<void> {
  const look = async () => {
    const screen = await server.run([["capture-pane", "-p", "-t", paneId]], { signal });
    return isEmpty(screen) && screen.trimEnd().endsWith("· ready") || undefined;
  };
  await pollUntil(io.clock, look, { what: "the demo agent to be idle", timeoutMs: 10_000, signal });
}

function expectSubmitted(receipt: { readonly outcome?: string }): void {
  if (receipt.outcome !== "submitted") throw new Error(`The demo agent did not take the message: "${receipt.outcome}"`);
}
