import { assertEquals } from "../deps/assert.ts";
import { fakeIo } from "../io/fake.ts";
import type { PaneView } from "../tmux/mod.ts";
import { Delivery } from "./delivery.ts";
import type { Eye } from "./eye.ts";
import { runtimeOf } from "./runtimes.ts";
import type { Turn } from "./turn.ts";

Deno.test("a message in the queue of a program that has ended is not queued; one that it took up was taken", async () => {
  const cases = [
    ["queued", "dead", "dead"],
    ["queued", "gone", "dead"],
    ["taken", "dead", "submitted"],
    ["queued", "late", "queued"],
  ] as const;
  for (const [told, end, outcome] of cases) {
    const io = fakeIo();
    // The screen still shows the draft at the only look at it.
    const view = { pane: { isDead: false, isInMode: false } } as PaneView;
    const turn = {
      server: { host: {} },
      async watch(_endMs: number, see: (view: PaneView) => unknown) {
        assertEquals(await see(view), undefined);
        return end;
      },
    } as unknown as Turn;
    const eye = { fate: () => "standing" } as unknown as Eye;
    const reads = { ...runtimeOf("demo"), read: () => ({ state: "draft" as const, composer: "hello" }) };
    const options = { timeoutMs: 60_000, retries: 0, isKindGiven: false };
    const delivery = new Delivery(io, turn, reads, eye, options);
    delivery.transcript = {
      reckonWith() {},
      look: () => Promise.resolve({ seen: told, isFinished: false }),
    };
    const ended = await delivery.finish({ ticket: "p1t1n1", messageId: "m", record: "", isEntered: true });
    assertEquals(ended.outcome, outcome, `${told}, then ${end}`);
  }
});
