/**
 * One of the processes of a soak: sends to agents at random, kills, restarts and resets them, and prints what it did and what
 * it was told, a JSON object a line. Arguments: its name, how long in milliseconds, and the agents.
 *
 * @module
 */

import { MusterError, realIo } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { agentReset } from "../tasks/agent/reset.ts";
import { agentRestart } from "../tasks/agent/restart.ts";
import { agentSend } from "../tasks/agent/send.ts";
import { agentStatus } from "../tasks/agent/status.ts";

const [worker = "", forMs = "0", ...agents] = Deno.args;
const end = performance.now() + Number(forMs);
const io = realIo;

function tell(event: Readonly<Record<string, unknown>>): void {
  io.terminal.out(`${JSON.stringify({ worker, ...event })}\n`);
}

/** What a job returns, or the code of muster's error. */
async function outcomeOf(job: () => Promise<string>): Promise<string> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    return `error ${error.code}: ${error.message}`;
  }
}

for (let count = 0; performance.now() < end; count++) {
  const agent = agents[Math.floor(Math.random() * agents.length)] ?? "";
  const dice = Math.random();
  if (dice < 0.82) {
    const body = `${worker}-${count} says \`$HOME\` "quoted"; ünïcode\nand a second line ${crypto.randomUUID()};`;
    const outcome = await outcomeOf(async () => {
      const receipt = await callTask(agentSend, { agents: [agent], message: body, timeout: "30s" }, { io });
      return "outcome" in receipt ? receipt.outcome : "none";
    });
    tell({ did: "send", agent, body, outcome });
  } else if (dice < 0.9) {
    const outcome = await outcomeOf(async () => {
      const { pid } = await callTask(agentStatus, { agent }, { io });
      if (pid === 0) return "not running";
      const { code } = await io.process.run("sh", ["-c", 'kill -s KILL "$1"', "sh", String(pid)]);
      return code === 0 ? "killed" : "gone";
    });
    tell({ did: "kill", agent, outcome });
  } else if (dice < 0.95) {
    const outcome = await outcomeOf(async () =>
      (await callTask(agentRestart, { agent, now: true, timeout: "60s" }, { io })).result
    );
    tell({ did: "restart", agent, outcome });
  } else {
    const outcome = await outcomeOf(async () =>
      (await callTask(agentReset, { agent, force: true, timeout: "30s" }, { io })).outcome
    );
    tell({ did: "reset", agent, outcome });
  }
}
