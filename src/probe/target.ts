import type { ProbeSettings } from "./sample.ts";

/** Where a client asks. */
export type ProbeTarget = Pick<ProbeSettings, "scheme" | "host" | "port" | "path">;

/** `http://192.0.2.10/health`, `https://…`, `tcp://192.0.2.10:443`, understood; null for what is none. */
export const parseTarget = (text: string): ProbeTarget | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url?.protocol.slice(0, -1);
  if (url === null || url.hostname === "") return null;
  if (scheme !== "http" && scheme !== "https" && scheme !== "tcp") return null;
  const port = url.port === "" ? { http: 80, https: 443, tcp: null }[scheme] : Number(url.port);
  if (port === null) return null;
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    path: scheme === "tcp" ? "" : `${url.pathname === "" ? "/" : url.pathname}${url.search}`,
  };
};

/** A target as it is written. */
export const targetText = ({ scheme, host, port, path }: ProbeTarget): string => {
  const name = host.includes(":") ? `[${host}]` : host;
  const usual = (scheme === "http" && port === 80) || (scheme === "https" && port === 443);
  return `${scheme}://${name}${usual ? "" : `:${port}`}${path}`;
};
