/**
 * The plain text of Markdown, with what is code or HTML left out: what a forge looks for keywords in.
 *
 * @module
 */

import { Lexer, type Token } from "../deps/marked.ts";

/** Options of {@linkcode markdownText}. */
export interface MarkdownTextOptions {
  /** What stands between the texts of two inline elements, such as before and after `**`. @default {""} */
  readonly between?: string;
  /** What a link with a text of its own leaves; its text by default. */
  readonly link?: (text: string, address: string) => string;
}

/**
 * The texts of a document, one line for each of its blocks.
 *
 * @example
 * ```ts
 * import { markdownText } from "./markdown_text.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(markdownText("Fix *it*, not `that`.\n\n    code\n"), "Fix it, not .\n");
 * ```
 */
export function markdownText(markdown: string, options: MarkdownTextOptions = {}): string {
  const { between = "", link = (text) => text } = options;
  const lines: string[] = [];
  const inline = (tokens: readonly Token[]): string => {
    let text = "";
    let previous: string | undefined;
    for (const token of tokens) {
      // Text and what was escaped in it are one text.
      const isText = (token.type === "text" || token.type === "escape") && !("tokens" in token && token.tokens);
      const written = inlineText(token);
      if (previous !== undefined && !(isText && previous === "text") && written !== "") text += between;
      text += written;
      if (written !== "" || !isText) previous = isText ? "text" : token.type;
    }
    return text;
  };
  const inlineText = (token: Token): string => {
    switch (token.type) {
      case "codespan":
      case "html":
      case "image":
      case "checkbox":
        return "";
      case "br":
        return "\n";
      case "link": {
        const text = inline(token.tokens ?? []);
        // An address that stands for itself is text, and so it stays.
        return text === token.href || token.raw === token.href || token.raw === `<${token.href}>`
          ? token.href
          : link(text, token.href);
      }
      case "text":
      case "escape":
        return "tokens" in token && token.tokens ? inline(token.tokens) : token.text;
      default:
        return "tokens" in token && token.tokens ? inline(token.tokens) : "";
    }
  };
  const block = (tokens: readonly Token[]) => {
    for (const token of tokens) {
      switch (token.type) {
        case "paragraph":
        case "heading":
        case "text":
          lines.push(inline(token.tokens ?? [token]));
          break;
        case "list":
          for (const item of token.items) block(item.tokens);
          break;
        case "blockquote":
          block(token.tokens ?? []);
          break;
        case "table":
          for (const row of [token.header, ...token.rows]) for (const cell of row) lines.push(inline(cell.tokens));
          break;
      }
    }
  };
  block(new Lexer().lex(markdown));
  return lines.map((line) => `${line}\n`).join("");
}
