/**
 * The starter set: packs that every project may enable. A file of the same name in the project's own directory of packs
 * takes the place of one.
 *
 * @module
 */
import aptCheck from "./packs/apt.check.sh" with { type: "text" };
import apt from "./packs/apt.sh" with { type: "text" };
import claudeCheck from "./packs/claude.check.sh" with { type: "text" };
import claude from "./packs/claude.sh" with { type: "text" };
import codexCheck from "./packs/codex.check.sh" with { type: "text" };
import codex from "./packs/codex.sh" with { type: "text" };
import denoCheck from "./packs/deno.check.sh" with { type: "text" };
import deno from "./packs/deno.sh" with { type: "text" };
import library from "./packs/_lib.sh" with { type: "text" };
import miseCheck from "./packs/mise.check.sh" with { type: "text" };
import mise from "./packs/mise.sh" with { type: "text" };
import nodeCheck from "./packs/node.check.sh" with { type: "text" };
import node from "./packs/node.sh" with { type: "text" };
import piCheck from "./packs/pi.check.sh" with { type: "text" };
import pi from "./packs/pi.sh" with { type: "text" };
import uvCheck from "./packs/uv.check.sh" with { type: "text" };
import uv from "./packs/uv.sh" with { type: "text" };

/** A pack of the starter set, each text whole: the library stands before it. */
export interface StarterPack {
  /** Installs; does nothing where all is there. */
  readonly install: string;
  /** Exit status 0 when there is nothing to do. */
  readonly check: string;
}

const texts = {
  apt: [apt, aptCheck],
  node: [node, nodeCheck],
  uv: [uv, uvCheck],
  mise: [mise, miseCheck],
  deno: [deno, denoCheck],
  claude: [claude, claudeCheck],
  codex: [codex, codexCheck],
  pi: [pi, piCheck],
} as const;

/** The packs by their names. */
export const starterPacks: Readonly<Record<string, StarterPack>> = Object.fromEntries(
  Object.entries(texts).map(([name, [install, check]]) => [
    name,
    { install: `${library}\n${install}`, check: `${library}\n${check}` },
  ]),
);
