import { SenetError } from "../../base/errors.ts";

/**
 * A hub's refusal as one sentence. Hugging Face's hub says more in the header `X-Error-Code` than in the status, and answers 401 for a
 * repository that does not exist, so as not to reveal which private ones do.
 *
 * @param what names the request
 */
export function refusal(
  status: number,
  headers: Headers,
  what: string,
  { endpoint, token }: { readonly endpoint: string; readonly token?: string | undefined },
): SenetError {
  const tokenAdvice = `${token === undefined ? "set HF_TOKEN to" : "use"} a token that may read it`;
  const noRepository = `expected a repository on ${endpoint}, found none that may be read (status ${status}); check the name, and if it is private ${tokenAdvice}`;
  const sentences = new Map<string | number | null, string>([
    [
      "GatedRepo",
      `expected a file to download, found a repository that asks to accept its terms; do so at ${endpoint} and ${tokenAdvice}`,
    ],
    ["RevisionNotFound", "expected its revision, found no such branch, tag or commit; check it"],
    ["EntryNotFound", "expected a file, found none of this name; check the path"],
    ["RepoNotFound", noRepository],
    [401, noRepository],
    [404, noRepository],
    [403, `expected a file to download, found access denied (status 403); ${tokenAdvice}`],
  ]);
  const sentence =
    sentences.get(headers.get("x-error-code")) ??
    sentences.get(status) ??
    `expected a file to download, found status ${status}; check the reference and ${endpoint}`;
  return new SenetError("file", `${what}: ${sentence}.`);
}
