import type { Action } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { wantedMode } from "../file-attributes/attributes.ts";
import type { FileAt } from "../shared-probes/file-state.ts";
import type { GetUrlParams } from "./schema.ts";

/** What `checksum` asks for. */
type Checksum =
  | { readonly kind: "digest"; readonly algorithm: string; readonly digest: string }
  | { readonly kind: "url"; readonly algorithm: string; readonly url: string };

/** The wanted checksum; null where none is asked for. */
export const checksumOf = ({ checksum }: GetUrlParams): Checksum | null => {
  if (checksum === null || checksum === "") return null;
  const at = checksum.indexOf(":");
  const algorithm = checksum.slice(0, at);
  const value = checksum.slice(at + 1);
  return /^(https?|ftp|file):/.test(value)
    ? { kind: "url", algorithm, url: value }
    : { kind: "digest", algorithm, digest: value.toLowerCase() };
};

/** The name that a download gets in a directory. */
export const urlName = (url: string): string => {
  const name = new URL(url).pathname.replace(/^.*\//, "");
  return name === "" ? "index.html" : safeDecode(name);
};

const safeDecode = (name: string): string => {
  try {
    const decoded = decodeURIComponent(name);
    return /[/\0\n]/.test(decoded) ? name : decoded;
  } catch {
    return name;
  }
};

/**
 * Downloads into a temporary file beside the target, checks it, and puts it in place if it differs. The last line
 * says `changed` or `same`, the HTTP status if the tool tells it, the SHA-1 and the path. Names, passwords and URLs
 * reach the tools in files that only their user can read, never in a command line.
 */
export const downloadAction = (params: GetUrlParams, at: FileAt): Action => ({
  kind: "script",
  script: [
    ...preparation(at.path),
    ...checksumLines(params, at.path),
    ...fetching(params),
    ...landing(params, at),
  ].join("\n"),
  stdin: Buffer.from(settings(params)),
  touches: [{ kind: "path", path: at.path }],
});

const preparation = (path: string): readonly string[] => [
  "umask 077",
  assignPath(path),
  "d=$(mktemp -d) || exit 1; t=$d/none",
  `trap 'rm -rf "$d" "$t"' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
  `awk -v d="$d" '/^@@ /{f = d "/" $2; next} {print > f}' || exit 1`,
  "fetch() {",
  'if command -v curl >/dev/null 2>&1; then curl -q -K "$d/curl" -K "$d/$1.curl" -o "$2"',
  'elif command -v wget >/dev/null 2>&1; then wget --config="$d/wget" -nv -O "$2" -i "$d/$1.wget"',
  "else echo 'neither curl nor wget is installed' >&2; return 1; fi",
  "}",
];

const assignPath = (path: string): string => `p=${quote(path)}`;

/** `w` becomes the digest that the download must have. */
const checksumLines = (params: GetUrlParams, path: string): readonly string[] => {
  const checksum = checksumOf(params);
  if (checksum === null) return [];
  if (checksum.kind === "digest") return [`w=${quote(checksum.digest)}`];
  const name = urlName(params.url);
  return [
    'fetch sums "$d/sums" >/dev/null || exit 1',
    `w=$(awk -v n=${quote(name)} 'NF == 1 && NR == 1 {one = $1} NF > 1 {f = $0; sub(/^[^ ]+ [ *]?/, "", f); sub(/^[.\\/]+/, "", f); if (f == n) {print $1; found = 1; exit}} END {if (!found && NR == 1) print one}' "$d/sums" | tr A-F a-f)`,
    `[ -n "$w" ] || { printf 'there is no checksum for %s in %s\\n' ${quote(name)} ${quote(withoutCredentials(checksum.url))} >&2; exit 1; }`,
    ...(params.force
      ? []
      : [
          `if [ -f "$p" ]; then h=$(${checksum.algorithm}sum < "$p"); if [ "\${h%% *}" = "$w" ]; then h=$(sha1sum < "$p"); printf 'same  %s %s\\n' "\${h%% *}" ${quote(path)}; exit 0; fi; fi`,
        ]),
  ];
};

const fetching = (params: GetUrlParams): readonly string[] => {
  const checksum = checksumOf(params);
  return [
    `[ -d "\${p%/*}/" ] || { printf 'the directory %s does not exist\\n' "\${p%/*}" >&2; exit 1; }`,
    `t=$(mktemp "\${p%/*}/.lbplay.XXXXXXXX") || exit 1`,
    's=$(fetch file "$t") || exit 1',
    ...(checksum === null
      ? []
      : [
          `h=$(${checksum.algorithm}sum < "$t"); h=\${h%% *}`,
          `[ "$h" = "$w" ] || { printf 'the ${checksum.algorithm} checksum of the download is %s, not %s\\n' "$h" "$w" >&2; exit 1; }`,
        ]),
    'h=$(sha1sum < "$t"); h=${h%% *}',
    'if [ -f "$p" ] && [ ! -h "$p" ]; then o=$(sha1sum < "$p"); [ "${o%% *}" != "$h" ] || { printf "same %s %s %s\\n" "$s" "$h" "$p"; exit 0; }; fi',
  ];
};

const landing = (params: GetUrlParams, { path, state }: FileAt): readonly string[] => {
  const owner = [params.owner ?? "", params.group === null ? "" : `:${params.group}`].join("");
  const mode = wantedMode(state?.kind === "file" ? state : null, params.mode);
  return [
    'if [ -f "$p" ]; then chown --reference="$p" "$t" 2>/dev/null; chmod --reference="$p" "$t"; else chmod 0644 "$t"; fi',
    ...(owner === "" ? [] : [`chown ${quote(owner)} "$t" || exit 1`]),
    ...(mode === null ? [] : [`chmod ${mode} "$t" || exit 1`]),
    ...(params.backup ? ['[ ! -e "$p" ] || cp -p "$p" "$p.$(date +%Y-%m-%d@%H:%M:%S~)" || exit 1'] : []),
    'sync "$t" 2>/dev/null || sync',
    'mv -f "$t" "$p" || exit 1',
    `if command -v restorecon >/dev/null 2>&1; then restorecon ${quote(path)} 2>/dev/null; fi`,
    'printf \'changed %s %s %s\\n\' "$s" "$h" "$p"',
  ];
};

/** The tools' files, one after another, each under the name after `@@`. */
const settings = (params: GetUrlParams): string => {
  const checksum = checksumOf(params);
  const urls = [
    ["file", params.url] as const,
    ...(checksum?.kind === "url" ? [["sums", checksum.url] as const] : []),
  ];
  return [
    "@@ curl",
    ...curlSettings(params),
    "@@ wget",
    ...wgetSettings(params),
    ...urls.flatMap(([name, url]) => [`@@ ${name}.curl`, `url = ${curlText(url)}`, `@@ ${name}.wget`, url]),
    "",
  ].join("\n");
};

const curlText = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

const headerLines = ({ headers }: GetUrlParams): readonly string[] =>
  Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${String(value)}`);

const curlSettings = (params: GetUrlParams): readonly string[] => {
  const login = credentials(params);
  return [
    "silent",
    "show-error",
    "fail",
    "location",
    'write-out = "%{http_code}"',
    `connect-timeout = ${params.timeout}`,
    `speed-time = ${params.timeout}`,
    "speed-limit = 1",
    `user-agent = ${curlText(params.http_agent)}`,
    ...headerLines(params).map((line) => `header = ${curlText(line)}`),
    ...(login === null ? [] : [`user = ${curlText(`${login.name}:${login.password}`)}`]),
    ...(params.use_netrc && login === null ? ["netrc-optional"] : []),
    ...(params.validate_certs ? [] : ["insecure"]),
    ...(params.use_proxy ? [] : ['noproxy = "*"']),
    ...(params.client_cert === null ? [] : [`cert = ${curlText(params.client_cert)}`]),
    ...(params.client_key === null ? [] : [`key = ${curlText(params.client_key)}`]),
    ...(params.ciphers === null ? [] : [`ciphers = ${curlText(params.ciphers.join(":"))}`]),
  ];
};

const wgetSettings = (params: GetUrlParams): readonly string[] => {
  const login = credentials(params);
  return [
    "tries = 1",
    "auth_no_challenge = on",
    `timeout = ${params.timeout}`,
    `user_agent = ${params.http_agent}`,
    ...headerLines(params).map((line) => `header = ${line}`),
    ...(login === null ? [] : [`user = ${login.name}`, `password = ${login.password}`]),
    `netrc = ${params.use_netrc ? "on" : "off"}`,
    ...(params.validate_certs ? [] : ["check_certificate = off"]),
    ...(params.use_proxy ? [] : ["use_proxy = off"]),
    ...(params.client_cert === null ? [] : [`certificate = ${params.client_cert}`]),
    ...(params.client_key === null ? [] : [`private_key = ${params.client_key}`]),
    ...(params.ciphers === null ? [] : [`ciphers = ${params.ciphers.join(":")}`]),
  ];
};

const credentials = (params: GetUrlParams): { readonly name: string; readonly password: string } | null =>
  params.url_username === null ? null : { name: params.url_username, password: params.url_password ?? "" };

/** For messages. */
const withoutCredentials = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
