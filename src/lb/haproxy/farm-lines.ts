import { atLeast, type Version } from "../version.ts";
import type { Check, Cookie, Farm, Server, ServerTls } from "./model.ts";
import type { Writer } from "./writer.ts";

/** The lines of a backend that concern its servers. */
export const farmLines = (out: Writer, farm: Farm, version: Version): void => {
  out.setting("balance", "balance", farm.balance);
  out.setting("hash_type", "hash-type", farm.hash_type);
  out.setting("fullconn", "fullconn", farm.fullconn);
  out.setting("retries", "retries", farm.retries);
  retryLines(out, farm);
  if (farm.cookie !== null) out.line("cookie", cookieText(farm.cookie));
  out.each("stick", farm.stick, (rule) => `stick ${rule}`);
  if (farm.check !== null) checkLines(out, farm.check, version);
  out.each("servers", farm.servers, (server) => serverText(server, farm));
};

/** A request is only sent twice where its method promises that twice is as good as once. */
const retryLines = (out: Writer, { retry_on, retry_methods }: Farm): void => {
  if (retry_on.length === 0) return;
  out.line("retry_on", `retry-on ${retry_on.join(" ")}`);
  if (retry_methods.length > 0 && !retry_methods.includes("*")) {
    out.line("retry_methods", `http-request disable-l7-retry unless { method ${retry_methods.join(" ")} }`);
  }
};

/** indirect hides our cookie from the server, nocache keeps it out of shared caches, httponly out of scripts. */
const cookieText = ({ name, kind, options }: Cookie): string => {
  const sensible = kind === "insert" && options.length === 0;
  return ["cookie", name, kind, ...(sensible ? ["indirect", "nocache", "httponly"] : options)].join(" ");
};

const checkLines = (out: Writer, check: Check, version: Version): void => {
  if (check.kind === "http") httpCheckLines(out, check, version);
  if (check.kind === "tcp") {
    out.line("check", "option tcp-check");
    out.each("check", check.steps, (step) => `tcp-check ${step}`);
  }
  out.line("check", `default-server inter ${check.interval} fall ${check.fall} rise ${check.rise}`);
};

/** Before 2.2 headers had to be smuggled into the version of the request line. */
const httpCheckLines = (out: Writer, check: Check, version: Version): void => {
  const { method, uri, host } = check;
  if (atLeast(version, [2, 2, 0])) {
    out.line("check", "option httpchk");
    const name = host === null ? "" : ` hdr Host ${host}`;
    const protocol = host === null ? "HTTP/1.0" : check.version;
    out.line("check", `http-check send meth ${method} uri ${uri} ver ${protocol}${name}`);
  } else {
    const tail = host === null ? "HTTP/1.0" : `${check.version}\\r\\nHost:\\ ${host}`;
    out.line("check", `option httpchk ${method} ${uri} ${tail}`);
  }
  out.setting("check", "http-check expect", check.expect);
};

const serverText = (server: Server, farm: Farm): string =>
  [
    `server ${server.name} ${server.port === null ? server.address : `${server.address}:${server.port}`}`,
    ...(server.check ? checkWords(server) : []),
    ...(server.weight === null ? [] : [`weight ${server.weight}`]),
    ...(server.maxconn === null ? [] : [`maxconn ${server.maxconn}`]),
    ...cookieWords(server, farm),
    ...(server.tls === null ? [] : tlsWords(server.tls)),
    ...(server.send_proxy === null ? [] : [server.send_proxy === "v1" ? "send-proxy" : "send-proxy-v2"]),
    ...(server.slowstart === null ? [] : [`slowstart ${server.slowstart}`]),
    ...(server.backup ? ["backup"] : []),
    ...(server.disabled ? ["disabled"] : []),
    ...(server.raw === null ? [] : [server.raw]),
  ].join(" ");

const checkWords = (server: Server): readonly string[] => [
  "check",
  ...(server.check_port === null ? [] : [`port ${server.check_port}`]),
  ...(server.check_tls ? ["check-ssl"] : []),
  ...(server.agent_port === null ? [] : [`agent-check agent-port ${server.agent_port}`]),
];

const cookieWords = (server: Server, farm: Farm): readonly string[] => {
  if (server.cookie !== null) return [`cookie ${server.cookie}`];
  return farm.cookie === null ? [] : [`cookie ${server.name}`];
};

const tlsWords = (tls: ServerTls): readonly string[] => [
  "ssl",
  ...(tls.verify ? [`verify required ca-file ${tls.ca_file ?? "@system-ca"}`] : ["verify none"]),
  ...(tls.sni === null ? [] : [`sni ${tls.sni}`]),
  ...(tls.verify_host === null ? [] : [`verifyhost ${tls.verify_host}`]),
  ...(tls.certificate === null ? [] : [`crt ${tls.certificate}`]),
  ...(tls.alpn.length === 0 ? [] : [`alpn ${tls.alpn.join(",")}`]),
];
