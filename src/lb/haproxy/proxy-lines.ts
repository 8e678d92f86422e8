import type { Line } from "../document.ts";
import type { Fault } from "../fault.ts";
import type { Version } from "../version.ts";
import { bindText, entranceLines } from "./entrance-lines.ts";
import { farmLines } from "./farm-lines.ts";
import type { HaproxyModel } from "./model.ts";
import type { Auth, Backend, Entrance, Frontend, Listen, Mode, Section } from "./proxy-model.ts";
import { escapeWord } from "./quoting.ts";
import { useBackendText } from "./routing.ts";
import { rateLimitConnections, rateLimitRequests, rateLimitTable, stickTableLine } from "./stick-lines.ts";
import { timeoutLines } from "./timeout-lines.ts";
import { section, type Writer, writer } from "./writer.ts";

/** Where a proxy is rendered. */
interface Scope {
  readonly mode: Mode;
  readonly model: HaproxyModel;
  readonly version: Version;
}

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
  incomingLines(out, frontend, { mode, model, version }, () => serverNameLines(out, frontend, mode));
  requestLines(out, frontend);
  out.each("use_backends", frontend.use_backends, (rule) => useBackendText(rule, mode, version));
  out.setting("default_backend", "default_backend", frontend.default_backend);
  out.each("raw", frontend.raw, (line) => line);
  return section(`frontend ${frontend.name}`, path, out.lines());
};

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
  connectionLines(out, backend, model);
  requestLines(out, backend);
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
  incomingLines(out, listen, { mode, model, version });
  requestLines(out, listen);
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
  answerLines(out, proxy);
  out.record("errorfiles", proxy.errorfiles, (status, file) => `errorfile ${status} ${file}`);
};

/** Side by side, cache and compression must be told their order: what is kept is not compressed yet. */
const answerLines = (out: Writer, { cache, compression }: Section): void => {
  if (cache !== null && compression !== null) {
    out.line("cache", `filter cache ${cache}`);
    out.line("cache", "filter compression");
  }
  if (compression !== null) {
    out.line("compression", `compression algo ${compression.algorithms.join(" ")}`);
    out.line("compression", `compression type ${compression.types.join(" ")}`);
    if (compression.offload) out.line("compression", "compression offload");
  }
};

/** The order in which HAProxy itself looks at a connection: it warns of any other. */
const incomingLines = (
  out: Writer,
  proxy: Section & Entrance,
  scope: Scope,
  further: () => void = () => {},
): void => {
  bindLines(out, proxy, scope);
  connectionLines(out, proxy, scope.model, () => {
    rateLimitTable(out, proxy, scope.mode, scope.model);
    rateLimitConnections(out, proxy, scope.mode);
    further();
  });
  rateLimitRequests(out, proxy, scope.mode);
  entranceLines(out, proxy, scope.mode);
};

/** The log format goes with the entrance: in a backend it means nothing. */
const bindLines = (out: Writer, { binds, ...proxy }: Section & Entrance, scope: Scope): void => {
  const { mode, model, version } = scope;
  if (proxy.log_format !== null) out.line("log_format", `log-format ${escapeWord(proxy.log_format)}`);
  else if (mode !== model.defaults.mode) out.line("mode", `option ${mode === "http" ? "httplog" : "tcplog"}`);
  out.each("binds", binds, (bind) => bindText(bind, version));
};

const connectionLines = (
  out: Writer,
  proxy: Section,
  model: HaproxyModel,
  further: () => void = () => {},
): void => {
  out.each("acls", proxy.acls, ({ name, test }) => `acl ${name} ${test}`);
  stickTableLine(out, proxy, model);
  further();
  out.each("tcp_request", proxy.tcp_request, (rule) => `tcp-request ${rule}`);
  out.each("tcp_response", proxy.tcp_response, (rule) => `tcp-response ${rule}`);
};

/** The name stands in the first message of TLS, which has to be waited for. */
const serverNameLines = (out: Writer, { use_backends, tcp_request }: Frontend, mode: Mode): void => {
  if (mode === "http" || use_backends.every(({ sni }) => sni.length === 0)) return;
  if (tcp_request.every((rule) => !rule.startsWith("inspect-delay")))
    out.line("use_backends", "tcp-request inspect-delay 5s");
  out.line("use_backends", "tcp-request content accept if { req.ssl_hello_type 1 }");
};

const requestLines = (out: Writer, proxy: Section): void => {
  if (proxy.auth !== null) out.line("auth", authText(proxy.auth));
  if (proxy.cache !== null) out.line("cache", `http-request cache-use ${proxy.cache}`);
  out.each("http_request", proxy.http_request, (rule) => `http-request ${rule}`);
  if (proxy.cache !== null) out.line("cache", `http-response cache-store ${proxy.cache}`);
  out.each("http_response", proxy.http_response, (rule) => `http-response ${rule}`);
};

const authText = ({ userlist, realm, except }: Auth): string => {
  const open = except.map((prefix) => ` !{ path_beg ${prefix} }`).join("");
  return `http-request auth realm ${escapeWord(realm)} if !{ http_auth(${userlist}) }${open}`;
};
