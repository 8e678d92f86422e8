import type { IptablesParams } from "./schema.ts";

/** The words of a rule, without the chain that it is in; none where the task describes no rule. */
export const ruleWords = (params: IptablesParams): readonly string[] => {
  const logs = params.log_prefix !== null || params.log_level !== null;
  const jump = params.jump ?? (logs ? "LOG" : null);
  return [
    ...option("-p", params.protocol),
    ...option("-s", params.source),
    ...option("-d", params.destination),
    ...params.match.flatMap((name) => option("-m", name)),
    ...(params.tcp_flags === null
      ? []
      : ["--tcp-flags", params.tcp_flags.flags.join(","), params.tcp_flags.flags_set.join(",")]),
    ...option("-j", jump),
    ...(jump?.toLowerCase() === "tee" ? option("--gateway", params.gateway) : []),
    ...option("--log-prefix", params.log_prefix),
    ...option("--log-level", params.log_level),
    ...option("--to-destination", params.to_destination),
    ...listed("multiport", "--dports", params.destination_ports),
    ...option("--to-source", params.to_source),
    ...option("-g", params.goto),
    ...option("-i", params.in_interface),
    ...option("-o", params.out_interface),
    ...(params.fragment === null ? [] : params.fragment.startsWith("!") ? ["!", "-f"] : ["-f"]),
    ...option("--source-port", params.source_port),
    ...option("--destination-port", params.destination_port),
    ...option("--to-ports", params.to_ports),
    ...option("--set-dscp", params.set_dscp_mark),
    ...option("--set-dscp-class", params.set_dscp_mark_class),
    ...(params.syn === "ignore" ? [] : params.syn === "match" ? ["--syn"] : ["!", "--syn"]),
    ...connectionStates(params),
    ...extension(params, "iprange", [
      ...option("--src-range", params.src_range),
      ...option("--dst-range", params.dst_range),
    ]),
    ...extension(params, "set", [
      ...option("--match-set", params.match_set),
      ...(params.match_set_flags === null ? [] : [params.match_set_flags]),
    ]),
    ...own("limit", [...option("--limit", params.limit), ...option("--limit-burst", params.limit_burst)]),
    ...own("owner", option("--uid-owner", params.uid_owner)),
    ...own("owner", option("--gid-owner", params.gid_owner)),
    ...(jump === null && params.reject_with !== null ? ["-j", "REJECT"] : []),
    ...option("--reject-with", params.reject_with),
    ...option(params.ip_version === "ipv4" ? "--icmp-type" : "--icmpv6-type", params.icmp_type),
    ...own("comment", params.comment === null ? [] : ["--comment", params.comment]),
  ];
};

/** An exclamation mark in front of a value goes in front of the option. */
const option = (flag: string, value: string | null): readonly string[] =>
  value === null ? [] : value.startsWith("!") ? ["!", flag, value.slice(1).trim()] : [flag, value];

const listed = (match: string, flag: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : ["-m", match, flag, values.join(",")];

const own = (match: string, words: readonly string[]): readonly string[] =>
  words.length === 0 ? [] : ["-m", match, ...words];

/** An extension that `match` may name already. */
const extension = (params: IptablesParams, match: string, words: readonly string[]): readonly string[] =>
  params.match.includes(match) ? words : own(match, words);

const connectionStates = ({ match, ctstate }: IptablesParams): readonly string[] => {
  if (ctstate.length === 0) return [];
  if (match.includes("conntrack")) return ["--ctstate", ctstate.join(",")];
  return match.includes("state") ? ["--state", ctstate.join(",")] : listed("conntrack", "--ctstate", ctstate);
};
