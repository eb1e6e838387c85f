// What every function of this client stands on: requests by fetch, credentials, retries, errors,
// streams and pages. It knows nothing of the service and depends on nothing.

/** A credential, or a function that gets one for each request. */
export type Credential =
  | string
  | BasicCredential
  | (() => string | BasicCredential | Promise<string | BasicCredential>);

/** For HTTP basic authentication (RFC 7617). */
export interface BasicCredential {
  username: string;
  password: string;
}

/** When a request that failed is sent again. */
export interface RetryOptions {
  /** How often it is sent at most. 3 by default; 1 is never again. */
  attempts?: number;
  /** Milliseconds before the second attempt; then twice that, and so on. 200 by default. */
  firstWait?: number;
  /** The longest wait in milliseconds. Who is asked to wait longer gets the error. 10,000 by default. */
  longestWait?: number;
}

/** How a client behaves. */
export interface ClientOptions<Auth = Record<string, Credential | undefined>> {
  /** Where the service is, without a slash at the end. */
  baseUrl?: string;
  /** Credentials by the name of their security scheme. */
  auth?: Auth;
  /** Fields that every request has. */
  headers?: Record<string, string>;
  /** Milliseconds for one attempt, content included; for a stream until it begins. 30,000 by default; 0 is for ever. */
  timeout?: number;
  retry?: RetryOptions;
  /** Gives every POST and PATCH an Idempotency-Key, so that they may be sent again, too. */
  idempotencyKeys?: boolean;
  /** Cookies and the like in browsers, as fetch has it. */
  credentials?: RequestCredentials;
  /** Instead of the global fetch. */
  fetch?: typeof fetch;
}

/** What one call wants otherwise than its client. */
export interface RequestOptions {
  signal?: AbortSignal;
  timeout?: number;
  headers?: Record<string, string>;
  retry?: RetryOptions;
  /** An Idempotency-Key, or true for a new one: the request may be sent again then. */
  idempotencyKey?: string | true;
  /** Sees the response, for its fields: a page's Link, an ETag. */
  onResponse?: (response: Response) => void;
}

/** How a security scheme shows a credential. */
export type Scheme =
  | { type: "bearer" | "basic" }
  | { type: "apiKey"; in: "header" | "query" | "cookie"; name: string };

/** A client: where the service is and how to talk to it. Functions take it as their first argument. */
export interface Client {
  readonly baseUrl: string;
  readonly schemes: Readonly<Record<string, Scheme>>;
  readonly options: ClientOptions;
}

/** Problem details (RFC 9457). */
export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  [extension: string]: unknown;
}

/** The service answered with a status that is no success. */
export class ApiError<Status extends number = number, Body = unknown> extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: Status,
    /** The content: parsed, if it is JSON. */
    readonly body: Body,
    readonly response: Response,
    readonly method: string,
  ) {
    const problem = problemOf(response, body);
    const more = problem?.detail ?? problem?.title ?? response.statusText;
    super(`${method} ${response.url}: ${status}${more === "" ? "" : ` ${more}`}`);
  }
  /** The problem details, if the content is that. */
  get problem(): ProblemDetails | undefined {
    return problemOf(this.response, this.body);
  }
  /** Milliseconds until the service wants to be asked again. */
  get retryAfter(): number | undefined {
    return retryAfter(this.response.headers);
  }
}

/** There was no answer: no connection, or it broke. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** There was no answer in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** The answer is not what its type says. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Whether an error is the service's answer; say of which function, `isApiError<GetUserError>(error)`. */
export function isApiError<E extends ApiError = ApiError>(error: unknown): error is E {
  return error instanceof ApiError;
}

function problemOf(response: Response, body: unknown): ProblemDetails | undefined {
  const type = response.headers.get("content-type") ?? "";
  return /^application\/problem\+json/i.test(type) && typeof body === "object" && body !== null
    ? (body as ProblemDetails)
    : undefined;
}

/** Milliseconds that Retry-After asks for (RFC 9110 §10.2.3), or else the RateLimit fields. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value !== null) {
    if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
    const date = Date.parse(value);
    if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
  }
  const limit = rateLimit(headers);
  return limit !== undefined && limit.remaining === 0 ? limit.reset * 1000 : undefined;
}

/** What is left of a quota, and the seconds until it is whole again. */
export interface RateLimit {
  remaining: number;
  reset: number;
}

/** From RateLimit (`"default";r=0;t=30`), or RateLimit-Remaining and RateLimit-Reset. */
export function rateLimit(headers: Headers): RateLimit | undefined {
  const field = headers.get("ratelimit");
  if (field !== null) {
    const remaining = /;\s*r=(\d+)/.exec(field)?.[1];
    const reset = /;\s*t=(\d+)/.exec(field)?.[1];
    if (remaining !== undefined)
      return { remaining: Number(remaining), reset: Number(reset ?? 0) };
  }
  for (const prefix of ["", "x-"]) {
    const remaining = headers.get(`${prefix}ratelimit-remaining`);
    const reset = headers.get(`${prefix}ratelimit-reset`);
    if (remaining === null || reset === null || !/^\d+$/.test(remaining) || !/^\d+$/.test(reset))
      continue;
    // Some services give the time itself, in seconds since 1970.
    const seconds = Number(reset);
    const wait = seconds > 1e9 ? Math.max(0, seconds - Date.now() / 1000) : seconds;
    return { remaining: Number(remaining), reset: wait };
  }
  return undefined;
}

// --- Parameters ---------------------------------------------------------------------------------

/** Name, value, and where they differ from the default: style, explode, allowReserved. */
export type Parameter = readonly [
  name: string,
  value: unknown,
  style?: string,
  explode?: boolean,
  allowReserved?: boolean,
];

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function isStructure(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}

function present(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, one]) => one !== undefined);
}

function encode(value: string, allowReserved = false): string {
  const encoded = encodeURIComponent(value);
  return allowReserved
    ? encoded.replace(/%(3A|2F|3F|5B|5D|40|21|24|27|28|29|2A|2C|3B|3D)/g, decodeURIComponent)
    : encoded;
}

function deep(name: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => deep(`${name}[${index}]`, item));
  if (isStructure(value)) return present(value).flatMap(([key, one]) => deep(`${name}[${key}]`, one));
  return [[encode(name), encode(value === null ? "" : text(value))]];
}

function pairs(parameter: Parameter): [string, string][] {
  const [name, value, style = "form", explode = style === "form", reserved = false] = parameter;
  if (value === undefined || value === null) return [];
  const write = (one: unknown) => encode(text(one), reserved);
  const separator = style === "spaceDelimited" ? "%20" : style === "pipeDelimited" ? "%7C" : ",";
  if (style === "deepObject") return deep(name, value);
  if (Array.isArray(value)) {
    if (explode) return value.map((item) => [encode(name), write(item)]);
    return value.length === 0 ? [] : [[encode(name), value.map(write).join(separator)]];
  }
  if (!isStructure(value)) return [[encode(name), write(value)]];
  const members = present(value);
  if (explode) return members.map(([key, one]) => [encode(key), write(one)]);
  return [[encode(name), members.map(([key, one]) => `${encode(key)}${separator}${write(one)}`).join(separator)]];
}

function query(parameters: readonly Parameter[]): string {
  return parameters
    .flatMap(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** A parameter of the path. Throws for what would make it another path. */
export function pathValue(name: string, value: unknown, style = "simple", explode = false): string {
  const write = (one: unknown) => encode(text(one));
  const isList = Array.isArray(value);
  const members = isStructure(value) && !isList ? present(value) : [];
  const prefix = style === "label" ? "." : style === "matrix" ? ";" : "";
  const between = style === "simple" || !explode ? "," : prefix;
  let out: string;
  if (isList) {
    const named = style === "matrix" && explode ? `${encode(name)}=` : "";
    out = value.map((item) => named + write(item)).join(between);
    if (style === "matrix" && !explode) out = `${encode(name)}=${out}`;
  } else if (members.length > 0) {
    out = members.map(([key, one]) => `${encode(key)}${explode ? "=" : ","}${write(one)}`).join(between);
    if (style === "matrix" && !explode) out = `${encode(name)}=${out}`;
  } else {
    out = value === undefined || value === null ? "" : write(value);
    if (out === "" || out === "." || out === "..")
      throw new TypeError(`the path parameter "${name}" can't be ${JSON.stringify(value) ?? "absent"}`);
    if (style === "matrix") out = `${encode(name)}=${out}`;
  }
  return prefix + out;
}

/** A field or cookie: like in a path, but as it is. */
function plainValue(value: unknown, explode = false): string {
  if (Array.isArray(value)) return value.map(text).join(",");
  if (!isStructure(value)) return text(value);
  return present(value)
    .map(([key, one]) => `${key}${explode ? "=" : ","}${text(one)}`)
    .join(",");
}

// --- Content ------------------------------------------------------------------------------------

/** How a property of a form is written. */
export interface PartEncoding {
  contentType?: string;
  style?: string;
  explode?: boolean;
  allowReserved?: boolean;
}

function multipart(body: unknown, encoding: Record<string, PartEncoding>): FormData {
  const form = new FormData();
  for (const [name, value] of present(body as Record<string, unknown>)) {
    const type = encoding[name]?.contentType;
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === null) continue;
      if (item instanceof Blob) form.append(name, item);
      else if (isStructure(item))
        form.append(name, new Blob([JSON.stringify(item)], { type: type ?? "application/json" }));
      else if (type !== undefined && !/^text\/plain/i.test(type))
        form.append(name, new Blob([text(item)], { type }));
      else form.append(name, text(item));
    }
  }
  return form;
}

function urlencoded(body: unknown, encoding: Record<string, PartEncoding>): string {
  if (body instanceof URLSearchParams) return body.toString();
  return query(
    present(body as Record<string, unknown>).map(([name, value]): Parameter => {
      const one = encoding[name];
      return [name, value, one?.style, one?.explode, one?.allowReserved];
    }),
  );
}

// --- Requests -----------------------------------------------------------------------------------

/** A request as the functions of a client describe it. */
export interface Call {
  method: string;
  path: string;
  /** Where it is, unless the client was told. */
  server?: string;
  query?: readonly Parameter[];
  headers?: readonly Parameter[];
  cookies?: readonly Parameter[];
  body?: unknown;
  /** What becomes of `body`; "raw" goes as it is. */
  as?: "json" | "form" | "multipart" | "raw";
  /** The Content-Type; a form's has its own. */
  type?: string | undefined;
  encoding?: Record<string, PartEncoding>;
  accept?: string;
  /** Security schemes of which one set is needed. */
  auth?: readonly (readonly string[])[];
  /** The field that makes it safe to send again, if the service says that it has one. */
  idempotency?: string;
}

async function credentials(client: Client, call: Call, headers: Headers, parameters: Parameter[], cookies: Parameter[]) {
  const given = client.options.auth ?? {};
  const chosen = call.auth?.find((all) => all.every((name) => given[name] !== undefined)) ?? [];
  for (const name of chosen) {
    const scheme = client.schemes[name];
    const held = given[name];
    if (scheme === undefined || held === undefined) continue;
    const value = typeof held === "function" ? await held() : held;
    if (scheme.type === "apiKey") {
      if (typeof value !== "string") throw new TypeError(`"${name}" needs a text`);
      if (scheme.in === "header") headers.set(scheme.name, value);
      else (scheme.in === "query" ? parameters : cookies).push([scheme.name, value]);
    } else if (typeof value === "string") {
      if (scheme.type === "basic") throw new TypeError(`"${name}" needs { username, password }`);
      headers.set("authorization", `Bearer ${value}`);
    } else {
      const bytes = new TextEncoder().encode(`${value.username}:${value.password}`);
      headers.set("authorization", `Basic ${btoa(String.fromCharCode(...bytes))}`);
    }
  }
}

interface Prepared {
  url: string;
  init: RequestInit;
  mayRepeat: boolean;
}

async function prepare(client: Client, call: Call, options: RequestOptions): Promise<Prepared> {
  const headers = new Headers(client.options.headers);
  const parameters = [...(call.query ?? [])];
  const cookies = [...(call.cookies ?? [])];
  if (call.accept !== undefined) headers.set("accept", call.accept);
  for (const [name, value, , explode] of call.headers ?? [])
    if (value !== undefined && value !== null) headers.set(name, plainValue(value, explode));
  await credentials(client, call, headers, parameters, cookies);
  const jar = cookies.filter(([, value]) => value !== undefined && value !== null);
  if (jar.length > 0)
    headers.set("cookie", jar.map(([name, value]) => `${name}=${encode(plainValue(value))}`).join("; "));

  let body: BodyInit | undefined;
  if (call.body !== undefined) {
    let type = call.type;
    if (call.body instanceof FormData) {
      body = call.body;
      type = undefined; // fetch adds it, with the boundary
    } else if (call.as === "json") {
      body = JSON.stringify(call.body);
    } else if (call.as === "multipart") {
      body = multipart(call.body, call.encoding ?? {});
      type = undefined;
    } else if (call.as === "form") {
      body = urlencoded(call.body, call.encoding ?? {});
    } else {
      body = call.body as BodyInit;
    }
    if (type !== undefined) headers.set("content-type", type);
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);

  const field = call.idempotency ?? "Idempotency-Key";
  const writes = call.method === "POST" || call.method === "PATCH";
  const wantsKey =
    options.idempotencyKey ??
    (writes && (client.options.idempotencyKeys === true || call.idempotency !== undefined) ? true : undefined);
  if (wantsKey !== undefined && !headers.has(field))
    headers.set(field, wantsKey === true ? crypto.randomUUID() : wantsKey);

  const search = query(parameters);
  const init: RequestInit & { duplex?: "half" } = { method: call.method, headers };
  if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = "half";
  if (client.options.credentials !== undefined) init.credentials = client.options.credentials;
  return {
    url:
      (client.options.baseUrl === undefined && call.server !== undefined ? call.server : client.baseUrl) +
      call.path + (search === "" ? "" : `${call.path.includes("?") ? "&" : "?"}${search}`),
    init,
    mayRepeat: (!writes || headers.has(field)) && !(body instanceof ReadableStream),
  };
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

const worthRepeating = new Set([408, 429, 502, 503, 504]);

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** Lets go of an attempt: its timer, and what it waits for. */
type Release = () => void;

/**
 * Sends a request, again if that may help, and reads the answer. `read` has to call `release` when
 * it is through; a stream stops the clock at once, and calls `release` at its end.
 */
async function exchange<T>(
  client: Client,
  call: Call,
  options: RequestOptions,
  read: (response: Response, stopClock: Release, release: Release) => Promise<T>,
): Promise<T> {
  const { url, init, mayRepeat } = await prepare(client, call, options);
  const retry = { ...client.options.retry, ...options.retry };
  const attempts = mayRepeat ? Math.max(1, retry.attempts ?? 3) : 1;
  const longest = retry.longestWait ?? 10_000;
  const timeout = options.timeout ?? client.options.timeout ?? 30_000;
  const send = client.options.fetch ?? fetch;
  for (let attempt = 1; ; ++attempt) {
    const backoff =
      Math.min(longest, (retry.firstWait ?? 200) * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    const controller = new AbortController();
    const abort = () => controller.abort(options.signal?.reason);
    throwIfAborted(options.signal);
    options.signal?.addEventListener("abort", abort, { once: true });
    let isLate = false;
    const timer =
      timeout > 0
        ? setTimeout(() => {
            isLate = true;
            controller.abort();
          }, timeout)
        : undefined;
    const stopClock = () => clearTimeout(timer);
    const release = () => {
      stopClock();
      options.signal?.removeEventListener("abort", abort);
    };
    let wait = backoff;
    try {
      const response = await send(url, { ...init, signal: controller.signal });
      if (response.ok || (response.status >= 300 && response.status < 400)) {
        options.onResponse?.(response);
        return await read(response, stopClock, release);
      }
      const asked = retryAfter(response.headers);
      const body = await any(response);
      release();
      if (attempt >= attempts || !worthRepeating.has(response.status) || (asked ?? 0) > longest) {
        options.onResponse?.(response);
        throw new ApiError(response.status, body, response, call.method);
      }
      wait = asked ?? backoff;
    } catch (error) {
      release();
      if (error instanceof ApiError || error instanceof DecodeError) throw error;
      throwIfAborted(options.signal);
      if (attempt >= attempts) {
        if (isLate) throw new TimeoutError(`${call.method} ${url}: no answer within ${timeout} ms`, { cause: error });
        throw new NetworkError(`${call.method} ${url}: ${(error as Error).message}`, { cause: error });
      }
    }
    await sleep(wait, options.signal);
  }
}

function parse(content: string, response: Response): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new DecodeError(`${response.url}: the content is no JSON`, { cause: error });
  }
}

/** Content by its type: JSON, a text, or else a Blob; undefined without any. */
async function any(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "";
  if (/^application\/([\w.-]+\+)?json/i.test(type)) {
    const content = await response.text();
    // A body that isn't what it says shouldn't hide the status of an error.
    if (!response.ok) {
      try {
        return JSON.parse(content);
      } catch {
        return content;
      }
    }
    return content === "" ? undefined : parse(content, response);
  }
  if (/^text\/|[+/]xml/i.test(type)) return await response.text();
  const blob = await response.blob();
  return blob.size === 0 ? undefined : blob;
}

function whole<T>(read: (response: Response) => Promise<unknown>) {
  return async (response: Response, _: Release, release: Release): Promise<T> => {
    const value = await read(response);
    release();
    return value as T;
  };
}

/** The content as JSON; undefined if there is none. */
export function sendForJson<T>(client: Client, call: Call, options: RequestOptions = {}): Promise<T> {
  return exchange(
    client,
    call,
    options,
    whole<T>(async (response) => {
      const content = await response.text();
      return content === "" ? undefined : parse(content, response);
    }),
  );
}

/** The content as text. */
export function sendForText(client: Client, call: Call, options: RequestOptions = {}): Promise<string> {
  return exchange(client, call, options, whole<string>((response) => response.text()));
}

/** The content as it is. */
export function sendForBlob(client: Client, call: Call, options: RequestOptions = {}): Promise<Blob> {
  return exchange(client, call, options, whole<Blob>((response) => response.blob()));
}

/** Whatever the content is: JSON, a text, or else a Blob. */
export function sendForAny(client: Client, call: Call, options: RequestOptions = {}): Promise<unknown> {
  return exchange(client, call, options, whole<unknown>(any));
}

/** No content; what comes nevertheless is read and forgotten. */
export function sendForNothing(client: Client, call: Call, options: RequestOptions = {}): Promise<void> {
  return exchange(client, call, options, whole<void>(async (response) => void (await response.arrayBuffer())));
}

// --- Streams ------------------------------------------------------------------------------------

/** The content piece by piece, as it comes. Leaving the loop ends the transfer. */
export async function* sendForChunks(
  client: Client,
  call: Call,
  options: RequestOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  let done: Release = () => undefined;
  const response = await exchange(client, call, options, (head, stopClock, release) => {
    stopClock();
    done = release;
    return Promise.resolve(head);
  });
  const reader = response.body?.getReader();
  if (reader === undefined) return done();
  let isWhole = false;
  try {
    for (;;) {
      const { done: isEnd, value } = await reader.read();
      if (isEnd) break;
      yield value;
    }
    isWhole = true;
  } catch (error) {
    throwIfAborted(options.signal);
    throw new NetworkError(`${call.method} ${response.url}: ${(error as Error).message}`, { cause: error });
  } finally {
    done();
    if (!isWhole) await reader.cancel().catch(() => undefined);
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the half of a line's end.
    let end: RegExpExecArray | null;
    let from = 0;
    const pattern = /\r\n|\n|\r(?!$)/g;
    while ((end = pattern.exec(rest)) !== null) {
      yield rest.slice(from, end.index);
      from = pattern.lastIndex;
    }
    rest = rest.slice(from);
  }
  rest += decoder.decode();
  if (rest.endsWith("\r")) rest = rest.slice(0, -1);
  if (rest !== "") yield rest;
}

/** Each line, or record of a JSON text sequence, as JSON. */
export async function* sendForLines<T>(client: Client, call: Call, options: RequestOptions = {}): AsyncGenerator<T, void, void> {
  for await (const line of lines(sendForChunks(client, call, options))) {
    const record = line.replace(/^\u001e/, "").trim();
    if (record === "") continue;
    try {
      yield JSON.parse(record) as T;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new DecodeError(`${call.method} ${call.path}: a line is no JSON`, { cause: error });
    }
  }
}

/** An event of a text/event-stream. */
export class ServerSentEvent<T = unknown> {
  constructor(
    readonly data: string,
    /** "message" if the event names none. */
    readonly event: string,
    readonly id: string | undefined,
  ) {}
  /** The data, if it is JSON. */
  json(): T {
    return JSON.parse(this.data) as T;
  }
}

/**
 * The events of a stream. When the connection of a GET breaks after an event with an id, it goes on
 * after that one, as EventSource does. When the service ends the stream, it ends.
 */
export async function* sendForEvents<T>(
  client: Client,
  call: Call,
  options: RequestOptions = {},
): AsyncGenerator<ServerSentEvent<T>, void, void> {
  const attempts = options.retry?.attempts ?? client.options.retry?.attempts ?? 3;
  let wait = 1000;
  let lastId: string | undefined;
  for (let failures = 0; ; ) {
    const again: Parameter[] = lastId === undefined ? [] : [["Last-Event-ID", lastId]];
    try {
      let data: string[] = [];
      let event = "";
      let id = lastId;
      for await (const line of lines(
        sendForChunks(client, { ...call, headers: [...(call.headers ?? []), ...again] }, options),
      )) {
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (line === "") {
          lastId = id;
          if (data.length > 0) {
            failures = 0;
            yield new ServerSentEvent<T>(data.join("\n"), event === "" ? "message" : event, id);
          }
          data = [];
          event = "";
        } else if (field === "data") {
          data.push(value);
        } else if (field === "event") {
          event = value;
        } else if (field === "id" && !value.includes("\0")) {
          id = value;
        } else if (field === "retry" && /^\d+$/.test(value)) {
          wait = Number(value);
        }
      }
      return;
    } catch (error) {
      const mayGoOn = error instanceof NetworkError && call.method === "GET" && lastId !== undefined;
      if (!mayGoOn || ++failures >= attempts) throw error;
      await sleep(wait, options.signal);
    }
  }
}

// --- Pages --------------------------------------------------------------------------------------

/** What the next page is asked for by, beside the first one's arguments; undefined after the last. */
export type Next<Page, Args> = (page: Page, response: Response, args: Args) => object | undefined;

/** The query of the link with rel="next" (RFC 8288). */
export function byLink(_page: unknown, response: Response): object | undefined {
  const links = response.headers.get("link") ?? "";
  for (const [, target, parameters] of links.matchAll(/<([^>]*)>((?:\s*;\s*[^=;,\s]+=(?:"[^"]*"|[^;,\s]*))*)/g)) {
    if (!/;\s*rel="?(?:[^";]*\s)?next(?:\s[^";]*)?"?/i.test(parameters ?? "")) continue;
    const out: Record<string, string | string[]> = {};
    for (const [name, value] of new URL(target ?? "", response.url).searchParams) {
      const earlier = out[name];
      out[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
    }
    return out;
  }
  return undefined;
}

/** Pages by number, until one is empty. */
export function byNumber<Page>(
  parameter = "page",
  isEmpty: (page: Page) => boolean = (page) => Array.isArray(page) && page.length === 0,
): Next<Page, object> {
  return (page, _, args) => {
    if (isEmpty(page)) return undefined;
    return { [parameter]: Number((args as Record<string, unknown>)[parameter] ?? 1) + 1 };
  };
}

/** Pages by a cursor, until one has none. */
export function byCursor<Page>(
  cursor: (page: Page) => string | number | null | undefined,
  parameter = "cursor",
): Next<Page, object> {
  return (page) => {
    const next = cursor(page);
    return next === undefined || next === null || next === "" ? undefined : { [parameter]: next };
  };
}

/** All pages of a function's results, each asked for when it is wanted: by Link fields, or by `next`. */
export async function* pages<Args extends object, Page>(
  operation: (client: Client, args: Args, options?: RequestOptions) => Promise<Page>,
  client: Client,
  args: Args,
  next: Next<Page, Args> = byLink,
  options: RequestOptions = {},
): AsyncGenerator<Page, void, void> {
  for (let asked = args; ; ) {
    let response: Response | undefined;
    const page = await operation(client, asked, {
      ...options,
      onResponse: (head) => {
        response = head;
        options.onResponse?.(head);
      },
    });
    yield page;
    const more = response === undefined ? undefined : next(page, response, asked);
    if (more === undefined) return;
    const following = { ...asked, ...more };
    if (JSON.stringify(following) === JSON.stringify(asked))
      throw new Error("the next page is the same page again");
    asked = following;
  }
}

/** The items of all pages. */
export async function* items<Page, Item>(
  all: AsyncIterable<Page>,
  of: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, void> {
  for await (const page of all) yield* of(page);
}
