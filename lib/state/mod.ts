/** Muster's own state: fingerprints, leases, journals; the only code that writes it. @module */
export * from "./digest.ts";
export * from "./digest_cache.ts";
export * from "./expand_inputs.ts";
export * from "./file_inputs.ts";
export * from "./fingerprint.ts";
export * from "./journal.ts";
export * from "./kept_rows.ts";
export * from "./lease.ts";
export * from "./owner.ts";
export * from "./receipt_log.ts";
export * from "./secret_key.ts";
export * from "./tree_stamp.ts";
