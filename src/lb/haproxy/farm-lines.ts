import type { Version } from "../version.ts";
import { checkLines } from "./check-lines.ts";
import type { Cookie, Farm } from "./proxy-model.ts";
import { serverText } from "./server-lines.ts";
import type { Writer } from "./writer.ts";

/** The lines of a backend that concern its servers. */
export const farmLines = (out: Writer, farm: Farm, version: Version): void => {
  out.setting("balance", "balance", farm.balance);
  out.setting("hash_type", "hash-type", farm.hash_type);
  out.setting("http_reuse", "http-reuse", farm.http_reuse);
  out.setting("fullconn", "fullconn", farm.fullconn);
  out.setting("retries", "retries", farm.retries);
  retryLines(out, farm);
  if (farm.cookie !== null) out.line("cookie", cookieText(farm.cookie));
  out.setting("dynamic_cookie_key", "dynamic-cookie-key", farm.dynamic_cookie_key);
  out.each("stick", farm.stick, (rule) => `stick ${rule}`);
  if (farm.check !== null) checkLines(out, farm.check, version);
  out.setting("default_server", "default-server", farm.default_server);
  out.each("servers", farm.servers, (server) => serverText(server, farm, version));
};

/** A request is only sent twice where its method promises that twice is as good as once. */
const retryLines = (out: Writer, { redispatch, retry_on, retry_methods }: Farm): void => {
  if (redispatch !== null) out.line("redispatch", `${redispatch ? "" : "no "}option redispatch`);
  if (retry_on.length === 0) return;
  out.line("retry_on", `retry-on ${retry_on.join(" ")}`);
  if (retry_methods.length > 0 && !retry_methods.includes("*")) {
    out.line("retry_methods", `http-request disable-l7-retry unless { method ${retry_methods.join(" ")} }`);
  }
};

/** indirect hides our cookie from the server, nocache keeps it out of shared caches, httponly out of scripts. */
const cookieText = (cookie: Cookie): string => {
  const sensible = cookie.kind === "insert" && cookie.options.length === 0;
  const on = (value: boolean | null, word: string): readonly string[] => ((value ?? sensible) ? [word] : []);
  return [
    "cookie",
    cookie.name,
    cookie.kind,
    ...on(cookie.indirect, "indirect"),
    ...on(cookie.postonly ? (cookie.nocache ?? false) : cookie.nocache, "nocache"),
    ...on(cookie.postonly, "postonly"),
    ...on(cookie.preserve, "preserve"),
    ...on(cookie.httponly, "httponly"),
    ...on(cookie.secure, "secure"),
    ...cookie.domains.map((domain) => `domain ${domain}`),
    ...(cookie.max_idle === null ? [] : [`maxidle ${cookie.max_idle}`]),
    ...(cookie.max_life === null ? [] : [`maxlife ${cookie.max_life}`]),
    ...on(cookie.dynamic, "dynamic"),
    ...cookie.attributes.map((attribute) => `attr ${attribute}`),
    ...cookie.options,
  ].join(" ");
};
