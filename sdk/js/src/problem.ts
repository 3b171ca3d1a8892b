// SPDX-License-Identifier: MIT
// What went wrong with a request: the server's problem document (RFC 9457), or that there was no answer.

/** What is wrong with one field of a request. */
export interface FieldProblem { field: string; message: string }

export interface ProblemBody { type?: string; title?: string; detail?: string; errors?: FieldProblem[] }

const PASSING = [0, 408, 429, 502, 503, 504];

/** Why a request failed (RFC 9457). The types are listed in shared/err.def of the server and at /docs/errors.html. */
export class Problem extends Error {
  /** 0: the server was not reached, or its answer did not arrive. */
  readonly status: number;
  /** The last part of the problem's type, see /problems/ on the server; `network` without an answer. */
  readonly slug: string;
  /** In words, with what was sent. */
  readonly detail: string | undefined;
  /** Of invalid-fields: each field that is wrong. */
  readonly fields: FieldProblem[];
  /** Milliseconds that the server asks one to wait. */
  readonly retryAfter: number;
  /** The whole document: some problems tell more, as `limit`. */
  readonly body: ProblemBody & Record<string, unknown>;

  constructor(status: number, body: ProblemBody = {}, retryAfter = 0) {
    super(body.title ?? (status === 0 ? 'The server was not reached' : `HTTP ${status}`));
    this.name = 'Problem';
    this.status = status;
    this.slug = status === 0 ? 'network' : String(body.type ?? '').replace('/problems/', '');
    this.detail = body.detail;
    this.fields = body.errors ?? [];
    this.retryAfter = retryAfter * 1000;
    this.body = body as ProblemBody & Record<string, unknown>;
  }

  /** Whether the same request may well succeed a little later. */
  get passing(): boolean {
    return PASSING.includes(this.status);
  }
}
