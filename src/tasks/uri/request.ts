import type { Action, Touched } from "../../core/action.ts";
import { argv, quote } from "../../core/shell.ts";
import type { Inputs } from "../../core/task.ts";
import { isDict, isList, PyFloat, toJson, type Value } from "../../core/value.ts";
import type { UriParams } from "./schema.ts";

/**
 * One request by curl, or by wget where there is no curl. Headers, credentials and body travel as standard input into
 * files that only their owner can read: a command line can be seen by every user of the node. The answer is a line of
 * status, address and sizes, then the headers, then the body.
 */
export const requestAction = (params: UriParams, inputs: Inputs): Action => {
  const body = params.src === null ? bodyOf(params) : (inputs[0]?.content ?? Buffer.alloc(0));
  const sends = params.src !== null || params.body !== null;
  const curl = Buffer.from(curlConfig(params));
  const wget = Buffer.from(wgetConfig(params));
  return {
    kind: "script",
    script: [
      'd=$(mktemp -d "${TMPDIR:-/tmp}/lbplay.XXXXXXXX") || exit 126',
      "trap 'rm -rf \"$d\"' EXIT; trap 'exit 129' HUP INT TERM PIPE",
      `head -c ${curl.length} >"$d/curl"; head -c ${wget.length} >"$d/wget"; cat >"$d/in"; : >"$d/head"; : >"$d/body"`,
      ...(params.src !== null && params.remote_src ? [`cp ${quote(params.src)} "$d/in" || exit 126`] : []),
      "if command -v curl >/dev/null 2>&1; then",
      `w=$(curl -K "$d/curl" -D "$d/head" -o "$d/body"${sends ? ' --data-binary @"$d/in"' : ""} ${quote(params.url)} 2>"$d/err"); c=$?`,
      "elif wget --version 2>/dev/null | grep -q 'GNU Wget'; then",
      ...wgetLines(params, sends),
      "else echo 'neither curl nor wget is there to ask with' >&2; exit 127; fi",
      'if [ $c -ne 0 ]; then cat "$d/err" >&2; fi',
      // curl writes the headers of HEAD where the body would go.
      ...(params.method === "HEAD" ? [': >"$d/body"'] : []),
      ...keep(params),
      'printf \'%s %s %s %s\\n\' "$c" "$(wc -c <"$d/head")" "$k" "$w"; cat "$d/head"',
      params.return_content ? 'cat "$d/body"' : `head -c ${SHOWN} "$d/body"`,
      "exit 0",
    ].join("\n"),
    stdin: Buffer.concat([curl, wget, body]),
    okCodes: "any",
    timeoutMs: null,
    touches: touchedBy(params),
  };
};

/** Bytes of a body that are looked at where nobody asked for it: enough for JSON and for messages. */
const SHOWN = 1024 * 1024;

/** curl's configuration file; its quotes know four escapes. */
const curlConfig = (params: UriParams): string => {
  const { method, timeout, url_username, url_password, unix_socket } = params;
  const lines: readonly (readonly [string, string | null])[] = [
    ["silent", null],
    ["show-error", null],
    ["globoff", null],
    ["write-out", "%{http_code} %{time_total} %{url_effective}"],
    ...(method === "HEAD" ? [["head", null] as const] : [["request", method] as const]),
    ["user-agent", params.http_agent],
    ["connect-timeout", String(timeout)],
    ["speed-limit", "1"],
    ["speed-time", String(timeout)],
    ...(follows(params) ? [["location", null] as const, ["max-redirs", "30"] as const] : []),
    ...(params.validate_certs ? [] : [["insecure", null] as const]),
    ...(params.ca_path === null ? [] : [["cacert", params.ca_path] as const]),
    ...(params.client_cert === null ? [] : [["cert", params.client_cert] as const]),
    ...(params.client_key === null ? [] : [["key", params.client_key] as const]),
    ...(params.use_proxy ? [] : [["noproxy", "*"] as const]),
    ...(unix_socket === null ? [] : [["unix-socket", unix_socket] as const]),
    ...(url_username === null
      ? [["netrc-optional", null] as const]
      : [["user", `${url_username}:${url_password ?? ""}`] as const]),
    ...headersOf(params).map(
      ([name, value]) => ["header", value === "" ? `${name};` : `${name}: ${value}`] as const,
    ),
  ];
  return lines
    .map(([name, value]) => (value === null ? `${name}\n` : `${name} = "${escaped(value)}"\n`))
    .join("");
};

const escaped = (value: string): string =>
  value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");

/** wget's, for nodes without curl. */
const wgetConfig = (params: UriParams): string => {
  const { url_username, url_password } = params;
  return [
    ...headersOf(params).map(([name, value]) => `header = ${name}: ${value}`),
    `user_agent = ${params.http_agent}`,
    ...(url_username === null
      ? []
      : [`user = ${url_username}`, `password = ${url_password ?? ""}`, "auth_no_challenge = on"]),
    "",
  ].join("\n");
};

const wgetLines = (params: UriParams, sends: boolean): readonly string[] => {
  const words = [
    "-q",
    "-S",
    "--content-on-error",
    "--tries=1",
    `--timeout=${params.timeout}`,
    `--method=${params.method}`,
    `--max-redirect=${follows(params) ? 30 : 0}`,
    ...(params.validate_certs ? [] : ["--no-check-certificate"]),
    ...(params.ca_path === null ? [] : [`--ca-certificate=${params.ca_path}`]),
    ...(params.client_cert === null ? [] : [`--certificate=${params.client_cert}`]),
    ...(params.client_key === null ? [] : [`--private-key=${params.client_key}`]),
    ...(params.use_proxy ? [] : ["--no-proxy"]),
  ];
  if (params.unix_socket !== null)
    return ["echo 'wget cannot connect to a socket: install curl' >&2; exit 127"];
  return [
    "s=$(date +%s)",
    `WGETRC=$d/wget wget ${argv(...words)}${sends ? ' --body-file="$d/in"' : ""} -O "$d/body" ${quote(params.url)} 2>"$d/err"; c=$?`,
    // Response lines are indented by two spaces; what is left is a message.
    `sed -n 's/^  //p' "$d/err" >"$d/head"; sed -i '/^  /d' "$d/err"`,
    'h=$(sed -n "s|^HTTP/[0-9.]* \\([0-9]*\\).*|\\1|p" "$d/head" | tail -n 1)',
    "# 8: the server answered with an error, which is an answer.",
    '[ $c -ne 8 ] || c=0; [ -n "$h" ] || h=000',
    `w="$h $(($(date +%s) - s)) ${params.url.replace(/[\\$"`]/g, "\\$&")}"`,
  ];
};

const follows = ({ follow_redirects, method }: UriParams): boolean =>
  follow_redirects === "all" || follow_redirects === "yes"
    ? true
    : (follow_redirects === "safe" || follow_redirects === "urllib2") &&
      (method === "GET" || method === "HEAD");

/** A request that does more than ask is the server's affair. */
const touchedBy = ({ dest, url, method }: UriParams): readonly Touched[] => [
  ...(dest === null ? [] : [dest, `${dest.replace(/\/$/, "")}/${nameIn(url)}`]).map(
    (path): Touched => ({ kind: "path", path }),
  ),
  ...(method === "GET" || method === "HEAD"
    ? []
    : [{ kind: "lasting" as const, what: `a ${method} request was sent` }]),
];

/** The file's name where the destination is a directory. */
const nameIn = (url: string): string =>
  url
    .replace(/[?#].*/, "")
    .replace(/^https?:\/\/[^/]*\/?/, "")
    .replace(/^.*\//, "") || "index.html";

/** The answer's file is replaced only by a different one; `k` says what was done. */
const keep = ({ dest, url, status_code }: UriParams): readonly string[] => {
  if (dest === null) return ["k=-"];
  const name = nameIn(url);
  return [
    `k=-; t=${quote(dest)}; if [ -d "$t" ]; then t=\${t%/}/${quote(name)}; fi`,
    `case " ${status_code.filter((code) => code !== 304).join(" ")} " in *" \${w%% *} "*)`,
    'if cmp -s "$d/body" "$t"; then k=same; else',
    'n=$(mktemp "${t%/*}/.lbplay.XXXXXXXX") && cat "$d/body" >"$n" || exit 126',
    'if [ -e "$t" ]; then chown --reference="$t" "$n" 2>/dev/null; chmod --reference="$t" "$n"; else chmod 0644 "$n"; fi',
    'mv -f "$n" "$t" || exit 126; k=new; fi ;; esac',
  ];
};

const headersOf = (params: UriParams): readonly (readonly [string, string])[] => {
  const own = Object.entries(params.headers);
  const type = CONTENT_TYPES[params.body_format];
  const typed = own.some(([name]) => name.toLowerCase() === "content-type");
  if (typed || (type === undefined && params.body === null && params.src === null)) return own;
  return [...own, ["Content-Type", type ?? "application/octet-stream"]];
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  "form-urlencoded": "application/x-www-form-urlencoded",
};

const bodyOf = ({ body, body_format }: UriParams): Buffer => {
  if (body === null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body_format === "form-urlencoded") return Buffer.from(formOf(body));
  return Buffer.from(JSON.stringify(toJson(body)));
};

/** Pairs of a mapping or a list of pairs; a list as value gives its key once for each item. */
const formOf = (body: Value): string => {
  const pairs = isDict<Value>(body)
    ? [...body]
    : isList<Value>(body)
      ? body.flatMap((pair): readonly (readonly [Value, Value])[] =>
          isList<Value>(pair) && pair.length === 2 ? [[pair[0] ?? null, pair[1] ?? null]] : [],
        )
      : [];
  const form = new URLSearchParams();
  for (const [key, value] of pairs)
    for (const item of isList<Value>(value) ? value : [value]) form.append(formText(key), formText(item));
  return form.toString();
};

const formText = (value: Value): string =>
  value === null
    ? "None"
    : typeof value === "boolean"
      ? value
        ? "True"
        : "False"
      : value instanceof PyFloat
        ? value.value.toFixed(1)
        : String(isDict<Value>(value) || isList<Value>(value) ? JSON.stringify(toJson(value)) : value);
