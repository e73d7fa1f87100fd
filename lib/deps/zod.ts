/** Schemas: the source of truth of every input, output and file. @module */
export * as z from "npm:zod@4.6.7";
