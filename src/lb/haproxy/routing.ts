import { atLeast, type Version } from "../version.ts";
import type { Mode, UseBackend } from "./proxy-model.ts";
import { escapeWord } from "./quoting.ts";

/** The line of a rule that chooses a backend. */
export const useBackendText = (rule: UseBackend, mode: Mode, version: Version): string => {
  const typed = conditions(rule, mode, version).join(" ");
  const tests = [typed, rule.if ?? ""].filter((test) => test !== "").join(" ");
  const when = rule.unless === null ? (tests === "" ? "" : ` if ${tests}`) : ` unless ${rule.unless}`;
  return `use_backend ${rule.backend}${when}`;
};

/** Whether a rule says with typed conditions when it holds. */
export const isTyped = ({ hosts, paths, headers, sni }: UseBackend): boolean =>
  hosts.length + paths.length + sni.length + Object.keys(headers).length > 0;

/** One anonymous condition each; side by side, all must hold. */
const conditions = (
  { hosts, paths, headers, sni }: UseBackend,
  mode: Mode,
  version: Version,
): readonly string[] => [
  ...(sni.length === 0 ? [] : [hostTest(mode === "tcp" ? "req.ssl_sni" : "ssl_fc_sni", sni)]),
  ...(hosts.length === 0 ? [] : [requestHostTest(hosts, version)]),
  ...(paths.length === 0 ? [] : [pathTest(paths)]),
  ...Object.entries(headers).map(([name, value]) =>
    value === "*" ? `{ req.hdr(${name}) -m found }` : `{ req.hdr(${name}) -m str ${escapeWord(value)} }`,
  ),
];

/** Clients may write a port behind the name, which before 1.6 only a pattern can pass over. */
const requestHostTest = (hosts: readonly string[], version: Version): string =>
  atLeast(version, [1, 6, 0])
    ? hostTest("req.hdr(host),field(1,:)", hosts)
    : `{ req.hdr(host) -m reg -i ${hosts.map((host) => hostPattern(host).replace(/\$$/, "(:[0-9]+)?$")).join(" ")} }`;

/** Names are the same in capital letters. */
const hostTest = (sample: string, hosts: readonly string[]): string =>
  hosts.some((host) => host.startsWith("*."))
    ? `{ ${sample} -m reg -i ${hosts.map(hostPattern).join(" ")} }`
    : `{ ${sample} -m str -i ${hosts.join(" ")} }`;

const hostPattern = (host: string): string => `^${dotted(host).replace(/^\*\\\\\./, ".+\\\\.")}$`;

/** Backslashes are doubled, because HAProxy's own reader takes one of them. */
const dotted = (text: string): string => text.replaceAll(".", "\\\\.");

/** `/api` is a folder: a mere beginning would let `/apis` in. */
const pathTest = (paths: readonly string[]): string =>
  paths.every((path) => path.endsWith("/"))
    ? `{ path_beg ${paths.join(" ")} }`
    : `{ path_reg ${paths.map(pathPattern).join(" ")} }`;

const pathPattern = (path: string): string => {
  const exact = path.replace(/[.*+?^()|[\]]/g, "\\\\$&");
  return path.endsWith("/") ? `^${exact}` : `^${exact}(/|$)`;
};
