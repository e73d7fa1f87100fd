/**
 * One of many senders: `deno run -A tests/_many_sender.ts NAME COUNT [HOST]` sends COUNT messages to the session `a`, one
 * after another, and prints how each ended, a line each.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { localHost, realIo } from "../lib/io/mod.ts";
import { parseTarget, TmuxServer } from "../lib/tmux/mod.ts";

const [name = "", count = "0"] = Deno.args;
const server = new TmuxServer(localHost(realIo), "muster");
for (let at = 0; at < Number(count); at++) {
  const message = `${name}.${at}: ${"words of one message; ".repeat(1 + at % 3)}end ${name}.${at}`;
  const options = { runtime: "demo", timeoutMs: 900_000 };
  const { outcome, attempts } = await sendText(realIo, server, parseTarget("a"), message, options);
  await Deno.stdout.write(new TextEncoder().encode(`${outcome} ${attempts} ${message}\n`));
}
