import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import type { TaskRow } from "./row.ts";
import { splitWords } from "./words.ts";

const row: TaskRow = {
  command: "tmux send",
  aliases: [],
  tier: "write",
  summary: "Send",
  examples: [],
  permissions: [],
  optional: [],
  flags: [
    { key: "agents", long: "agents", kind: "text", summary: "", positional: true, many: true, placeholder: "AGENT" },
    { key: "message", long: "message", kind: "text", summary: "", short: "m", placeholder: "TEXT" },
    { key: "count", long: "count", kind: "number", summary: "", short: "n" },
    { key: "dryRun", long: "dry-run", kind: "boolean", summary: "", short: "d" },
    { key: "quick", long: "quick", kind: "boolean", summary: "", short: "q" },
  ],
};

Deno.test("splitWords takes each value out, whatever it looks like", () => {
  const cases: readonly (readonly [given: string[], words: string[], values: string[]])[] = [
    [[], [], []],
    [["a", "b c", ""], ["0", "1", "2"], ["a", "b c", ""]],
    [["-"], ["0"], ["-"]],
    [["-m", "hi"], ["--message=0"], ["hi"]],
    [["-mhi"], ["--message=0"], ["hi"]],
    [["-m=hi"], ["--message=0"], ["hi"]],
    [["-m="], ["--message=0"], [""]],
    [["-m==x"], ["--message=0"], ["=x"]],
    [["-m", ""], ["--message=0"], [""]],
    [["-m", "--help"], ["--message=0"], ["--help"]],
    [["-m", "--"], ["--message=0"], ["--"]],
    [["-m", "-d"], ["--message=0"], ["-d"]],
    [["-m", "a\nb=c\n"], ["--message=0"], ["a\nb=c\n"]],
    [["--message", "--version"], ["--message=0"], ["--version"]],
    [["--message=a=b"], ["--message=0"], ["a=b"]],
    [["--message="], ["--message=0"], [""]],
    [["-m", "a", "-m", "b"], ["--message=0", "--message=1"], ["a", "b"]],
    [["-n", "-5"], ["--count=0"], ["-5"]],
    [["-d"], ["--dry-run"], []],
    [["-dq"], ["--dry-run", "--quick"], []],
    [["-dqm", "hi"], ["--dry-run", "--quick", "--message=0"], ["hi"]],
    [["-dmq"], ["--dry-run", "--message=0"], ["q"]],
    [["-dZ"], ["--dry-run", "-Z"], []],
    [["--dry-run", "a"], ["--dry-run", "0"], ["a"]],
    [["--no-dry-run"], ["--no-dry-run"], []],
    [["--unknown", "--x=1"], ["--unknown", "--x=1"], []],
    [["--agents", "a"], ["--agents", "0"], ["a"]],
    [["--json", "--debug"], ["--json", "--debug"], []],
    [["a", "--", "-m", "--help", "--"], ["0", "--", "1", "2", "3"], ["a", "-m", "--help", "--"]],
    [["--"], ["--"], []],
  ];
  for (const [given, words, values] of cases) {
    assertEquals(splitWords(row, given), { words, values, asks: undefined }, JSON.stringify(given));
  }
});

Deno.test("splitWords sees what is asked for, but not in a value; the first counts", () => {
  const cases: readonly (readonly [given: string[], asks: "help" | "version" | undefined])[] = [
    [["--help"], "help"],
    [["-h"], "help"],
    [["-dh"], "help"],
    [["a", "-d", "--help"], "help"],
    [["--version"], "version"],
    [["--version", "--help"], "version"],
    [["-m", "-h"], undefined],
    [["-mh"], undefined],
    [["--", "--help"], undefined],
    [["help"], undefined],
  ];
  for (const [given, asks] of cases) assertEquals(splitWords(row, given).asks, asks, JSON.stringify(given));
});

Deno.test("splitWords says which value is missing, or one too many", () => {
  const help = "muster tmux send --help shows what it takes";
  const cases: readonly (readonly [given: string[], message: string, hint: string])[] = [
    [["-m"], "missing value: -m", "--message takes TEXT"],
    [["--message"], "missing value: --message", "--message takes TEXT"],
    [["-dm"], "missing value: -dm", "--message takes TEXT"],
    [["a", "-n"], "missing value: -n", "--count takes number"],
    [["--dry-run=false"], "takes no value: --dry-run", help],
    [["--json="], "takes no value: --json", help],
  ];
  for (const [given, message, hint] of cases) {
    const error = assertThrows(() => splitWords(row, given), MusterError);
    assertEquals([error.code, error.message, error.hint], ["usage", message, hint]);
  }
});
