import { MusterError } from "../io/mod.ts";

/**
 * Does what comes after something was made; where that fails, the error names what is there.
 *
 * @param what What was not done, such as `reviewers`.
 *
 * @throws {MusterError} of the code of what failed.
 */
export async function afterCreating(
  made: { readonly number: number; readonly url: string },
  what: string,
  job: () => Promise<unknown>,
): Promise<void> {
  try {
    await job();
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    throw new MusterError(error.code, `created pull request ${made.number}, but not its ${what}: ${error.message}`, {
      hint: `it is there: ${made.url}`,
      cause: error,
    });
  }
}
