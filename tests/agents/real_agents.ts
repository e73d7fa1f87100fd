/**
 * Real agent programs, each in a pane against a model on loopback, are sent 200 messages, and what the model received is
 * the truth: every one exactly once, unaltered or as its runtime declares, and every receipt true.
 *
 * ```sh
 * deno task test:agents                     # Pi and Codex, as CI does
 * deno task test:agents --agent claude      # one of the others
 * ```
 *
 * @module
 */

import { checkMessage, type Receipt, type Runtime, runtimeOf, screenOf, sendText } from "../../lib/agents/mod.ts";
import { assert, assertEquals } from "../../lib/deps/assert.ts";
import { MusterError, realIo, withEnvironment } from "../../lib/io/mod.ts";
import { chosenPrograms } from "./chosen_programs.ts";
import { programs } from "./programs.ts";
import { type Case, messages } from "./messages.ts";
import type { Answer } from "./provider.ts";
import { Stage } from "./stage.ts";

/** How many messages each program is sent. */
const count = 200;

/** What `fleet status` says. */
interface Fleet {
  readonly agents: readonly { readonly state: string; readonly source: string }[];
}

/** What `agent reset` says. */
interface Reset {
  readonly outcome: string;
  readonly evidence: string;
}

/** What `agent answer` says. */
interface Answered {
  readonly outcome: string;
  readonly choice?: string;
}

/** A program that asks a person before it runs a tool. */
interface Asking {
  /** The arguments with which it does. */
  readonly args: readonly string[];
  /** The call of a tool that makes a file. */
  touch(file: string): NonNullable<Answer["tool"]>;
  /** The answer that lets it. */
  readonly yes: string;
  /** The number of the one that does not. */
  readonly no: number;
}

const askingPrograms: Readonly<Record<string, Asking>> = {
  codex: {
    args: ["--ask-for-approval", "on-request", "--sandbox", "read-only"],
    touch: (file) => ({
      name: "exec_command",
      input: { cmd: `touch ${file}`, sandbox_permissions: "require_escalated", justification: "May I?" },
    }),
    yes: "Yes, proceed (y)",
    no: 3,
  },
  claude: {
    args: [],
    touch: (file) => ({ name: "Bash", input: { command: `touch ${file}`, description: "Make a file" } }),
    yes: "Yes",
    no: 4,
  },
};

/** What a program asks before it begins in a directory that it has not seen, and the answer with which it does. */
const trusting: Readonly<Record<string, Parameters<Stage["roster"]>[2] & { expect: string; yes: string }>> = {
  codex: { inRepository: true, expect: "Trust this folder?", yes: "Trust and continue" },
  claude: {
    files: {
      ".claude.json": JSON.stringify({
        hasCompletedOnboarding: true,
        customApiKeyResponses: { approved: [programs.claude.env("").ANTHROPIC_API_KEY.slice(-20)], rejected: [] },
      }),
    },
    expect: "Is this a project you created or one you trust?",
    yes: "Yes, I trust this folder",
  },
};

/** What became of one message. */
interface Sent extends Case {
  readonly receipt?: Receipt;
  readonly refused?: string;
}

for (const program of chosenPrograms()) {
  const runtime = runtimeOf(program.kind);
  const name = `${program.package} ${program.version}`;
  /** A text as the program keeps it. */
  const kept = (text: string) => {
    if (runtime.transcript) return runtime.transcript.asKept?.(text) ?? text;
    // All that opencode's runtime declares is a space behind a text.
    const prepared = runtime.prepare?.(text);
    return prepared && "text" in prepared && prepared.escaped !== undefined ? `${text} ` : text;
  };
  const stateOf = async (stage: Stage) => runtime.read(screenOf(await stage.view()));
  const idle = (stage: Stage) =>
    stage.world.eventually("the agent to be idle", async () => {
      return (await stateOf(stage)).state === "idle" || undefined;
    });
  const sender = (stage: Stage) => {
    const io = withEnvironment(realIo, stage.world.env);
    return (text: string, timeoutMs = 60_000, wait?: "started") =>
      sendText(io, stage.server, { session: "a" }, checkMessage(text), { timeoutMs, wait });
  };

  Deno.test(`${name} takes ${count} messages, each exactly once, and each receipt is true`, async () => {
    await using stage = await Stage.open(program);
    // Every fourth answer takes a while, so that the next message finds the agent busy.
    let asked = 0;
    stage.provider.answer = () => ({ text: "Done.", delayMs: ++asked % 4 === 0 ? 150 : 0 });
    await stage.start({ width: 120, height: 40 });
    await idle(stage);
    const send = sender(stage);
    const sent: Sent[] = [];
    for (const { what, text } of messages(count)) {
      try {
        const receipt = await send(text);
        if (!isDelivered(receipt.outcome)) {
          throw new Error(`${what}: ${JSON.stringify([receipt, await stage.view()], null, 1)}`);
        }
        sent.push({ what, text, receipt });
      } catch (error) {
        if (!(error instanceof MusterError) || error.code !== "usage") throw error;
        sent.push({ what, text, refused: error.message });
      }
    }
    await idle(stage);
    const received = await receivedBy(stage, sent.filter(({ receipt }) => receipt).map(({ text }) => kept(text)));
    const untrue = sent.flatMap(({ what, text, receipt, refused }) => {
      const times = received.filter((one) => one === kept(text)).length;
      const told = refused === undefined ? receipt?.outcome : "refused";
      const isTrue = told === "refused" ? times === 0 && isRefused(runtime, text) : isDelivered(told) && times === 1;
      return isTrue ? [] : [`${what}: told ${told} by ${receipt?.evidence}, received ${times} times`];
    });
    const others = received.filter((text) => !sent.some((one) => kept(one.text) === text)).map(short);
    assertEquals([untrue, others], [[], []]);
    const wanted = sent.filter(({ refused }) => refused === undefined).map(({ text }) => kept(text));
    // Codex may let one that it takes up in a turn overtake one that waits for the turn's end.
    if (program.kind !== "codex") {
      assertEquals(received.map(short), wanted.map(short), "in the order in which they were sent");
    }
    assertEquals(stage.provider.strange, []);
    realIo.terminal.err(`${summary(name, sent)}\n`);
  });

  Deno.test(`${name}, twice in one home and directory, is started from a roster, told apart, and read`, async () => {
    await using stage = await Stage.open(program);
    const { world } = stage;
    const names = ["one", "two"];
    await stage.roster(names);
    stage.provider.answer = ({ fresh }) => ({ text: `Answer to ${fresh.at(-1)}` });
    const started = await world.muster(["fleet", "start", "--timeout", "60s"]);
    assertEquals([started.code, started.stderr], [0, ""], started.stdout);
    const states = async () =>
      (await world.json<Fleet>(["fleet", "status"])).document.agents.map(({ state, source }) =>
        `${state} by ${source}`
      );
    const source = runtime.liveState ? "program" : "screen";
    const idle = () =>
      world.eventually(
        "both to be idle",
        async () => (await states()).every((one) => one.startsWith("idle")) || undefined,
      );
    await idle();
    assertEquals(await states(), [`idle by ${source}`, `idle by ${source}`]);
    // A first message may not be in a transcript before it was answered.
    for (const text of ["hello", "the same to both"]) {
      const sent = await world.json<{ readonly receipts: readonly Receipt[] }>(["agent", "send", ...names, "-m", text]);
      assertEquals(
        sent.document.receipts.map(({ outcome }) => outcome),
        ["submitted", "submitted"],
        JSON.stringify(sent.document),
      );
      await idle();
      if (text === "hello" || !runtime.transcript) continue;
      const paths = sent.document.receipts.map(({ evidence, transcript }) =>
        evidence === "transcript" ? transcript : evidence
      );
      assertEquals(new Set(paths).size, 2, `each in a transcript of its own: ${paths}`);
      for (const agent of names) {
        const last = await world.muster(["agent", "last", agent]);
        assert(
          last.stdout.includes("Answer to [") && last.stdout.includes(`:${agent}] the same to both`),
          JSON.stringify(last),
        );
      }
    }
    const stopped = await world.muster(["fleet", "stop"]);
    assertEquals([stopped.code, stopped.stderr], [0, ""], stopped.stdout);
  });

  Deno.test(`${name} has a long message told from one in its queue that begins alike`, async () => {
    await using stage = await Stage.open(program);
    let asked = 0;
    stage.provider.answer = () => ({ text: "Done.", delayMs: ++asked === 1 ? 3_000 : 0 });
    await stage.start({ width: 120, height: 40 });
    await idle(stage);
    const send = sender(stage);
    const texts = ["begin", "line 0\nof a few", Array.from({ length: 1000 }, (_, at) => `line ${at}`).join("\n")];
    const receipts: Receipt[] = [];
    for (const text of texts) receipts.push(await send(text, 60_000, text === texts.at(-1) ? "started" : undefined));
    const last = receipts.at(-1);
    assertEquals(receipts.map(({ outcome }) => isDelivered(outcome)), [true, true, true], JSON.stringify(receipts));
    assertEquals([last?.evidence, last?.awaited?.reached], ["transcript", true], JSON.stringify(last));
    await idle(stage);
    // Each once: see above for the order.
    const wanted = texts.map(kept).sort();
    assertEquals([...await receivedBy(stage, wanted)].sort().map(short), wanted.map(short));
  });

  const asks = askingPrograms[program.kind];
  if (asks) {
    Deno.test(`${name} has its dialog answered as told, and no other one`, async () => {
      await using stage = await Stage.open(program);
      const { world, provider } = stage;
      await stage.roster(["one"], { args: [...program.rosterArgs ?? program.args, ...asks.args] });
      const started = await world.muster(["fleet", "start", "--timeout", "60s"]);
      assertEquals([started.code, started.stderr], [0, ""], started.stdout);
      const answer = async (expect: string, choose: string) => {
        const { code, document } = await world.json<Answered>([
          ...["agent", "answer", "one", "--expect", expect, "--choose", choose],
        ]);
        return { code, outcome: document.outcome, choice: document.choice };
      };
      const ask = async (file: string) => {
        // The title of a conversation is asked for beside it.
        provider.answer = ({ fresh }) =>
          fresh.some((text) => text === `make ${file}`) ? { text: "Done.", tool: asks.touch(file) } : { text: "Done." };
        const sent = await world.muster(["tmux", "send", "-t", "one", "-m", `make ${file}`]);
        assertEquals(sent.code, 0, sent.stdout + sent.stderr);
        await world.eventually("the dialog", async () => (await state()) === "dialog" || undefined);
      };
      const state = async () => (await world.json<Fleet>(["fleet", "status"])).document.agents[0]?.state;
      const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
      const idle = () => world.eventually("it to be idle", async () => (await state()) === "idle" || undefined);
      await idle();

      const allowed = `${world.cwd}/allowed`;
      await ask(allowed);
      assertEquals(await answer("some other dialog", "1"), { code: 4, outcome: "held", choice: undefined });
      const yes = await answer(`touch ${allowed}`, asks.yes);
      assertEquals(yes, { code: 0, outcome: "answered", choice: asks.yes });
      await world.eventually("the file", async () => await isThere(allowed) || undefined);
      await idle();

      const refused = `${world.cwd}/refused`;
      await ask(refused);
      const no = await answer(`touch ${refused}`, String(asks.no));
      assertEquals([no.code, no.outcome, /^No\b/.test(no.choice ?? "")], [0, "answered", true], JSON.stringify(no));
      await idle();
      assertEquals([await isThere(refused), await isThere(allowed)], [false, true]);
      assertEquals(provider.strange, []);
    });
  }

  const trust = trusting[program.kind];
  if (trust) {
    Deno.test(`${name} asks whether it may trust its directory, is told, and takes a message`, async () => {
      await using stage = await Stage.open(program);
      const { world } = stage;
      await stage.roster(["one"], {}, trust);
      const started = await world.muster(["fleet", "start", "--timeout", "60s"]);
      assertEquals([started.code, /dialog/.test(started.stdout)], [4, true], started.stdout + started.stderr);
      const early = await world.muster(["tmux", "send", "-t", "one", "-m", "too early"]);
      assertEquals([early.code, /dialog/.test(early.stdout)], [4, true], early.stdout + early.stderr);
      const answered = await world.muster(["agent", "answer", "one", "--expect", trust.expect, "--choose", trust.yes]);
      assertEquals(answered.code, 0, answered.stdout + answered.stderr);
      const sent = await world.muster(["tmux", "send", "-t", "one", "-m", "hello there", "--when-free", "60s"]);
      assertEquals(sent.code, 0, sent.stdout + sent.stderr);
      const received = await receivedBy(stage, ["hello there"]);
      assertEquals(received.filter((text) => /too early|hello there/.test(text)), ["hello there"]);
    });
  }

  Deno.test(`${name} is reset with proof: at its banner, once more, and after a talk, which is forgotten`, async () => {
    await using stage = await Stage.open(program);
    const { world, provider } = stage;
    provider.answer = ({ fresh }) => ({ text: `Answer to ${fresh.at(-1)}` });
    await stage.roster(["one"], { reset_between_tasks: true });
    const started = await world.muster(["fleet", "start", "--timeout", "60s"]);
    assertEquals([started.code, started.stderr], [0, ""], started.stdout);
    const idle = () =>
      world.eventually("it to be idle", async () => {
        return (await world.json<Fleet>(["fleet", "status"])).document.agents[0]?.state === "idle" || undefined;
      });
    /** What the model was told in the latest request about a text, the program's own words left out. */
    const toldWith = (text: string) =>
      provider.log.map(({ conversation }) => conversation.filter((one) => !program.ownWords?.test(one)))
        .findLast((told) => told.some((one) => one.includes(text))) ?? [];
    const send = async (text: string, ...flags: readonly string[]) => {
      const sent = await world.muster(["agent", "send", "one", "-m", text, "--timeout", "60s", ...flags]);
      assertEquals(sent.code, 0, sent.stdout + sent.stderr);
      await world.eventually(`the model to be told ${text}`, () => {
        return Promise.resolve(toldWith(text).length > 0 || undefined);
      });
      await idle();
    };
    const reset = async () => {
      const { code, document } = await world.json<Reset>(["agent", "reset", "one", "--timeout", "60s"]);
      const evidence = runtime.kind === "pi" || runtime.kind === "opencode" ? "screen" : "transcript";
      assertEquals([code, document.outcome, document.evidence], [0, "reset", evidence], JSON.stringify(document));
    };
    const isTold = (text: string, earlier: string) => toldWith(text).some((one) => one.includes(earlier));
    await idle();
    await reset();
    await reset();
    await send("the first thing");
    await send("the second thing", "--task");
    assert(!isTold("the second thing", "the first thing"), "a task begins anew");
    await send("the third thing");
    assert(isTold("the third thing", "the second thing"), "what is no task goes on");
    const last = async () => {
      const { code, stdout } = await world.muster(["agent", "last", "one"]);
      return [code, stdout.replace(/^Answer to .*(?=the \S+ thing)/, "")];
    };
    assertEquals(await last(), [0, "the third thing\n"]);
    await reset();
    assertEquals(await last(), [1, ""], "what an earlier conversation had is no answer of this one's");
    await send("the fourth thing");
    assert(!/first|second|third/.test(toldWith("the fourth thing").join()), "all is forgotten");
    assertEquals(await last(), [0, "the fourth thing\n"]);
    assertEquals((await world.muster(["agent", "restart", "one", "--timeout", "60s"])).code, 0);
    await idle();
    assertEquals(await last(), [1, ""], "nor what an earlier process had");
    assertEquals(provider.strange, []);
    const stopped = await world.muster(["fleet", "stop"]);
    assertEquals([stopped.code, stopped.stderr], [0, ""], stopped.stdout);
  });
}

function isRefused(runtime: Runtime, text: string): boolean {
  const prepared = runtime.prepare?.(text);
  return prepared !== undefined && "refused" in prepared;
}

/** What the model was told by the person, in order, once it has all the texts that are waited for. */
async function receivedBy(stage: Stage, wanted: readonly string[]): Promise<readonly string[]> {
  const { ownWords, unwrapped, joint } = stage.program;
  const isWanted = new Set(wanted);
  /** Without what the program puts behind a message that it takes up together with the next. */
  const unjoined = (text: string) => {
    const bare = joint !== undefined && text.endsWith(joint) ? text.slice(0, -joint.length) : text;
    return isWanted.has(text) || !isWanted.has(bare) ? text : bare;
  };
  const said = () =>
    stage.provider.conversation.filter((text) => !ownWords?.test(text)).map((text) =>
      unjoined(unwrapped?.(text) ?? text)
    );
  await stage.world.eventually("the model to have all messages", () => {
    const received = new Set(said());
    return Promise.resolve(wanted.every((text) => received.has(text)) || undefined);
  });
  return said();
}

function isDelivered(told: string | undefined): boolean {
  return told === "submitted" || told === "queued";
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 80)}…${text.length}…${text.slice(-80)}` : text;
}

/** How the messages went, in a line. */
function summary(name: string, sent: readonly Sent[]): string {
  const counts = new Map<string, number>();
  const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { receipt, refused } of sent) add(refused ? "refused" : `${receipt?.outcome} by ${receipt?.evidence}`);
  const took = sent.flatMap(({ receipt }) => receipt ? [receipt.elapsedMs] : []).sort((a, b) => a - b);
  const middle = took[Math.floor(took.length / 2)] ?? 0;
  return `${name}: ${[...counts].map(([key, times]) => `${times} ${key}`).join(", ")}; median ${Math.round(middle)} ms`;
}
