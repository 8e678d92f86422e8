import { quote } from "../../core/shell.ts";
import { TCP_STATES, type WaitForParams } from "./schema.ts";

/** Lines of shell that define `ok`, which succeeds when what is waited for is so; null where only time is waited for. */
export const condition = (params: WaitForParams): readonly string[] | null => {
  const { port, path, state, search_regex } = params;
  if (state === "drained") return drained(params);
  if (path !== null) return pathCondition(path, state, search_regex);
  if (port === null) return null;
  return search_regex === null
    ? [...connecting(params, port), gone(state) ? "ok() { ! try; }" : "ok() { try; }"]
    : said(params, port, search_regex);
};

const gone = (state: WaitForParams["state"]): boolean => state === "stopped" || state === "absent";

const pathCondition = (
  path: string,
  state: WaitForParams["state"],
  regex: string | null,
): readonly string[] => {
  const word = quote(path);
  if (gone(state)) return [`ok() { [ ! -e ${word} ]; }`];
  if (regex === null) return [`ok() { [ -e ${word} ]; }`];
  return [GREP, `ok() { [ -e ${word} ] && f=$(grep -m1 $g -e ${quote(regex)} ${word} 2>/dev/null); }`];
};

/** Perl's patterns where grep knows them, since they are closest to Python's. */
const GREP = "g=-E; if printf x | grep -qP x 2>/dev/null; then g=-P; fi";

/** A connection by whatever the node has: bash, nc, curl, or for its own ports the kernel's table. */
const connecting = ({ host, connect_timeout }: WaitForParams, port: number): readonly string[] => {
  const target = `${quote(host)} ${port}`;
  return [
    LIMIT(connect_timeout),
    "if command -v bash >/dev/null 2>&1; then",
    `try() { $t bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${target} 2>/dev/null; }`,
    "elif command -v nc >/dev/null 2>&1; then",
    `try() { nc -z -w ${connect_timeout} ${target} </dev/null >/dev/null 2>&1; }`,
    "elif command -v curl >/dev/null 2>&1; then",
    `try() { c=$(curl -s -o /dev/null -w '%{time_connect}' --connect-timeout ${connect_timeout} -m ${connect_timeout} ${quote(`telnet://${host.includes(":") ? `[${host}]` : host}:${port}`)} </dev/null); case $c in *[1-9]*) ;; *) return 1 ;; esac; }`,
    ...(isLocal(host)
      ? [
          "else",
          `try() { awk '$4 == "0A" && substr($2, length($2) - 3) == "${hexPort(port)}" { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6 2>/dev/null; }`,
        ]
      : ["else echo 'none of bash, nc and curl is there to connect with' >&2; exit 3"]),
    "fi",
  ];
};

const LIMIT = (seconds: number): string =>
  `t=; if command -v timeout >/dev/null 2>&1; then t='timeout ${seconds}'; fi`;

const isLocal = (host: string): boolean => ["127.0.0.1", "localhost", "::1", "0.0.0.0"].includes(host);

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");

/** What a server says by itself when it is connected to. */
const said = (params: WaitForParams, port: number, regex: string): readonly string[] => {
  const target = `${quote(params.host)} ${port}`;
  return [
    GREP,
    LIMIT(params.connect_timeout),
    "if command -v bash >/dev/null 2>&1; then",
    `ok() { f=$($t bash -c ${quote(LISTEN)} ${target} "$g" ${quote(regex)} ${params.connect_timeout} 2>/dev/null); }`,
    "elif command -v nc >/dev/null 2>&1; then",
    `ok() { f=$(sleep ${params.connect_timeout} | $t nc -w ${params.connect_timeout} ${target} 2>/dev/null | grep -m1 $g -e ${quote(regex)}); }`,
    "else echo 'neither bash nor nc is there to listen with' >&2; exit 3; fi",
  ];
};

/** Line by line, so that a match ends it at once; a last line without its end counts too. */
const LISTEN =
  'exec 3<>"/dev/tcp/$0/$1" || exit; while IFS= read -r -t "$4" -u 3 l || [ -n "$l" ]; do ' +
  'if printf "%s\\n" "$l" | grep -q "$2" -e "$3"; then printf "%s\\n" "$l"; exit 0; fi; done; exit 1';

/** Connections in the kernel's tables: local address, remote address and state, in hexadecimal of the machine's byte order. */
const drained = ({
  host,
  port,
  exclude_hosts,
  active_connection_states,
}: WaitForParams): readonly string[] => {
  const states = active_connection_states.map((name) => TCP_STATES[name] ?? "").join(" ");
  const local = host === "0.0.0.0" || host === "::" ? "" : hexAddresses(host).join(" ");
  const excluded = (exclude_hosts ?? []).flatMap(hexAddresses).join(" ");
  const program = [
    'function has(list, item) { return index(" " list " ", " " item " ") > 0 }',
    'FNR > 1 { split($2, l, ":"); split($3, r, ":");',
    'if (l[2] "" == port "" && has(states, $4) && (local == "" || has(local, l[1])) && !has(excluded, r[1])) n++ }',
    "END { exit n > 0 }",
  ].join(" ");
  const variables = [
    `port=${hexPort(port ?? 0)}`,
    `states=${states}`,
    `local=${local}`,
    `excluded=${excluded}`,
  ];
  return [
    'l=; for f in /proc/net/tcp /proc/net/tcp6; do [ ! -r $f ] || l="$l $f"; done',
    "if [ -z \"$l\" ]; then echo 'the tables of connections cannot be read' >&2; exit 3; fi",
    `ok() { awk ${variables.map((item) => `-v ${quote(item)}`).join(" ")} ${quote(program)} $l; }`,
  ];
};

/** An IPv4 address as /proc/net/tcp shows it on a little-endian machine, alone and within IPv6. */
const hexAddresses = (address: string): readonly string[] => {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return [];
  const hex = [...parts]
    .reverse()
    .map((part) => part.toString(16).toUpperCase().padStart(2, "0"))
    .join("");
  return [hex, `0000000000000000FFFF0000${hex}`];
};
