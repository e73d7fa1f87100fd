import { MusterError } from "../io/error.ts";
import { visible } from "../io/visible.ts";

/** An error as `--json` prints it. */
export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly command?: string;
  };
}

/** An error as a script and as a person read it. */
export function renderError(error: unknown, debug: boolean): { readonly json: ErrorDocument; readonly text: string } {
  const known = error instanceof MusterError ? error : new MusterError(
    "internal",
    `unexpected: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    { hint: "this is a defect of muster: run again with --debug and report what it prints", cause: error },
  );
  const message = visible(known.message);
  const hint = known.hint === undefined ? "" : `hint: ${visible(known.hint)}\n`;
  const stack = debug && error instanceof Error ? `${visible(traces(error), { keep: "\n" })}\n` : "";
  const { code, command } = known;
  return {
    json: {
      error: {
        code,
        message: known.message,
        ...(known.hint === undefined ? {} : { hint: known.hint }),
        ...(command === undefined ? {} : { command }),
      },
    },
    text: `muster: ${message}\n${hint}${stack}`,
  };
}

function traces(error: Error): string {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) lines.push(at.stack ?? String(at));
  return lines.join("\ncaused by: ");
}
