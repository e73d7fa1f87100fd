/** The error of an answer that is no success. */
import { HttpError } from "./http_error.ts";

interface Refused {
  readonly status: number;
  readonly text: string | undefined;
  readonly url: URL;
}

const maxReason = 300;

/** What the server refused and why, its words on one line, the secret masked in whatever it repeats. */
export function refusal(method: string, { status, text, url }: Refused, secret: string | undefined): HttpError {
  const words = reasonOf(text).replace(/\s+/g, " ").trim();
  // A secret so short would be found in any word.
  const masked = secret && secret.length >= 6 ? words.replaceAll(secret, "***") : words;
  const reason = masked.length > maxReason ? `${masked.slice(0, maxReason).toWellFormed()}…` : masked;
  const because = reason === "" ? "" : `: ${reason}`;
  const what = `${method} ${url.origin}${url.pathname}`;
  if (status === 401) {
    const message = secret === undefined ? `token wanted: ${what}` : `token refused: ${what}`;
    const hint = "token_env or token_command in forges.toml says where it comes from";
    return new HttpError("failed", `${message}${because}`, { status, reason, hint });
  }
  if (status === 403) {
    const hint = "may the token's owner do that, and has the token the scope for it?";
    return new HttpError("failed", `forbidden: ${what}${because}`, { status, reason, hint });
  }
  if (status === 404 || status === 410) {
    const hint = "is it spelled right, and may the token's owner see it?";
    return new HttpError("not_found", `not found: ${what}${because}`, { status, reason, hint });
  }
  const hint = status < 500 ? "mend what it names, and ask again" : "its own log says why; ask again later";
  return new HttpError("failed", `refused with status ${status}: ${what}${because}`, { status, reason, hint });
}

/** Gitea, GitHub and GitLab say `message`, OAuth `error_description`, GitLab `error` or a table of them. */
function reasonOf(text: string | undefined): string {
  if (text === undefined) return "";
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return /^\s*</.test(text) ? "(HTML)" : text; // words that are no JSON are words all the same
  }
  if (typeof answer !== "object" || answer === null) return "";
  const { message, error_description, error, errors } = answer as Record<string, unknown>;
  const said = message ?? error_description ?? error ?? "";
  const words = typeof said === "string" ? said : JSON.stringify(said);
  const details = Array.isArray(errors) && errors.length > 0 ? ` (${errors.map(detailOf).join("; ")})` : "";
  return words + details;
}

function detailOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return typeof error === "string" ? error : JSON.stringify(error);
}
