/**
 * A sender of several messages, one after another, over one connection or none:
 * `deno run -A tests/_remote_sender.ts NAME COUNT [DESTINATION]` sends `NAME 0`, `NAME 1` … to the session `a`, and prints
 * how each ended as one JSON document.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { realIo } from "../lib/io/mod.ts";
import { parseTarget, TmuxServer } from "../lib/tmux/mod.ts";
import { openHosts } from "../tasks/_hosts.ts";

const [name = "", count = "1", destination] = Deno.args;
const outcomes: string[] = [];
{
  await using hosts = openHosts(realIo);
  const server = new TmuxServer(hosts.at(destination), "muster");
  for (let at = 0; at < Number(count); at++) {
    const options = { runtime: "demo", timeoutMs: 300_000 };
    const receipt = await sendText(realIo, server, parseTarget("a"), `${name} ${at}`, options);
    outcomes.push(receipt.reason === undefined ? receipt.outcome : `${receipt.outcome}: ${receipt.reason}`);
  }
}
realIo.terminal.out(`${JSON.stringify(outcomes)}\n`);
Deno.exit(0);
