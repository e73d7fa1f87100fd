/**
 * The messages that real agents are sent: one word to 200 KB, many lines, every plane of Unicode, and whatever a shell, a
 * terminal or an agent program might take for something else.
 *
 * @module
 */

/** A message, and what it is a case of. */
export interface Case {
  readonly what: string;
  readonly text: string;
}

/** The messages, always the same ones. Each is different from all others. */
export function messages(count: number): Case[] {
  const fixed = [...shapes(), ...characters()];
  const made = Array.from({ length: Math.max(0, count - fixed.length) }, (_, at) => mixture(at));
  return [...fixed, ...made].slice(0, count).map(({ what, text }, at) => ({
    what,
    text: text.replaceAll("#N", `#${at}`),
  }));
}

function shapes(): Case[] {
  const lines = (count: number, line: string) => Array.from({ length: count }, (_, at) => `${line} ${at}`).join("\n");
  return [
    { what: "one word", text: "continue" },
    { what: "one letter", text: "k" },
    { what: "a number alone", text: "2" },
    { what: "a sentence", text: "please run the tests again and tell me which fail" },
    { what: "two lines", text: "first line\nsecond line" },
    { what: "ten lines", text: lines(10, "line") },
    { what: "eleven lines", text: lines(11, "line") },
    { what: "sixty lines", text: lines(60, "line of a brief") },
    { what: "a thousand lines", text: lines(1000, "line") },
    { what: "many short lines", text: lines(40, "l") },
    { what: "blank lines inside", text: "one\n\n\ntwo\n\n\n\nthree" },
    { what: "indented lines", text: "function f() {\n    return [\n        1,\n    ];\n}" },
    { what: "1000 characters", text: "x".repeat(999) + "." },
    { what: "1001 characters", text: "y".repeat(1000) + "." },
    { what: "4095 bytes in a line", text: "z".repeat(4095) },
    { what: "16 KB in a line", text: "long ".repeat(3300) + "end" },
    { what: "64 KB of lines", text: lines(1600, "a line of an extensive specification, number") },
    { what: "200 KB of lines", text: lines(4000, "a line of an extensive specification, of which this is number") },
    {
      what: "200 KB of paragraphs",
      text: Array.from({ length: 40 }, (_, at) => `${at} ${"word ".repeat(1000)}`).join("\n\n") + "end",
    },
    { what: "40 KB in a line", text: "word ".repeat(8000) + "end" },
    { what: "double quotes", text: 'say "hello" and ""' },
    { what: "single quotes", text: "it's 'quoted' and ''" },
    { what: "a command substitution", text: "echo $(touch /tmp/never) and ${HOME} and $HOME" },
    { what: "backticks", text: "run `rm -rf build` and ``` fences" },
    { what: "a code fence", text: "```ts\nconst a = `b${c}`;\n```" },
    { what: "an exclamation mark", text: "stop! now!! !history !$ !!" },
    { what: "a leading exclamation mark", text: "!ls -la #N" },
    { what: "a leading slash", text: "/etc/passwd is not to be read #N" },
    { what: "a leading slash that is a command", text: "/help #N" },
    { what: "a slash alone", text: "/" },
    { what: "a leading hash", text: "# a heading #N" },
    { what: "a leading hash without a space", text: "#123 is the issue" },
    { what: "a leading at", text: "@README.md says so #N" },
    { what: "an at at the end", text: "look at @README" },
    { what: "an at inside", text: "mail ada@example.org about it" },
    { what: "a hash at the end", text: "see the issue #17" },
    { what: "a leading dash", text: "-m is a flag" },
    { what: "a leading double dash", text: "--help is a flag, too" },
    { what: "a leading colon", text: ":q! does not leave" },
    { what: "a leading question mark", text: "? is not a shortcut" },
    { what: "a leading ampersand", text: "& in front" },
    { what: "a leading percent", text: "% in front, %s and %d" },
    { what: "a leading tilde", text: "~/src is the place" },
    { what: "a leading dot", text: "./run.sh first" },
    { what: "a leading prompt glyph", text: "❯ 1. Yes" },
    { what: "another leading prompt glyph", text: "› 1. Yes, proceed (y)" },
    { what: "a leading box glyph", text: "┃ quoted\n╹▀▀▀" },
    { what: "a leading rule", text: "────────────────────────\nbelow a rule\n────────────────────────" },
    { what: "a leading placeholder", text: "[Pasted text #1 +40 lines]" },
    { what: "another placeholder", text: "[paste #1 +60 lines] and [Pasted Content 1234 chars]" },
    { what: "what an empty composer shows", text: "Ask Codex to do anything" },
    { what: "a footer", text: "0.0%/128k (auto)\n  ? for shortcuts" },
    { what: "a trailing semicolon", text: "a statement;" },
    { what: "a trailing backslash", text: "a path C:\\dir\\" },
    { what: "two trailing backslashes", text: "a path \\\\server\\\\" },
    { what: "lines that end in backslashes", text: "one \\\ntwo \\\nthree" },
    { what: "a trailing space", text: "a trailing space " },
    { what: "trailing spaces on lines", text: "one  \ntwo   \nthree" },
    { what: "a trailing newline", text: "a trailing newline\n" },
    { what: "two trailing newlines", text: "two trailing newlines\n\n" },
    { what: "a leading space", text: " a leading space" },
    { what: "a leading newline", text: "\na leading newline" },
    { what: "a leading space and slash", text: " /model is spoken of #N" },
    { what: "tabs inside", text: "a\ttab\tinside" },
    { what: "tabs that indent", text: "all:\n\tmake one\n\tmake two" },
    { what: "a trailing tab", text: "a trailing tab\t" },
    { what: "an escape sequence spelt out", text: "\\u001b[201~ and \\x1b and ^[" },
    { what: "HTML", text: '<b>bold</b> &amp; <script>alert("1")</script>' },
    { what: "a tag", text: "<system-reminder>nothing to see</system-reminder>" },
    { what: "JSON", text: '{"a": [1, 2, {"b": null}], "c": "\\n\\u00e9"}' },
    { what: "a Windows path", text: "C:\\Users\\ada\\new\\table" },
    { what: "tmux formats", text: "#{pane_id} #S #(touch /tmp/never) #[fg=red]" },
    { what: "a URL", text: "https://example.org/a?b=c&d=%20#e" },
    { what: "Markdown", text: "# Title\n\n- one **bold**\n- two _it_\n\n> quote\n\n| a | b |\n| - | - |\n| 1 | 2 |" },
    { what: "a diff", text: "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-old\n+new" },
    { what: "a preamble", text: "[host:lead -> host:coder0] please look" },
  ];
}

function characters(): Case[] {
  const point = (code: number) => String.fromCodePoint(code);
  const planes = [0x0, 0x1, 0x2, 0x3, 0xe, 0xf, 0x10].map((plane) => {
    const codes = { 0: 0x4e2d, 1: 0x1d11e, 2: 0x20000, 3: 0x30000, 14: 0xe0100, 15: 0xf0000, 16: 0x100000 }[plane] ?? 0;
    return { what: `plane ${plane}`, text: `plane ${plane}: ${point(codes)}${point(codes + 1)} end` };
  });
  return [
    ...planes,
    { what: "emoji", text: "🚀 ship it 👍🏽 👩‍💻 🏳️‍🌈 🇩🇪" },
    { what: "emoji alone", text: "🚀👩‍💻" },
    { what: "combining marks", text: "e\u0301 a\u0308 o\u0302\u0323 n\u0303" },
    { what: "composed letters", text: "é ä ộ ñ Å" },
    { what: "many marks", text: `z${"\u0300\u0301\u0302\u0303".repeat(4)}algo` },
    { what: "conjoining Hangul", text: "\u1112\u1161\u11ab 한" },
    { what: "Hebrew", text: "שלום עולם (right to left)" },
    { what: "Arabic", text: "مرحبا بالعالم ١٢٣" },
    { what: "marks of direction", text: "a\u200fb\u200ec \u202bd\u202c e" },
    { what: "Devanagari", text: "नमस्ते दुनिया क्ष" },
    { what: "Thai", text: "สวัสดีชาวโลก" },
    { what: "Chinese, Japanese, Korean", text: "你好 こんにちは カタカナ 안녕" },
    { what: "fullwidth forms", text: "ＡＢＣ１２３！" },
    { what: "Greek and Cyrillic", text: "Ελληνικά русский" },
    { what: "mathematics", text: "∀x∈ℝ: x² ≥ 0 ⇒ √x² = |x| 𝔸𝕓" },
    { what: "box drawing", text: "┌─┐\n│x│\n└─┘" },
    { what: "no-break spaces", text: "a\u00a0b\u202fc\u2007d\u3000e" },
    { what: "zero width", text: "a\u200bb\u200cc\u200dd\u2060e\ufefff" },
    { what: "line separators", text: "a\u2028b\u2029c" },
    { what: "a soft hyphen", text: "soft\u00adhyphen" },
    { what: "compatibility characters", text: "ﬁ ﬂ № ™ ½ ﷺ Å K" },
    { what: "typographic quotes", text: "“quoted” ‘so’ … – —" },
    { what: "a replacement character", text: "what \ufffd is" },
    { what: "a private character", text: "\ue0b0 powerline \uf8ff" },
    { what: "variation selectors", text: "☎\ufe0e ☎\ufe0f ❤️" },
    { what: "braille", text: "⠋ Working... ⠙" },
    { what: "5,000 characters of many scripts", text: "中é🚀שa".repeat(1000) + " end" },
    { what: "lines of many scripts", text: Array.from({ length: 30 }, (_, at) => `${at} 中é🚀שa क्ष`).join("\n") },
  ];
}

const words = [
  "look",
  "parser",
  "`a`",
  "$(b)",
  "c;",
  "d\\",
  "“e”",
  "é",
  "🚀",
  "中文",
  "#5",
  "@f",
  "/g",
  "!h",
  "<i>",
  "&&",
  "|",
  "~",
];

/** A message mixed from words by a fixed rule. */
function mixture(at: number): Case {
  let seed = at * 2_654_435_761 >>> 0;
  const next = (below: number) => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  const lines = Array.from({ length: 1 + next(at % 7 === 0 ? 40 : 4) }, () => {
    return Array.from({ length: 1 + next(20) }, () => words[next(words.length)]).join(" ");
  });
  return { what: `mixture ${at}`, text: `mixture #N ${lines.join("\n")} end` };
}
