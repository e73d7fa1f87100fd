/**
 * What it costs to send to a whole fleet: one message to sixty agents, side by side, against a send to one of them, and
 * against sixty sends that know nothing of each other.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { localHost, pollUntil } from "../lib/io/mod.ts";
import { BatchedServer, TmuxServer } from "../lib/tmux/mod.ts";
import { checkout, interleave, type Section, Stage, timed } from "./harness.ts";

const socket = "fan";
const count = 60;

/** Measures sends to many. */
export async function benchFanOut(signal: AbortSignal): Promise<readonly Section[]> {
  const demo = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `${checkout}fixtures/agents/demo.ts`];
  return [
    await measure(signal, "command", ["cat"], "", `One message to ${count} programs that echo it`),
    await measure(signal, "demo", [...demo, "--busy", "0"], "· ready", `The same to ${count} demo agents`),
  ];
}

async function measure(
  signal: AbortSignal,
  runtime: string,
  program: readonly string[],
  shows: string,
  title: string,
): Promise<Section> {
  await using stage = await Stage.open(signal);
  const names = Array.from({ length: count }, (_, at) => `agent${at}`);
  for (const name of names) {
    await stage.tmux(socket, ["new-session", "-d", "-s", name, "-x", "200", "-y", "50", "--", ...program]);
  }
  for (const name of names) {
    const look = async () =>
      (await stage.tmux(socket, ["capture-pane", "-p", "-t", `=${name}:`])).includes(shows) || undefined;
    await pollUntil(stage.io.clock, look, { what: `${name} to be ready`, timeoutMs: 60_000, signal });
  }
  const host = localHost(stage.io);
  // As by URL with the permissions that the task asks for: processes are looked at by sh.
  const { files: _files, ...bySh } = host;
  let sent = 0;
  const send = async (server: TmuxServer, session: string) => {
    const { outcome, reason } = await sendText(stage.io, server, { session }, `to all of you, ${++sent}`, {
      runtime,
      signal,
    });
    if (outcome !== "submitted") throw new Error(`${session} did not take the message: "${outcome}", ${reason}`);
  };
  const sendAll = (server: TmuxServer) => Promise.all(names.map((name) => send(server, name)));
  const took = await interleave({
    one: () => timed(() => send(new TmuxServer(host, socket), names[sent % count] as string)),
    together: () => timed(() => sendAll(new BatchedServer(host, socket))),
    bySh: () => timed(() => sendAll(new BatchedServer({ ...bySh }, socket))),
    oneBySh: () => timed(() => send(new TmuxServer({ ...bySh }, socket), names[sent % count] as string)),
    apart: () => timed(() => sendAll(new TmuxServer(host, socket))),
  }, { rounds: 30, warmups: 3, seldom: { apart: 10, bySh: 3 }, signal });
  return {
    title,
    reference: { what: "a send to one of them", sample: took.one },
    subjects: [
      { what: "as agent send does it", sample: took.together, goal: 4 },
      { what: "as agent send does it without leave to read /proc", sample: took.bySh },
      { what: "a send to one of them without that leave", sample: took.oneBySh },
      { what: `${count} sends, each with calls of its own`, sample: took.apart },
    ],
  };
}
