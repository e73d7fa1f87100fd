/** Runtimes: how each agent program is read, and how a message is brought to it. @module */
export * from "./agent_turn.ts";
export * from "./answer.ts";
export * from "./interrupt.ts";
export * from "./last_answer.ts";
export * from "./detect_runtime.ts";
export * from "./message.ts";
export * from "./process.ts";
export * from "./receipt.ts";
export * from "./runtime.ts";
export * from "./runtimes.ts";
export * from "./screen.ts";
export * from "./send.ts";
export * from "./sending_host.ts";
export * from "./survey.ts";
export * from "./transcript.ts";
export * from "./transcript_format.ts";
