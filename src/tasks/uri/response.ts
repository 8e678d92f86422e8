import type { ActionOutcome } from "../../core/action.ts";
import type { ActionReport } from "../../core/task.ts";
import { dict, fromJson, type Json, type Value } from "../../core/value.ts";
import type { UriParams } from "./schema.ts";

/** What came of a request, under the names that Ansible gives it. */
export const reportOf = (params: UriParams, [outcome]: readonly ActionOutcome[]): ActionReport => {
  if (outcome === undefined) throw new Error("uri reports nothing");
  const said = outcome.stderr.toString("utf8").trim();
  if (outcome.code !== 0) return failure(params, said === "" ? `exit code ${outcome.code}` : said, {});
  const { status, url, elapsed, kept, head, body } = splitAnswer(outcome.stdout);
  const headers = parseHeaders(head);
  const reason = /^HTTP\/\S+ \d+ (.*)$/m.exec(head.split(/\r?\n/)[0] ?? "")?.[1]?.trim() ?? "";
  const values: Record<string, Value> = {
    status: status === 0 ? -1 : status,
    url,
    redirected: url.replace(/\/$/, "") !== params.url.replace(/\/$/, ""),
    elapsed,
    ...Object.fromEntries(headers.fields),
    cookies: dict(headers.cookies),
    cookies_string: Object.entries(headers.cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join("; "),
    ...(params.dest === null ? {} : { path: params.dest }),
    ...(params.return_content ? { content: body.toString("utf8") } : {}),
    ...jsonOf(headers.fields.get("content_type"), body),
  };
  if (status === 0) return failure(params, `Request failed: ${said}`, values);
  if (!params.status_code.includes(status))
    return failure(
      params,
      status >= 400 ? `HTTP Error ${status}: ${reason}` : `${reason} (${body.length} bytes)`,
      values,
    );
  const length = headers.fields.get("content_length") ?? "unknown";
  return {
    changed: kept === "new",
    failed: false,
    msg: `${reason === "" ? "OK" : reason} (${length} bytes)`,
    values,
  };
};

const failure = (
  { status_code }: UriParams,
  msg: string,
  values: Readonly<Record<string, Value>>,
): ActionReport => {
  const status = values.status ?? -1;
  return {
    changed: false,
    failed: true,
    msg: `Status code was ${String(status)} and not [${status_code.join(", ")}]: ${msg}`,
    values: { status, ...values },
  };
};

interface Answer {
  readonly status: number;
  readonly url: string;
  /** Whole seconds. */
  readonly elapsed: number;
  /** What became of `dest`: `new`, `same` or `-`. */
  readonly kept: string;
  readonly head: string;
  readonly body: Buffer;
}

/** After redirects, and after `100 Continue`, only the last block of headers counts. */
const splitAnswer = (stdout: Buffer): Answer => {
  const end = stdout.indexOf(0x0a);
  const [, size = "0", kept = "-", code = "0", time = "0", ...url] = stdout
    .subarray(0, end)
    .toString("utf8")
    .split(" ");
  const start = end + 1 + Number(size);
  const heads = stdout
    .subarray(end + 1, start)
    .toString("latin1")
    .split(/(?=^HTTP\/)/m);
  return {
    status: Number(code),
    url: url.join(" "),
    elapsed: Math.floor(Number(time)),
    kept,
    head: heads.at(-1) ?? "",
    body: stdout.subarray(start),
  };
};

/** Names in lower case with underscores; a header that comes more than once is joined by commas. */
const parseHeaders = (
  head: string,
): { readonly fields: ReadonlyMap<string, string>; readonly cookies: Readonly<Record<string, string>> } => {
  const fields = new Map<string, string>();
  const cookies: Record<string, string> = {};
  for (const line of head.split(/\r?\n/).slice(1)) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase().replaceAll("-", "_");
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
    if (key !== "set_cookie") continue;
    const [, cookie = "", content = ""] = /^([^=;]+)=([^;]*)/.exec(value) ?? [];
    if (cookie !== "") cookies[cookie] = content;
  }
  return { fields, cookies };
};

const jsonOf = (type: string | undefined, body: Buffer): Readonly<Record<string, Value>> => {
  if (type === undefined || !/[/+](json|javascript)\b/.test(type)) return {};
  try {
    // JSON.parse gives plain JSON data.
    return { json: fromJson(JSON.parse(body.toString("utf8")) as Json) };
  } catch {
    return {};
  }
};
