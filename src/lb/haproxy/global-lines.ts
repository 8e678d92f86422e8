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
  out.setting("log_tag", "log-tag", global.log_tag);
  out.setting("chroot", "chroot", global.chroot);
  out.setting("user", "user", global.user);
  out.setting("group", "group", global.group);
  if (global.daemon) out.line("daemon", "daemon");
  out.setting("pidfile", "pidfile", global.pidfile);
  out.setting("maxconn", "maxconn", global.maxconn);
  out.setting("ulimit_n", "ulimit-n", global.ulimit_n);
  out.setting("nbthread", "nbthread", global.nbthread);
  socketLines(out, global);
  out.setting("server_state_file", "server-state-file", global.server_state_file);
  // Since 1.8; before it, workers of before a reload stay until their last connection ends.
  if (global.hard_stop_after !== null) {
    if (global.hard_stop_after === "15m") out.offer("hard-stop-after 15m");
    else out.line("hard_stop_after", `hard-stop-after ${global.hard_stop_after}`);
  }
  out.setting("ca_base", "ca-base", global.ca_base);
  out.setting("crt_base", "crt-base", global.crt_base);
  tlsLines(out, global.tls_profile, version);
  if (global.ocsp_update) out.line("ocsp_update", "ocsp-update.mode on");
  out.each("raw", global.raw, (line) => line);
  return section("global", ["global"], out.lines());
};

const socketLines = (out: Writer, global: Global): void => {
  if (global.stats_socket === null || global.stats_socket === "") return;
  const words = [
    `stats socket ${global.stats_socket}`,
    ...(global.stats_socket_user === null ? [] : [`user ${global.stats_socket_user}`]),
    ...(global.stats_socket_group === null ? [] : [`group ${global.stats_socket_group}`]),
    `mode ${global.stats_socket_mode} level ${global.stats_socket_level}`,
  ];
  out.line("stats_socket", words.join(" "));
  out.line("stats_socket", "stats timeout 30s");
};

const logText = ({ address, length, facility, level, format }: LogTarget): string =>
  [
    "log",
    address,
    ...(length === null ? [] : ["len", String(length)]),
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
