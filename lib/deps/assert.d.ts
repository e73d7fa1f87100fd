/**
 * The types of `npm:deno-std/assert`, which ships none. Only what `assert.ts` re-exports.
 *
 * @module
 */

/** A class of errors, abstract ones too. Its arguments are `never`, so that every constructor fits. */
export type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Throws unless `condition` is truthy, and narrows it. */
export function assert(condition: unknown, message?: string): asserts condition;

/** Throws unless `actual` is deeply equal to `expected`. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws unless `expected` matches `actual`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void;

/** Throws when `actual` is deeply equal to `expected`. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws unless `fn` returns a promise that rejects; resolves to what it was rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
/** Throws unless `fn` returns a promise that rejects with an `errorClass` whose message includes `includes`. */
export function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): Promise<E>;

/** Throws unless `actual` includes `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void;

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
/** Throws unless `fn` throws an `errorClass` whose message includes `includes`; returns the error. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): E;
