import { atLeast, type Version } from "../version.ts";
import { placeText } from "./place.ts";
import type { Farm, Server, ServerTls } from "./proxy-model.ts";
import { escapeBlanks } from "./quoting.ts";

/** The words of a server line. */
export const serverText = (server: Server, farm: Farm, version: Version): string =>
  [
    `server ${server.name} ${placeText(server.address, server.port, version)}`,
    ...(server.track === null ? [] : [`track ${server.track}`]),
    ...(server.check && server.track === null ? checkWords(server, farm, version) : []),
    ...agentWords(server),
    ...setting("observe", server.observe),
    ...setting("error-limit", server.error_limit),
    ...setting("on-error", server.on_error),
    ...setting("on-marked-down", server.on_marked_down),
    ...setting("weight", server.weight),
    ...setting("minconn", server.minconn),
    ...setting("maxconn", server.maxconn),
    ...setting("maxqueue", server.maxqueue),
    ...cookieWords(server, farm),
    ...(server.tls === null ? [] : tlsWords(server.tls)),
    ...setting("source", server.source),
    ...nameWords(server, version),
    ...(server.send_proxy === null ? [] : [server.send_proxy === "v1" ? "send-proxy" : "send-proxy-v2"]),
    ...setting("slowstart", server.slowstart),
    ...(server.backup ? ["backup"] : []),
    ...(server.disabled ? ["disabled"] : []),
    ...(server.raw === null ? [] : [server.raw]),
  ].join(" ");

const setting = (keyword: string, value: string | number | null): readonly string[] =>
  value === null ? [] : [`${keyword} ${value}`];

const checkWords = (server: Server, farm: Farm, version: Version): readonly string[] => [
  "check",
  ...setting("addr", server.check_address),
  ...setting("port", server.check_port ?? farm.check?.port ?? null),
  ...checkTlsWords(server, farm, version),
  ...setting("inter", server.interval),
  ...setting("fall", server.fall),
  ...setting("rise", server.rise),
];

/** A check over TLS of plain traffic needs its own answer to whom it trusts. */
const checkTlsWords = (server: Server, { check }: Farm, version: Version): readonly string[] => {
  const asked = server.check_tls || check?.tls === true;
  const verified = check?.verify ?? true;
  const trust = verified ? `verify required ca-file ${check?.ca_file ?? "@system-ca"}` : "verify none";
  const told = server.check_sni ?? check?.sni ?? null;
  // What the request's Host says is what TLS should ask for; before 1.8 there was no way to say so.
  const guessed = atLeast(version, [1, 8, 0]) ? (check?.host ?? null) : null;
  const overTls = asked || server.tls !== null;
  return [
    ...(asked ? ["check-ssl"] : []),
    ...(asked && server.tls === null && !/\bverify\b/.test(server.raw ?? "") ? [trust] : []),
    ...setting("check-sni", told ?? (overTls ? guessed : null)),
  ];
};

const agentWords = (server: Server): readonly string[] =>
  server.agent_port === null
    ? []
    : [
        `agent-check agent-port ${server.agent_port}`,
        ...setting("agent-addr", server.agent_address),
        ...setting("agent-inter", server.agent_interval),
        ...setting("agent-send", server.agent_send === null ? null : escapeBlanks(server.agent_send)),
      ];

const cookieWords = (server: Server, farm: Farm): readonly string[] => {
  if (server.cookie !== null) return [`cookie ${server.cookie}`];
  return farm.cookie === null || farm.cookie.dynamic ? [] : [`cookie ${server.name}`];
};

const tlsWords = (tls: ServerTls): readonly string[] => [
  "ssl",
  ...(tls.verify ? [`verify required ca-file ${tls.ca_file ?? "@system-ca"}`] : ["verify none"]),
  ...setting("crl-file", tls.crl_file),
  ...setting("sni", tls.sni),
  ...setting("verifyhost", tls.verify_host),
  ...setting("crt", tls.certificate),
  ...setting("ssl-min-ver", tls.tls_min),
  ...(tls.alpn.length === 0 ? [] : [`alpn ${tls.alpn.join(",")}`]),
];

/** A host name that does not resolve would otherwise keep the whole of haproxy from starting. */
const nameWords = (server: Server, version: Version): readonly string[] => {
  const tolerant = isHostName(server.address) && atLeast(version, [1, 7, 0]) ? "last,libc,none" : null;
  return [...setting("resolvers", server.resolvers), ...setting("init-addr", server.init_addr ?? tolerant)];
};

const isHostName = (address: string): boolean =>
  /[A-Za-z]/.test(address) && !address.includes(":") && !address.includes("@") && !address.includes("/");
