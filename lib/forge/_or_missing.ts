/** What is not there, by its name. */
import { HttpError } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";

/** Does a job of which a 404 says that there is no such thing: the error then names it, and not the address that was asked. */
export async function orMissing<Result>(what: string, job: () => Promise<Result>): Promise<Result> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 404) throw error;
    throw new MusterError("not_found", `no such ${what}`, { hint: error.hint, cause: error });
  }
}
