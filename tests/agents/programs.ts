/**
 * The real agent programs that muster is proved with: exact versions, and how each is set up with a home of its own, a
 * model on loopback and nothing else of the world.
 *
 * @module
 */

import { withoutPasteTag } from "../../lib/agents/claude.ts";

/** One program. */
export interface Program {
  /** The kind of its runtime. */
  readonly kind: string;
  /** Its package on npm. */
  readonly package: string;
  /** The exact version. */
  readonly version: string;
  /** Its command in the package. */
  readonly bin: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Those that a roster gives it, beside what its runtime brings; all of {@linkcode args} by default. */
  readonly rosterArgs?: readonly string[];
  /** Its variables, beside HOME and the like. */
  env(url: string): Readonly<Record<string, string>>;
  /** Files below its home, by their paths. */
  files(url: string, cwd: string): Readonly<Record<string, string>>;
  /** A text that the model was told, without what the program declares to put around it. */
  readonly unwrapped?: (text: string) => string;
  /** Matches what the program itself says to the model in the person's place. */
  readonly ownWords?: RegExp;
  /** What it puts between messages that waited and are taken up together. */
  readonly joint?: string;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The key that providers on loopback are given. */
const key = "sk-loopback-0000000000000000000000";

/** The programs, by kind. CI runs the first two. */
export const programs = {
  pi: {
    kind: "pi",
    package: "@mariozechner/pi-coding-agent",
    version: "0.73.1",
    bin: "pi",
    args: ["--provider", "loopback", "--model", "test"],
    env: () => ({ PI_OFFLINE: "1" }),
    files: (url) => ({
      ".pi/agent/models.json": json({
        providers: {
          loopback: { baseUrl: `${url}/v1`, api: "openai-completions", apiKey: key, models: [{ id: "test" }] },
        },
      }),
    }),
  },
  codex: {
    kind: "codex",
    package: "@openai/codex",
    version: "0.169.0",
    bin: "codex",
    args: ["--no-daemon"],
    rosterArgs: [],
    ownWords: /^<environment_context>|^Generate a concise, single-line task title/,
    env: () => ({ LOOPBACK_KEY: key }),
    files: (url) => ({
      ".codex/config.toml": [
        'model = "test"',
        'model_provider = "loopback"',
        "check_for_update_on_startup = false",
        "[model_providers.loopback]",
        'name = "loopback"',
        `base_url = "${url}/v1"`,
        'wire_api = "responses"',
        'env_key = "LOOPBACK_KEY"',
        "",
      ].join("\n"),
    }),
  },
  claude: {
    kind: "claude",
    package: "@anthropic-ai/claude-code",
    version: "2.1.331",
    bin: "claude",
    args: ["--permission-mode", "default"],
    ownWords: /^<system-reminder>(?!nothing to see)/,
    unwrapped: withoutPasteTag,
    joint: "\n",
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      DISABLE_AUTOUPDATER: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
    files: (_url, cwd) => ({
      ".claude.json": json({
        hasCompletedOnboarding: true,
        customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
        projects: { [cwd]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
      }),
    }),
  },
  opencode: {
    kind: "opencode",
    package: "opencode-ai",
    version: "1.18.33",
    bin: "opencode",
    args: [],
    ownWords: /^Generate a title for this conversation/,
    env: () => ({}),
    files: (url) => ({
      ".config/opencode/opencode.json": json({
        autoupdate: false,
        model: "loopback/test",
        small_model: "loopback/test",
        provider: {
          loopback: {
            npm: "@ai-sdk/openai-compatible",
            options: { baseURL: `${url}/v1`, apiKey: key },
            models: { test: { name: "test" } },
          },
        },
      }),
    }),
  },
} as const satisfies Readonly<Record<string, Program>>;

/** One of the programs. */
export type ProgramKind = keyof typeof programs;
