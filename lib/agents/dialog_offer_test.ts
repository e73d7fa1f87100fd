import { assert, assertEquals } from "../deps/assert.ts";
import { dialogOffer, isSameOffer } from "./dialog_offer.ts";

const offerOf = (...rows: readonly string[]) => {
  const offer = dialogOffer({ state: "dialog", dialog: rows.join("\n") });
  assert(offer);
  return offer;
};

Deno.test("dialogOffer reads numbered rows, whatever points at one, and rows in which an answer goes on", () => {
  for (const pointer of ["❯", "›", ">"]) {
    const { choices, selected, question } = offerOf(
      "Run it?",
      "",
      "  1. Yes",
      `${pointer} 2. No, and`,
      "     say why",
      "",
      "Esc",
    );
    assertEquals([choices, selected, question], [["Yes", "No, and say why"], 1, "Run it?\n"]);
  }
});

Deno.test("dialogOffer offers nothing where the rows are no list with one answer pointed at", () => {
  const lists = [
    ["Run it?", "  1. Yes", "  2. No"],
    ["Run it?", "❯ 1. Yes", "❯ 2. No"],
    ["Run it?", "❯ 2. Yes", "  3. No"],
    ["1. a step of the plan", "Run it?", "❯ 1. Yes", "  2. No"],
    ["Run it?", "❯ Yes", "  No"],
  ];
  for (const rows of lists) assertEquals(offerOf(...rows).choices, [], rows.join("|"));
});

Deno.test("isSameOffer knows a dialog again while the choice moves, and the keys below with it", () => {
  const first = offerOf("Run it?", "❯ 1. Yes", " 2. No", "", "Esc to cancel · Tab to amend");
  assert(isSameOffer(first, offerOf("Run it?", " 1. Yes", "❯ 2. No", "", "Esc to cancel")));
  assert(!isSameOffer(first, offerOf("Remove it?", "❯ 1. Yes", " 2. No", "", "Esc to cancel · Tab to amend")));
  assert(!isSameOffer(first, offerOf("Run it?", "❯ 1. Yes", " 2. Never", "", "Esc to cancel · Tab to amend")));
});
