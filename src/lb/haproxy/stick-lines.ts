import type { HaproxyModel } from "./model.ts";
import type { Entrance, Mode, Section, StickTable } from "./proxy-model.ts";
import type { Writer } from "./writer.ts";

/** The stick table of a proxy, shared between the nodes where they exchange tables. */
export const stickTableLine = (out: Writer, { stick_table }: Section, model: HaproxyModel): void => {
  if (stick_table === null) return;
  const text =
    typeof stick_table === "string"
      ? stick_table
      : tableText(stick_table, stick_table.peers ?? shared(model));
  out.line("stick_table", `stick-table ${text}`);
};

const shared = ({ peers }: HaproxyModel): string | null => (peers === null ? null : peers.name);

const tableText = (table: StickTable, peers: string | null): string =>
  [
    `type ${table.type}`,
    ...(table.length === null ? [] : [`len ${table.length}`]),
    `size ${table.size}`,
    ...(table.expire === null ? [] : [`expire ${table.expire}`]),
    ...(table.nopurge ? ["nopurge"] : []),
    ...(peers === null ? [] : [`peers ${peers}`]),
    ...(table.store.length === 0 ? [] : [`store ${table.store.join(",")}`]),
  ].join(" ");

/** A limit per client: a table that counts, and the rule that looks into it. */
export const rateLimitTable = (
  out: Writer,
  { rate_limit }: Entrance,
  mode: Mode,
  model: HaproxyModel,
): void => {
  if (rate_limit === null) return;
  const { size, period } = rate_limit;
  const store = [`${mode === "http" ? "http_req_rate" : "conn_rate"}(${period})`];
  const table: StickTable = {
    type: "ipv6",
    length: null,
    size,
    expire: period,
    store,
    peers: null,
    nopurge: false,
  };
  out.line("rate_limit", `stick-table ${tableText(table, shared(model))}`);
};

/** Connections beyond the limit are not even looked into. */
export const rateLimitConnections = (out: Writer, { rate_limit }: Entrance, mode: Mode): void => {
  if (rate_limit === null || mode === "http") return;
  out.line("rate_limit", `tcp-request connection track-sc0 src${outside(rate_limit.except)}`);
  out.line("rate_limit", `tcp-request connection reject if { sc_conn_rate(0) gt ${rate_limit.limit} }`);
};

/** Requests beyond the limit get an answer of a few bytes. Behind a balancer that is trusted, its client counts. */
export const rateLimitRequests = (out: Writer, proxy: Entrance, mode: Mode): void => {
  const { rate_limit, trusted_proxies } = proxy;
  if (rate_limit === null || mode === "tcp") return;
  const { limit, status, except } = rate_limit;
  const own = [...except, ...trusted_proxies];
  out.line("rate_limit", `http-request track-sc0 src${outside(own)}`);
  if (trusted_proxies.length > 0) {
    const told = `{ src ${trusted_proxies.join(" ")} }`;
    out.line("rate_limit", `http-request track-sc0 req.hdr_ip(X-Forwarded-For,-1) if ${told}`);
  }
  out.line("rate_limit", `http-request deny deny_status ${status} if { sc_http_req_rate(0) gt ${limit} }`);
};

const outside = (networks: readonly string[]): string =>
  networks.length === 0 ? "" : ` if !{ src ${networks.join(" ")} }`;
