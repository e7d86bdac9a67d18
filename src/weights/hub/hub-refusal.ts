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
  const code = headers.get("x-error-code");
  const tokenAdvice = token === undefined ? "set HF_TOKEN to a token that may" : "use a token that may";
  const sentence = () => {
    if (code === "GatedRepo") {
      return `expected a file to download, found a repository that asks to accept its terms; do so at ${endpoint} and ${tokenAdvice} read it`;
    }
    if (code === "RevisionNotFound") {
      return "expected its revision, found no such branch, tag or commit; check it";
    }
    if (code === "EntryNotFound") return "expected a file, found none of this name; check the path";
    if (code === "RepoNotFound" || status === 401 || status === 404) {
      return `expected a repository on ${endpoint}, found none that may be read (status ${status}); check the name, and if it is private ${tokenAdvice} read it`;
    }
    if (status === 403) {
      return `expected a file to download, found access denied (status 403); ${tokenAdvice} read it`;
    }
    return `expected a file to download, found status ${status}; check the reference and ${endpoint}`;
  };
  return new SenetError("file", `${what}: ${sentence()}.`);
}
