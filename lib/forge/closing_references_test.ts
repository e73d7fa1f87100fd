import { assert, assertEquals } from "../deps/assert.ts";
import type { ForgeKind } from "../config/forges_schema.ts";
import { closingGrammars } from "./closing_references.ts";
import { nearMisses } from "./near_misses.ts";

/** A body, and what it closes: numbers of the own repo, `repo#number` of another. */
type Table = readonly (readonly [string, readonly (number | string)[]])[];

const gitea: Table = [
  // Words and case
  ["close #1", [1]],
  ["closes #1", [1]],
  ["closed #1", [1]],
  ["fix #1", [1]],
  ["fixes #1", [1]],
  ["fixed #1", [1]],
  ["resolve #1", [1]],
  ["resolves #1", [1]],
  ["resolved #1", [1]],
  ["CLOSES #1", [1]],
  ["FiXeS #1", [1]],
  ["closing #1", []],
  ["fixing #1", []],
  ["implements #1", []],
  ["ref #1", []],
  ["see #1", []],
  ["#1", []],
  // Colon and spaces
  ["Closes: #1", [1]],
  ["Closes:#1", []],
  ["Closes  #1", []],
  ["Closes:  #1", []],
  ["Closes : #1", []],
  ["Closes#1", []],
  ["Closes\t#1", []],
  ["Closes\n#1", []],
  ["Closes\n\n#1", []],
  ["text\nCloses #1\ntext", [1]],
  // What is before
  ["(closes #1)", [1]],
  ["[closes #1]", [1]],
  ["This closes #1", [1]],
  ['"closes #1"', []],
  ["hotfix #9", []],
  ["prefix #5", []],
  ["no-close: #1", []],
  ["-closes #1", []],
  // What is after
  ["Closes #1.", [1]],
  ["Closes #1, and more", [1]],
  ["Closes #1!", [1]],
  ["Closes #1;", [1]],
  ["Closes #1a", []],
  ["Closes #1-2", []],
  ["Closes #1/2", []],
  ["Closes (#1)", []],
  ['Closes "#1"', []],
  // Several
  ["Closes #1, #2", [1]],
  ["Closes #1 and #2", [1]],
  ["Closes #1, closes #2", [1, 2]],
  ["Closes #1 fixes #2 resolves #3", [1, 2, 3]],
  ["Closes #1\nCloses #2", [1, 2]],
  ["- Closes #1\n- fixes #2\n", [1, 2]],
  ["1. Closes #1\n2. fixes #2", [1, 2]],
  ["- [x] Closes #1\n- [ ] fixes #2", [1, 2]],
  // Markdown
  ["**Closes #1**", [1]],
  ["**Closes** #1", []],
  ["Closes **#1**", []],
  ["_Closes #1_", [1]],
  ["> Closes #1", [1]],
  ["# Closes #1", [1]],
  ["`Closes #1`", []],
  ["Closes `#1`", []],
  ["```\nCloses #1\n```", []],
  ["~~~\nCloses #1\n~~~", []],
  ["    Closes #1", []],
  ["<!-- Closes #1 -->", []],
  ["Closes [#1](https://git.example.org/ada/tool/issues/1)", []],
  ["| a |\n|---|\n| Closes #1 |", [1]],
  // Repos and addresses
  ["Closes !1", [1]],
  ["Closes ada/tool#1", [1]],
  ["Closes Ada/Tool#1", [1]],
  ["Closes bob/other#1", ["bob/other#1"]],
  ["Closes ada/tool!1", [1]],
  ["Closes a/b/c#1", []],
  ["Closes https://git.example.org/ada/tool/issues/1", [1]],
  ["Closes https://git.example.org/ada/tool/pulls/1", [1]],
  ["Closes https://git.example.org/bob/other/issues/1", ["bob/other#1"]],
  ["Closes https://elsewhere.example.org/ada/tool/issues/1", []],
  ["Closes <https://git.example.org/ada/tool/issues/1>", [1]],
  ["Closes https://git.example.org/ada/tool/issues/1/more", []],
  ["Closes #007", [7]],
  ["", []],
];

const github: Table = [
  ["close #1", [1]],
  ["closes #1", [1]],
  ["closed #1", [1]],
  ["fix #1", [1]],
  ["fixes #1", [1]],
  ["fixed #1", [1]],
  ["resolve #1", [1]],
  ["resolves #1", [1]],
  ["resolved #1", [1]],
  ["CLOSES: #1", [1]],
  ["Closes: #1", [1]],
  ["FIXES #1", [1]],
  ["closing #1", []],
  ["fixing #1", []],
  ["resolving #1", []],
  ["implements #1", []],
  ["#1", []],
  ["see #1", []],
  ["Closes#1", []],
  ["no-close: #1", [1]],
  ["hotfix #9", []],
  ["prefix #5", []],
  ["unfixes #5", []],
  ["_closes #1_", [1]],
  ["(closes #1)", [1]],
  ["This closes #1.", [1]],
  ["Closes #1, #2", [1]],
  ["Closes #1 and #2", [1]],
  ["Closes #1, closes #2", [1, 2]],
  ["Resolves #10, resolves #123, resolves ada/other#100", [10, 123, "ada/other#100"]],
  ["- Closes #1\n- fixes #2", [1, 2]],
  ["text\n\nFixes #3\n", [3]],
  ["**Fixes #3**", [3]],
  ["`Closes #1`", []],
  ["Closes `#1`", []],
  ["```\nCloses #1\n```", []],
  ["    Closes #1", []],
  ["<!-- Closes #1 -->", []],
  ["Closes ada/tool#1", [1]],
  ["Closes Ada/Tool#1", [1]],
  ["Closes bob/other#1", ["bob/other#1"]],
  ["Closes https://github.com/ada/tool/issues/1", [1]],
  ["Closes https://github.com/bob/other/issues/7", ["bob/other#7"]],
  ["Closes https://github.example/ada/tool/issues/1", []],
  ["Closes https://github.com/ada/tool/pull/1", []],
  ["Closes GH-26", [26]],
  ["Closes #1a", []],
  ["Closes #1_", []],
  ["", []],
];

const gitlab: Table = [
  ["Close #1", [1]],
  ["Closes #1", [1]],
  ["Closed #1", [1]],
  ["Closing #1", [1]],
  ["close #1", [1]],
  ["closes #1", [1]],
  ["CLOSES #1", []],
  ["cLoses #1", []],
  ["Fix #1", [1]],
  ["Fixes #1", [1]],
  ["fixed #1", [1]],
  ["Fixing #1", [1]],
  ["Resolve #1", [1]],
  ["resolves #1", [1]],
  ["Resolved #1", [1]],
  ["Resolving #1", [1]],
  ["Implement #1", [1]],
  ["implements #1", [1]],
  ["Implemented #1", [1]],
  ["Implementing #1", [1]],
  ["see #1", []],
  ["#1", []],
  ["Closes: #1", [1]],
  ["Closes:#1", []],
  ["Closes   #1", [1]],
  ["Closes#1", []],
  ["Closes\n#1", []],
  ["Closes\t#1", []],
  ["hotfix #9", []],
  ["prefix #5", []],
  ["no-close: #1", [1]],
  ["Closes issue #1", [1]],
  ["Closes issues #1", [1]],
  ["Closes issues #4, #6 and #9", [4, 6, 9]],
  ["Closes #4, #6, and #9", [4, 6, 9]],
  ["Closes #4 #6", [4, 6]],
  ["Closes #4 and #6", [4, 6]],
  ["Closes #4 or #6", [4]],
  ["Closes #4,#6", [4, 6]],
  ["Closes issue #4 and issue #6", [4, 6]],
  ["Closes #1. Fixes #2", [1, 2]],
  ["- Closes #1\n- fixes #2", [1, 2]],
  ["**Closes #1**", [1]],
  ["Closes **#1**", []],
  ["`Closes #1`", [1]],
  ["```\nCloses #1\n```", [1]],
  ["Closes group/tool#1", [1]],
  ["Closes Group/Tool#1", [1]],
  ["Closes tool#1", [1]],
  ["Closes other#1", ["group/other#1"]],
  ["Closes group/sub/project#1", ["group/sub/project#1"]],
  ["Closes #1, group/other#2 and #3", [1, "group/other#2", 3]],
  ["Closes https://gitlab.com/group/tool/-/issues/1", [1]],
  ["Closes https://gitlab.com/group/tool/issues/1", [1]],
  ["Closes https://gitlab.com/group/tool/-/work_items/1", [1]],
  ["Closes https://gitlab.com/group/sub/deep/-/issues/7", ["group/sub/deep#7"]],
  ["Closes https://elsewhere.example.org/group/tool/-/issues/1", []],
  ["Closes !1", []],
  ["Closes [#1](https://gitlab.com/group/tool/-/issues/1)", []],
  ["", []],
];

const forges: readonly (readonly [ForgeKind, string, string, Table])[] = [
  ["gitea", "ada/tool", "https://git.example.org", gitea],
  ["forgejo", "ada/tool", "https://git.example.org", gitea],
  ["github", "ada/tool", "https://github.com", github],
  ["gitlab", "group/tool", "https://gitlab.com", gitlab],
];

for (const [kind, repo, url, table] of forges) {
  const closed = (text: { readonly title: string; readonly body: string }) =>
    closingGrammars[kind](text, { repo, url }).map((one) =>
      one.repo === undefined ? one.number : `${one.repo}#${one.number}`
    );

  Deno.test(`the closing keywords of ${kind}: ${table.length} bodies`, async (t) => {
    assert(table.length >= 40);
    assertEquals(new Set(table.map(([text]) => text)).size, table.length, "a text stands twice");
    for (const [body, expected] of table) {
      await t.step(JSON.stringify(body), () => assertEquals(closed({ title: "", body }), [...expected]));
    }
  });

  Deno.test(`a title counts on ${kind}, and Markdown is none there`, () => {
    assertEquals(closed({ title: "Closes #1", body: "fixes #2" }), [1, 2]);
    assertEquals(closed({ title: "Closes", body: "#2" }), []);
  });

  Deno.test(`a hostile text takes ${kind} no more than a long one`, () => {
    // What grows with the square of the length would not end within the test's own deadline.
    const parts = [
      "closes ",
      " ",
      "#1 ",
      "a/",
      "-",
      "closes #1, ",
      "*",
      "`",
      "https://",
      "(",
      "\n",
      "closes -",
      "#1 \t",
    ];
    for (const part of parts) {
      for (const end of ["", "#1", "and"]) {
        const body = `closes ${part.repeat(Math.ceil(65_536 / part.length))}${end}`;
        closed({ title: body, body });
        nearMisses(body);
      }
    }
  });
}

Deno.test("what looks like a keyword is found however it is written", () => {
  const table: readonly (readonly [string, readonly (readonly number[])[]])[] = [
    ["Closes #1, #2 and #3", [[1, 2, 3]]],
    ["Closes  #1", [[1]]],
    ["closes\n#1", [[1]]],
    ["CLOSES:#1", [[1]]],
    ["**Closes** #1", [[1]]],
    ["Closes **#1**", [[1]]],
    ["`Closes #1`", [[1]]],
    ["Closes [#1](u)", [[1]]],
    ["fixing #4 & #5", [[4, 5]]],
    ["implements issue #4", [[4]]],
    ["Closes a/b#1", [[1]]],
    ["Closes #1. See #2", [[1]]],
    ["hotfix #9", []],
    ["prefix #9", []],
    ["the fix is in #9", []],
    ["#9", []],
  ];
  for (const [text, numbers] of table) {
    assertEquals(nearMisses(text).map((one) => one.numbers), numbers as number[][], text);
  }
});
