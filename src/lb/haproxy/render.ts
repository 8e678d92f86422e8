import { type Line, markerLine, type Rendered, renderDocument } from "../document.ts";
import type { Fault } from "../fault.ts";
import type { Version } from "../version.ts";
import { globalLines } from "./global-lines.ts";
import type { Defaults, HaproxyModel } from "./model.ts";
import { backendLines, frontendLines, listenLines } from "./proxy-lines.ts";
import { escapeWord } from "./quoting.ts";
import { haproxyRules } from "./rules.ts";
import {
  cacheLines,
  healthLines,
  peersLines,
  resolversLines,
  statsLines,
  userlistLines,
} from "./service-lines.ts";
import { haproxySpans } from "./spans.ts";
import { timeoutLines } from "./timeout-lines.ts";
import { section, writer } from "./writer.ts";

/** The text of haproxy.cfg for this version of HAProxy, or every reason why there is none. */
export const renderHaproxy = (model: HaproxyModel, version: Version): Rendered => {
  const faults = haproxyRules(model);
  if (faults.length > 0) return { kind: "refused", faults };
  return renderDocument(documentLines(model, version), { name: "HAProxy", version }, haproxySpans);
};

const documentLines = (model: HaproxyModel, version: Version): readonly Line[] => [
  markerLine("haproxy_config", "HAProxy", `${version[0]}.${version[1]}`),
  ...globalLines(model.global, version),
  ...defaultsLines(model.defaults, model.global.server_state_file !== null),
  ...(model.peers === null ? [] : peersLines(model.peers, version)),
  ...model.resolvers.flatMap((item, index) => resolversLines(item, index, version)),
  ...model.caches.flatMap(cacheLines),
  ...model.userlists.flatMap(userlistLines),
  ...(model.health === null || model.health.port === 0 ? [] : healthLines(model.health)),
  ...(model.stats === null ? [] : statsLines(model.stats)),
  ...model.frontends.flatMap((item, index) => frontendLines(item, model, ["frontends", index], version)),
  ...model.backends.flatMap((item, index) => backendLines(item, model, ["backends", index], version)),
  ...model.listens.flatMap((item, index) => listenLines(item, model, ["listens", index], version)),
  ...rawSections(model.raw),
];

const defaultsLines = (defaults: Defaults, keepsState: boolean): readonly Line[] => {
  const out = writer(["defaults"]);
  out.line("mode", `mode ${defaults.mode}`);
  out.line("", "log global");
  if (defaults.log_format === null) out.line("", `option ${defaults.mode === "http" ? "httplog" : "tcplog"}`);
  else out.line("log_format", `log-format ${escapeWord(defaults.log_format)}`);
  out.line("", "option dontlognull");
  if (defaults.log_health_checks) out.line("log_health_checks", "option log-health-checks");
  if (defaults.redispatch) out.line("redispatch", "option redispatch");
  out.setting("retries", "retries", defaults.retries);
  out.setting("maxconn", "maxconn", defaults.maxconn);
  timeoutLines(out, defaults.timeouts);
  if (keepsState) out.line("", "load-server-state-from-file global");
  out.each("options", defaults.options, (option) => `option ${option}`);
  out.record("errorfiles", defaults.errorfiles, (status, file) => `errorfile ${status} ${file}`);
  out.each("raw", defaults.raw, (line) => line);
  return section("defaults", ["defaults"], out.lines());
};

const rawSections = (raw: HaproxyModel["raw"]): readonly Line[] => {
  const path = (index: number): Fault["path"] => ["raw", index];
  const lines = raw.map((text, index): Line => {
    const bare = text.trim();
    return { depth: bare === text ? 0 : 1, text: bare, path: path(index), origin: "wanted" };
  });
  return lines.length === 0 ? [] : [{ depth: 0, text: "", path: ["raw"], origin: "wanted" }, ...lines];
};
