// SPDX-License-Identifier: MIT
// The REST API with the types of openapi.yaml. A call names the path as it stands there:
//
//   rest.get('/v1/rooms/{room}/messages', { room: 5, limit: 50 })
//
// Parameters that the path names go into it, the others become the query.
import type { Http, SendOptions } from './http.js';
import type { paths } from './openapi.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Operation<Path extends keyof paths, M extends Method> = paths[Path] extends Record<M, infer O> ? O : never;
/** The paths that have this method. */
export type PathsOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never }[keyof paths];

type PathParams<O> = O extends { parameters: { path: infer P } } ? P : unknown;
type QueryParams<O> = O extends { parameters: { query?: infer Q } } ? (Q extends object ? Q : unknown) : unknown;
/** What a call takes: parameters of the path and of the query in one object. */
export type Params<O> = PathParams<O> & QueryParams<O>;
/** The JSON that a call sends. */
export type Body<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B
  : O extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined;

type Json<R> = R extends { content: { 'application/json': infer C } } ? C : null;
type Good = 200 | 201 | 202 | 204;
/** The JSON that a call is answered with, null for none. */
export type Answer<O> = O extends { responses: infer R } ? Json<R[keyof R & Good]> : never;

/** What GET of that path answers. */
export type Got<Path extends PathsOf<'get'>> = Answer<Operation<Path, 'get'>>;

type Values = Record<string, unknown>;

/** The address of a path with parameters: fill('/v1/rooms/{room}', { room: 5, q: 'a' }) is '/v1/rooms/5?q=a'. Throws a
 *  TypeError if one that the path names is missing; undefined and null are left out of the query. */
export function fill(path: string, params: Values = {}): string {
  const rest = { ...params };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    if (value === undefined) throw new TypeError(`${path} needs "${name}"`);
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) if (value !== undefined && value !== null) query.set(name, String(value));
  const text = String(query);
  return text ? `${filled}?${text}` : filled;
}

/** Calls by path, typed by openapi.yaml. All resolve with the answer's JSON (null for none) and reject with a Problem; only
 *  GET is tried again by itself. */
export class Rest {
  readonly http: Http;

  constructor(http: Http) { this.http = http; }

  get<P extends PathsOf<'get'>>(path: P, params?: Params<Operation<P, 'get'>>, options?: SendOptions): Promise<Answer<Operation<P, 'get'>>> {
    return this.http.read(fill(path, params as Values), options) as Promise<Answer<Operation<P, 'get'>>>;
  }

  post<P extends PathsOf<'post'>>(path: P, params: Params<Operation<P, 'post'>>, body?: Body<Operation<P, 'post'>>): Promise<Answer<Operation<P, 'post'>>> {
    return this.http.call('POST', fill(path, params as Values), body) as Promise<Answer<Operation<P, 'post'>>>;
  }

  put<P extends PathsOf<'put'>>(path: P, params: Params<Operation<P, 'put'>>, body?: Body<Operation<P, 'put'>>): Promise<Answer<Operation<P, 'put'>>> {
    return this.http.call('PUT', fill(path, params as Values), body) as Promise<Answer<Operation<P, 'put'>>>;
  }

  patch<P extends PathsOf<'patch'>>(path: P, params: Params<Operation<P, 'patch'>>, body?: Body<Operation<P, 'patch'>>): Promise<Answer<Operation<P, 'patch'>>> {
    return this.http.call('PATCH', fill(path, params as Values), body) as Promise<Answer<Operation<P, 'patch'>>>;
  }

  delete<P extends PathsOf<'delete'>>(path: P, params: Params<Operation<P, 'delete'>>): Promise<Answer<Operation<P, 'delete'>>> {
    return this.http.call('DELETE', fill(path, params as Values)) as Promise<Answer<Operation<P, 'delete'>>>;
  }
}
