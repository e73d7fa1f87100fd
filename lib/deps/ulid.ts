/** Message ids: sortable by time, unique without a server. The package ships no types: `ulid.d.ts` has them. @module */

// @ts-types="./ulid.d.ts"
export { ulid } from "npm:deno-std@1.4.0/ulid/ulid.js";
