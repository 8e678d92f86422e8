import type { Line } from "../document.ts";
import { atLeast, type Version } from "../version.ts";
import type { Global, LogTarget } from "./model.ts";
import { section, type Writer, writer } from "./writer.ts";

/** The global section. */
export const globalLines = (global: Global, version: Version): readonly Line[] => {
  const out = writer(["global"]);
  out.each("logs", global.logs, logText);
  // Over UDP from loopback every line would seem to come from "localhost".
  if (global.logs.length > 0) out.line("logs", "log-send-hostname");
  out.setting("chroot", "chroot", global.chroot);
  out.setting("user", "user", global.user);
  out.setting("group", "group", global.group);
  if (global.daemon) out.line("daemon", "daemon");
  out.setting("pidfile", "pidfile", global.pidfile);
  out.setting("maxconn", "maxconn", global.maxconn);
  out.setting("nbthread", "nbthread", global.nbthread);
  if (global.stats_socket !== null && global.stats_socket !== "") {
    const { stats_socket, stats_socket_mode, stats_socket_level } = global;
    out.line(
      "stats_socket",
      `stats socket ${stats_socket} mode ${stats_socket_mode} level ${stats_socket_level}`,
    );
    out.line("stats_socket", "stats timeout 30s");
  }
  // Since 1.8; before it, workers of before a reload stay until their last connection ends.
  if (global.hard_stop_after !== null) {
    if (global.hard_stop_after === "15m") out.offer("hard-stop-after 15m");
    else out.line("hard_stop_after", `hard-stop-after ${global.hard_stop_after}`);
  }
  out.setting("ca_base", "ca-base", global.ca_base);
  out.setting("crt_base", "crt-base", global.crt_base);
  tlsLines(out, global.tls_profile, version);
  out.each("raw", global.raw, (line) => line);
  return section("global", ["global"], out.lines());
};

const logText = ({ address, facility, level, format }: LogTarget): string =>
  [
    "log",
    address,
    ...(format === null ? [] : ["format", format]),
    facility,
    ...(level === null ? [] : [level]),
  ].join(" ");

/** Forward secrecy and authenticated encryption only: Mozilla's "intermediate" list (server side TLS, 5.7). */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "DHE-RSA-AES128-GCM-SHA256",
  "DHE-RSA-AES256-GCM-SHA384",
].join(":");

const SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"].join(":");

/** Session tickets are off: their keys are per process, so a client could not resume after a failover anyway. */
const tlsLines = (out: Writer, profile: Global["tls_profile"], version: Version): void => {
  const lowest = profile === "modern" ? "TLSv1.3" : "TLSv1.2";
  const modern = atLeast(version, [1, 8, 0]);
  const floor = modern ? `ssl-min-ver ${lowest}` : "no-sslv3 no-tlsv10 no-tlsv11";
  if (profile === "modern")
    out.line("tls_profile", `ssl-default-bind-options ssl-min-ver ${lowest} no-tls-tickets`);
  else out.line("", `ssl-default-bind-options ${floor} no-tls-tickets`);
  if (profile === "intermediate") out.line("", `ssl-default-bind-ciphers ${CIPHERS}`);
  out.offer(`ssl-default-bind-ciphersuites ${SUITES}`);
  out.line("", `ssl-default-server-options ${floor} no-tls-tickets`);
  if (profile === "intermediate") out.line("", `ssl-default-server-ciphers ${CIPHERS}`);
  out.offer(`ssl-default-server-ciphersuites ${SUITES}`);
  if (profile === "intermediate") out.line("", "tune.ssl.default-dh-param 2048");
};
