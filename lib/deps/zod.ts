/** Schemas: the source of truth of every input, output and file. @module */
import * as z from "npm:zod@4.6.7";

// Code made for each schema pays after hundreds of values: a command checks a few, and is over.
z.config({ jitless: true });

export { z };
