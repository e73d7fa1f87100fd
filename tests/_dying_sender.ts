/**
 * A sender that is killed: it sends as `tmux send` does, and ends itself by SIGKILL before, while, or after its Nth call of
 * tmux. `deno run -A tests/_dying_sender.ts MESSAGE_FILE before|while|after N [ID [SESSION…]]`; exit 0 where it made fewer
 * calls. With further sessions it sends to all at once, as `agent send` does.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { type Io, localHost, realIo } from "../lib/io/mod.ts";
import { BatchedServer, parseTarget, TmuxServer } from "../lib/tmux/mod.ts";

const [file = "", when = "", at = "0", id, ...others] = Deno.args;
const die = () => Deno.kill(Deno.pid, "SIGKILL");
let calls = 0;
const io: Io = {
  ...realIo,
  process: {
    ...realIo.process,
    run: async (command, args, options) => {
      const isLast = ++calls === Number(at);
      if (isLast && when === "before") die();
      const running = realIo.process.run(command, args, options);
      // The program has been started, and has not had what it reads.
      if (isLast && when === "while") die();
      const result = await running;
      if (isLast && when === "after") die();
      return result;
    },
  },
};
const message = await Deno.readTextFile(file);
const Server = others.length > 0 ? BatchedServer : TmuxServer;
const server = new Server(localHost(io), "muster");
await Promise.all(["a", ...others].map((session) => {
  return sendText(io, server, parseTarget(session), message, { runtime: "demo", id: id || undefined });
}));
