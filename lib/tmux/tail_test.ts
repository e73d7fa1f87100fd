import { assertEquals } from "../deps/assert.ts";
import { type Alignment, alignRows, type RowsLook } from "./tail.ts";

const height = 4;

/** What a look at a program that prints these lines shows; the cursor is in the last, which may be empty. */
function look(lines: readonly string[], more: Partial<RowsLook> & { readonly trimmed?: number } = {}): RowsLook {
  const { trimmed = 0, ...facts } = more;
  const all = lines.slice(trimmed);
  const historySize = facts.historySize ?? Math.max(0, all.length - height);
  const first = facts.first ?? 0;
  const rows = Array.from({ length: historySize + height }, (_, at) => all[at] ?? "").slice(first);
  const cursor = all.length - 1;
  return { cursor, historySize, historyLimit: 100, width: 80, height, isAlternate: false, ...facts, first, rows };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

/** Numbered lines, and the cursor in an empty one. */
const upTo = (last: number) => [...numbers(1, last), ""];

const same = (count: number) => [...Array(count).fill("y"), ""];

const table: readonly (readonly [what: string, before: RowsLook, now: RowsLook, Alignment])[] = [
  ["nothing new", look(upTo(3)), look(upTo(3)), { by: 0 }],
  ["nothing new in a history", look(upTo(50)), look(upTo(50)), { by: 0 }],
  ["nothing on an empty screen", look([""]), look([""]), { by: 0 }],
  ["a first row", look([""]), look(["a", ""]), { by: 0 }],
  ["a first row of a full screen and more", look([""]), look(upTo(20)), { by: 0 }],
  ["more than a history holds, on an empty screen", look([""]), look(upTo(300), { trimmed: 200 }), {
    known: 0,
    gap: "lost",
  }],
  ["append on the screen", look(upTo(1)), look(upTo(3)), { by: 0 }],
  ["append to the cursor's row", look(["a", "b"]), look(["a", "bc"]), { by: 0 }],
  ["append past the screen", look(upTo(3)), look(upTo(30)), { by: 0 }],
  ["append to a history", look(upTo(30)), look(upTo(60)), { by: 0 }],
  ["append, of which only the end was read", look(upTo(30), { first: 10 }), look(upTo(60), { first: 15 }), { by: 0 }],
  ["too little was read", look(upTo(30), { first: 10 }), look(upTo(60), { first: 40 }), { known: 0, gap: "lost" }],
  ["the history loses a tenth", look(upTo(100)), look(upTo(105), { trimmed: 10 }), { by: 10 }],
  ["the history loses a tenth and grows on", look(upTo(96)), look(upTo(113), { trimmed: 10 }), { by: 10 }],
  ["the history loses half", look(upTo(100)), look(upTo(149), { trimmed: 50 }), { by: 50 }],
  ["the history loses a tenth, only the end was read", look(upTo(100), { first: 60 }), {
    ...look(upTo(105), { trimmed: 10, first: 50 }),
  }, { by: 10 }],
  ["the last rows of before are the first of now", look(upTo(100)), look(upTo(190), { trimmed: 90 }), { by: 90 }],
  ["none of before is left", look(upTo(100)), look(upTo(300), { trimmed: 200 }), { known: 0, gap: "lost" }],
  ["equal rows, appended", look(same(3)), look(same(9)), { by: 0 }],
  ["equal rows, appended to a history", look(same(30)), look(same(40)), { by: 0 }],
  ["equal rows, a tenth lost", look(same(103)), look(same(105), { trimmed: 10 }), { by: 10 }],
  ["rows that repeat, a tenth lost", look(numbers(1, 103).map((n) => String(+n % 7))), {
    ...look(numbers(1, 108).map((n) => String(+n % 7)), { trimmed: 10 }),
  }, { by: 10 }],
  ["the history is cleared", look(upTo(30)), look(upTo(30), { trimmed: 27 }), { by: 27 }],
  ["the history is cleared and grows on", look(upTo(30)), look(upTo(40), { trimmed: 27 }), { by: 27 }],
  ["rows come, then all but two rows are cleared", look(upTo(30)), look(upTo(32), { trimmed: 28 }), {
    known: 0,
    gap: "cleared",
  }],
  ["the history is cleared over an empty screen", look([...upTo(30), "", "", ""]), look([""]), {
    known: 0,
    gap: "cleared",
  }],
  ["the history is cleared under an empty screen", look([...upTo(30)], { historySize: 30 }), look([""]), { by: 30 }],
  ["the history is cleared under a prompt", look([...numbers(1, 30), "$"], { historySize: 30 }), look(["$"]), {
    by: 30,
  }],
  ["all is cleared", look(upTo(30)), look(["a", ""]), { known: 0, gap: "cleared" }],
  ["a screen is cleared", look(upTo(3)), look(["a", ""]), { known: 0, gap: "cleared" }],
  ["a screen goes to the history", look(upTo(3)), look([...upTo(3), "a"], { historySize: 4 }), { by: 0 }],
  ["a screen is drawn anew", look(["a", "b", "c"]), look(["d", "e", "f"]), { by: 0 }],
  ["some rows are drawn anew", look(["a", "b", "c"]), look(["a", "e", "c"]), { by: 0 }],
  ["rows under a history are drawn anew", look(upTo(30)), look([...numbers(1, 28), "a", "b", ""]), { by: 0 }],
  ["an alternate screen", look(["$ vi"]), look(["a", "b", "c", "d"], { isAlternate: true }), { by: 0 }],
  ["an alternate screen scrolls", look(["a", "b", "c", "d"], { isAlternate: true }), {
    ...look(["b", "c", "d", "e"], { isAlternate: true }),
  }, { by: 0 }],
  ["no history: scrolled", look(["a", "b", "c", "d"], { historyLimit: 0 }), {
    ...look(["b", "c", "d", "e"], { historyLimit: 0 }),
  }, { by: 1 }],
  ["no history: nothing left", look(["a", "b", "c", "d"], { historyLimit: 0 }), {
    ...look(["e", "f", "g", "h"], { historyLimit: 0 }),
  }, { known: 0, gap: "lost" }],
  ["a history of five", look(upTo(9), { trimmed: 1, historyLimit: 5 }), {
    ...look(upTo(12), { trimmed: 4, historyLimit: 5 }),
  }, { by: 3 }],
  ["a taller screen takes rows back", look(upTo(30)), { ...look(upTo(30)), historySize: 21, height: 10 }, { by: 0 }],
  ["a lower screen", { ...look(upTo(30)), historySize: 21, height: 10 }, look(upTo(30)), { by: 0 }],
  ["a narrower screen", look(["one two", "three", ""]), look(["one", "two", "three", "four", ""], { width: 5 }), {
    known: 3,
  }],
  ["another width, nothing known", look(upTo(30)), look(numbers(50, 90), { width: 5 }), { known: 37, gap: "lost" }],
];

Deno.test("alignRows finds the rows of a look in the next one", async (t) => {
  for (const [what, before, now, alignment] of table) {
    await t.step(what, () => assertEquals(alignRows(before, now), alignment));
  }
});
