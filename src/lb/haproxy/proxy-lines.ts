import type { Line } from "../document.ts";
import type { Fault } from "../fault.ts";
import { atLeast, type Version } from "../version.ts";
import { farmLines } from "./farm-lines.ts";
import type {
  Backend,
  Bind,
  Compression,
  Entrance,
  Frontend,
  HaproxyModel,
  Listen,
  Mode,
  Section,
} from "./model.ts";
import { timeoutLines } from "./timeout-lines.ts";
import { section, type Writer, writer } from "./writer.ts";

/** A frontend's section. */
export const frontendLines = (
  frontend: Frontend,
  model: HaproxyModel,
  path: Fault["path"],
  version: Version,
): readonly Line[] => {
  const out = writer(path);
  const mode = frontend.mode ?? model.defaults.mode;
  headLines(out, frontend, mode);
  bindLines(out, frontend, { mode, model, version });
  entranceLines(out, frontend, mode);
  ruleLines(out, frontend);
  out.each("use_backends", frontend.use_backends, (rule) =>
    [`use_backend ${rule.backend}`, condition("if", rule.if), condition("unless", rule.unless)].join(""),
  );
  out.setting("default_backend", "default_backend", frontend.default_backend);
  out.each("raw", frontend.raw, (line) => line);
  return section(`frontend ${frontend.name}`, path, out.lines());
};

const condition = (word: string, test: string | null): string => (test === null ? "" : ` ${word} ${test}`);

/** A backend's section. */
export const backendLines = (
  backend: Backend,
  model: HaproxyModel,
  path: Fault["path"],
  version: Version,
): readonly Line[] => {
  const out = writer(path);
  const mode = backend.mode ?? model.defaults.mode;
  headLines(out, backend, mode);
  ruleLines(out, backend);
  farmLines(out, backend, version);
  out.each("raw", backend.raw, (line) => line);
  return section(`backend ${backend.name}`, path, out.lines());
};

/** A listen section. */
export const listenLines = (
  listen: Listen,
  model: HaproxyModel,
  path: Fault["path"],
  version: Version,
): readonly Line[] => {
  const out = writer(path);
  const mode = listen.mode ?? model.defaults.mode;
  headLines(out, listen, mode);
  bindLines(out, listen, { mode, model, version });
  entranceLines(out, listen, mode);
  ruleLines(out, listen);
  farmLines(out, listen, version);
  out.each("raw", listen.raw, (line) => line);
  return section(`listen ${listen.name}`, path, out.lines());
};

const headLines = (out: Writer, proxy: Section, mode: Mode): void => {
  out.setting("description", "description", proxy.description);
  out.line("mode", `mode ${mode}`);
  out.setting("maxconn", "maxconn", proxy.maxconn);
  if (proxy.timeouts !== null) timeoutLines(out, proxy.timeouts);
  out.each("options", proxy.options, (option) => `option ${option}`);
  if (proxy.compression !== null) compressionLines(out, proxy.compression);
  out.record("errorfiles", proxy.errorfiles, (status, file) => `errorfile ${status} ${file}`);
};

const compressionLines = (out: Writer, { algorithms, types }: Compression): void => {
  out.line("compression", `compression algo ${algorithms.join(" ")}`);
  out.line("compression", `compression type ${types.join(" ")}`);
};

/** The log format goes with the entrance: in a backend it means nothing. */
const bindLines = (
  out: Writer,
  { binds }: Entrance,
  scope: { readonly mode: Mode; readonly model: HaproxyModel; readonly version: Version },
): void => {
  const { mode, model, version } = scope;
  if (mode !== model.defaults.mode) out.line("mode", `option ${mode === "http" ? "httplog" : "tcplog"}`);
  out.each("binds", binds, (bind) => bindText(bind, version));
};

const bindText = (bind: Bind, version: Version): string =>
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
  ...(bind.alpn.length === 0 || !atLeast(version, [1, 8, 0]) ? [] : [`alpn ${bind.alpn.join(",")}`]),
  ...(bind.client_ca === null ? [] : [`ca-file ${bind.client_ca}`]),
  ...(bind.client_verify === null ? [] : [`verify ${bind.client_verify}`]),
];

const entranceLines = (out: Writer, proxy: Section & Entrance, mode: Mode): void => {
  if (mode !== "http") return;
  out.setting("monitor_uri", "monitor-uri", proxy.monitor_uri);
  // Without it a reload closes idle kept connections under the client's next request.
  out.offer("option idle-close-on-response");
  if (proxy.redirect_https !== null) redirectLine(out, proxy.redirect_https);
  if (proxy.forwarded) forwardedLines(out, proxy.trusted_proxies);
  if (proxy.hsts !== null) {
    const seconds = inSeconds(proxy.hsts);
    out.line("hsts", `http-response set-header Strict-Transport-Security "max-age=${seconds}" if { ssl_fc }`);
  }
};

const redirectLine = (out: Writer, { code, port, except }: NonNullable<Entrance["redirect_https"]>): void => {
  const kept = except.map((prefix) => ` !{ path_beg ${prefix} }`).join("");
  const how =
    port === 443 ? "scheme https" : `location https://%[req.hdr(host),field(1,:)]:${port}%[capture.req.uri]`;
  out.line("redirect_https", `http-request redirect ${how} code ${code} if !{ ssl_fc }${kept}`);
};

/** What clients claim about themselves is dropped, unless they are balancers that are trusted to know. */
const forwardedLines = (out: Writer, trusted: readonly string[]): void => {
  const from = trusted.length === 0 ? "" : ` unless { src ${trusted.join(" ")} }`;
  for (const header of ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded"]) {
    out.line("trusted_proxies", `http-request del-header ${header}${from}`);
  }
  const known = trusted.length === 0 ? "" : ` !{ src ${trusted.join(" ")} }`;
  const unless = trusted.length === 0 ? "" : ` if${known}`;
  out.line("forwarded", `http-request set-header X-Forwarded-Proto https if { ssl_fc }${known}`);
  out.line("forwarded", `http-request set-header X-Forwarded-Proto http if !{ ssl_fc }${known}`);
  out.line("forwarded", `http-request set-header X-Forwarded-Port %[dst_port]${unless}`);
  out.line("forwarded", "option forwardfor");
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

const inSeconds = (duration: string): number => {
  const match = /^(\d+)(s|m|h|d)$/.exec(duration);
  if (match === null) throw new Error(`not a duration of whole seconds: ${duration}`);
  return Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 1);
};

const ruleLines = (out: Writer, proxy: Section): void => {
  out.each("acls", proxy.acls, ({ name, test }) => `acl ${name} ${test}`);
  out.setting("stick_table", "stick-table", proxy.stick_table);
  out.each("tcp_request", proxy.tcp_request, (rule) => `tcp-request ${rule}`);
  out.each("tcp_response", proxy.tcp_response, (rule) => `tcp-response ${rule}`);
  out.each("http_request", proxy.http_request, (rule) => `http-request ${rule}`);
  out.each("http_response", proxy.http_response, (rule) => `http-response ${rule}`);
};
