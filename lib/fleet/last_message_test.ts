import { assertEquals } from "../deps/assert.ts";
import type { Receipt } from "../agents/mod.ts";
import { type Host, HostError } from "../io/mod.ts";
import { TmuxServer } from "../tmux/mod.ts";
import { noteMessage } from "./last_message.ts";

Deno.test("a receipt is not lost with the host, or the tmux, that was to note the message: it tells what is so", async () => {
  const receipt: Receipt = {
    outcome: "submitted",
    evidence: "screen",
    messageId: "01JF00000000000000000000AA",
    target: { host: "far", socket: "s", session: "a", pane: "%1" },
    bytes: 5,
    attempts: 1,
    elapsedMs: 1,
  };
  const calls: string[] = [];
  const hostThat = (run: Host["run"]): Host => ({
    destination: "ada@far",
    run(program, args, options) {
      calls.push(args.slice(-5).join(" "));
      return run(program, args, options);
    },
    leaseOwner: () => Promise.reject(new Error("nobody asks for it")),
  });
  const lost = hostThat(() => Promise.reject(new HostError("ada@far", "the host was lost", { mayHaveRun: true })));
  const refusing = hostThat(() => Promise.resolve({ code: 1, stdout: "", stderr: "lost server" }));
  for (const host of [lost, refusing]) await noteMessage(new TmuxServer(host, "s"), "%1", "hello", receipt);
  const noted = calls.map((call) => call.replace(/\d{13}/, "TIME"));
  assertEquals(noted, Array.from({ length: 2 }, () => "-p -t %1 @muster_last TIME submitted hello"));
});
