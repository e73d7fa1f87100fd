import { assert, assertEquals } from "../deps/assert.ts";
import { wrapPage } from "./wrap_page.ts";

Deno.test("wrapPage leaves a page that fits as it is", () => {
  const page = "USAGE\n  muster check\n\nFLAGS\n  --json  Print one JSON document\n";
  assertEquals(wrapPage(page, 80), page);
});

Deno.test("wrapPage goes on below the text of a table, and keeps a flag with its placeholder", () => {
  const page = [
    "USAGE",
    "  muster test it (--count N) [--kind KIND] [--dry-run] [AGENT]...",
    "",
    "FLAGS",
    "  -n [--count]  How often it is to be done, one after the other",
    "     [--kind]   Which kind it is (claude|codex|pi) [default: pi]",
  ];
  assertEquals(wrapPage(page.join("\n"), 40).split("\n"), [
    "USAGE",
    "  muster test it (--count N)",
    "      [--kind KIND] [--dry-run]",
    "      [AGENT]...",
    "",
    "FLAGS",
    "  -n [--count]  How often it is to be",
    "                done, one after the",
    "                other",
    "     [--kind]   Which kind it is",
    "                (claude|codex|pi)",
    "                [default: pi]",
  ]);
});

Deno.test("wrapPage fills a paragraph anew, and joins no headings", () => {
  const page = "Sends it.\n\nBefore the message stands\nwhom it is from.\n\nEXIT STATUS\n  0  done\n";
  assertEquals(
    wrapPage(page, 30),
    "Sends it.\n\nBefore the message stands whom\nit is from.\n\nEXIT STATUS\n  0  done\n",
  );
  assertEquals(wrapPage(page, 20).split("\n").slice(2, 5), ["Before the message", "stands whom it is", "from."]);
});

Deno.test("wrapPage puts the text of a wide column below it", () => {
  const page = "  provision up, again  Bring the machine to its state\n";
  assertEquals(wrapPage(page, 30).split("\n"), [
    "  provision up, again",
    "      Bring the machine to its",
    "      state",
    "",
  ]);
});

Deno.test("wrapPage cuts no word, however long it is", () => {
  const word = "--allow-read=$HOME/.config/muster,/a/very/long/path";
  const page = wrapPage(`  ${word} --allow-run=tmux  buys nothing`, 20);
  assert(page.split(/\s+/).includes(word), page);
});
