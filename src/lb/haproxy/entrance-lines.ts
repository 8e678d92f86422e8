import { atLeast, type Version } from "../version.ts";
import type { Bind, Entrance, Mode, Section } from "./proxy-model.ts";
import type { Writer } from "./writer.ts";

/** The words of a bind line. */
export const bindText = (bind: Bind, version: Version): string =>
  [
    `bind ${bind.port === null ? bind.address : `${bind.address}:${bind.port}`}`,
    ...(bind.interface === null ? [] : [`interface ${bind.interface}`]),
    ...(bind.transparent ? ["transparent"] : []),
    ...(bind.accept_proxy ? ["accept-proxy"] : []),
    ...(bind.tls ? tlsWords(bind, version) : []),
    ...(bind.raw === null ? [] : [bind.raw]),
  ].join(" ");

/** Before 1.8 HAProxy offers HTTP/2 if told to, and cannot speak it. */
const tlsWords = (bind: Bind, version: Version): readonly string[] => [
  "ssl",
  ...bind.certificates.map((file) => `crt ${file}`),
  ...(bind.crt_list === null ? [] : [`crt-list ${bind.crt_list}`]),
  ...(bind.strict_sni ? ["strict-sni"] : []),
  ...(bind.tls_min === null ? [] : [`ssl-min-ver ${bind.tls_min}`]),
  ...(bind.alpn.length === 0 || !atLeast(version, [1, 8, 0]) ? [] : [`alpn ${bind.alpn.join(",")}`]),
  ...(bind.client_ca === null ? [] : [`ca-file ${bind.client_ca}`]),
  ...(bind.client_crl === null ? [] : [`crl-file ${bind.client_crl}`]),
  ...(bind.client_verify === null ? [] : [`verify ${bind.client_verify}`]),
];

/** What an HTTP entrance does with each request before any rule of the user's. */
export const entranceLines = (out: Writer, proxy: Section & Entrance, mode: Mode): void => {
  if (mode !== "http") return;
  out.setting("monitor_uri", "monitor-uri", proxy.monitor_uri);
  // Without it a reload closes idle kept connections under the client's next request.
  out.offer("option idle-close-on-response");
  if (proxy.redirect_https !== null) redirectLines(out, proxy, proxy.redirect_https);
  if (proxy.forwarded) forwardedLines(out, proxy);
  if (proxy.hsts !== null) hstsLines(out, proxy, proxy.hsts);
};

type Redirect = NonNullable<Entrance["redirect_https"]>;

/** What a trusted balancer in front ended TLS for has been on HTTPS, although it arrives in plain text. */
const redirectLines = (out: Writer, proxy: Entrance, redirect: Redirect): void => {
  const { trusted_proxies: trusted } = proxy;
  const kept = redirect.except.map((prefix) => ` !{ path_beg ${prefix} }`).join("");
  const line = (test: string): void =>
    out.line(
      "redirect_https",
      `http-request redirect ${destination(proxy, redirect)} code ${redirect.code} if !{ ssl_fc }${test}${kept}`,
    );
  const source = `{ src ${trusted.join(" ")} }`;
  line(trusted.length === 0 ? "" : ` !${source}`);
  if (trusted.length > 0) line(` ${source} !{ req.hdr(X-Forwarded-Proto) -m str -i https }`);
};

/** `scheme` keeps the port that the client wrote, which is only right where it wrote none. */
const destination = ({ binds }: Entrance, { port }: Redirect): string => {
  const plain = binds.every((bind) => bind.tls || bind.port === 80 || bind.port === null);
  if (port === 443 && plain) return "scheme https";
  return `location https://%[req.hdr(host),field(1,:)]${port === 443 ? "" : `:${port}`}%[capture.req.uri]`;
};

/** What clients claim about themselves is dropped, unless they are balancers that are trusted to know. */
const forwardedLines = (out: Writer, { trusted_proxies: trusted, forwarded_host }: Entrance): void => {
  const from = trusted.length === 0 ? "" : ` unless { src ${trusted.join(" ")} }`;
  for (const header of ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded"]) {
    out.line("trusted_proxies", `http-request del-header ${header}${from}`);
  }
  const known = trusted.length === 0 ? "" : ` !{ src ${trusted.join(" ")} }`;
  const unless = trusted.length === 0 ? "" : ` if${known}`;
  out.line("forwarded", `http-request set-header X-Forwarded-Proto https if { ssl_fc }${known}`);
  out.line("forwarded", `http-request set-header X-Forwarded-Proto http if !{ ssl_fc }${known}`);
  out.line("forwarded", `http-request set-header X-Forwarded-Port %[dst_port]${unless}`);
  if (forwarded_host)
    out.line("forwarded_host", `http-request set-header X-Forwarded-Host %[req.hdr(host)]${unless}`);
  out.line("forwarded", "option forwardfor");
};

/** Browsers ignore it on plain HTTP, where anyone could have put it in. */
const hstsLines = (out: Writer, { trusted_proxies: trusted, hsts_options }: Entrance, hsts: string): void => {
  const value = [`max-age=${inSeconds(hsts)}`, ...hsts_options].join("; ");
  const set = `http-response set-header Strict-Transport-Security "${value}" if`;
  out.line("hsts", `${set} { ssl_fc }`);
  if (trusted.length === 0) return;
  const source = `{ src ${trusted.join(" ")} }`;
  out.line("hsts", `http-request set-var(txn.https) req.hdr(X-Forwarded-Proto) if ${source}`);
  out.line("hsts", `${set} { var(txn.https) -m str -i https }`);
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

const inSeconds = (duration: string): number => {
  const match = /^(\d+)(s|m|h|d)$/.exec(duration);
  if (match === null) throw new Error(`not a duration of whole seconds: ${duration}`);
  return Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 1);
};
