import type { HaproxyConfig } from "../../haproxy/config.ts";
import type { SelinuxFact } from "../../pair/facts.ts";
import { eachHaproxyWithFacts, eachNode, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds, bindText } from "./addresses.ts";

const DATABASE = "listen db\n    mode tcp\n    bind :5432\n    server db1 192.0.2.31:5432 check\n";

function enforcing(other: Partial<SelinuxFact> = {}): SelinuxFact {
  return {
    mode: "enforcing",
    booleans: new Map([
      ["haproxy_connect_any", false],
      ["keepalived_connect_any", false],
    ]),
    ports: new Map([["http_port_t", ["80", "443", "8008", "8009", "8443", "9000"]]]),
    mislabelled: new Map(),
    ...other,
  };
}

/** Types of ports that haproxy_t may listen on, and connect to, without haproxy_connect_any. */
const ALLOWED: readonly string[] = [
  "http_port_t",
  "http_cache_port_t",
  "commplex_main_port_t",
  "commplex_link_port_t",
  "fmpro_internal_port_t",
  "rtp_media_port_t",
];

const portDenied: Rule = {
  id: "S03",
  severity: "warning",
  title: "SELinux lets HAProxy listen on its ports and reach its servers.",
  why: "Other ports than the web's are denied: HAProxy does not start, or all checks fail with Permission denied.",
  source: "selinux-policy, haproxy_selinux(8): haproxy_connect_any",
  fix: "setsebool -P haproxy_connect_any on, or semanage port -a -t http_port_t -p tcp PORT.",
  bad: { haproxy: { both: DATABASE }, facts: { both: { selinux: enforcing() } } },
  good: {
    haproxy: { both: DATABASE },
    facts: { both: { selinux: enforcing({ booleans: new Map([["haproxy_connect_any", true]]) }) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { selinux }) => {
      if (
        selinux === null ||
        selinux.mode !== "enforcing" ||
        selinux.booleans.get("haproxy_connect_any") !== false
      )
        return [];
      return selinux.ports === null ? [] : denied(config, allowedPorts(selinux));
    }),
};

const allowedPorts = ({ ports }: SelinuxFact): ((port: number) => boolean) => {
  const ranges = ALLOWED.flatMap((type) => ports?.get(type) ?? []).map((range) =>
    range.split("-").map(Number),
  );
  return (port) => ranges.some(([low = 0, high = low]) => low <= port && port <= high);
};

const denied = (config: HaproxyConfig, allowed: (port: number) => boolean): readonly Found[] => [
  ...allBinds(config).flatMap(({ proxy, bind }) => {
    const [port] = bind.ports ?? [];
    if (port === undefined || allowed(port)) return [];
    return [
      found(
        bind.at,
        `SELinux denies ${proxy.kind} ${proxy.name} to listen on ${bindText(bind)}: haproxy_connect_any is off`,
      ),
    ];
  }),
  ...config.proxies.flatMap((proxy) =>
    proxy.servers.flatMap(({ at, name, port }) =>
      port === null || allowed(port)
        ? []
        : [
            found(
              at,
              `SELinux denies the connection to server ${name} of ${proxy.name} on port ${port}: haproxy_connect_any is off`,
            ),
          ],
    ),
  ),
];

function labelled(path: string) {
  return enforcing({
    mislabelled: new Map([
      [path, { has: "unconfined_u:object_r:user_home_t:s0", should: "system_u:object_r:etc_t:s0" }],
    ]),
  });
}

/** Finds files with a label that is not the policy's, of those that `about` tells. */
const mislabelled = (
  id: string,
  title: string,
  why: string,
  path: string,
  about: (path: string) => boolean,
): Rule => ({
  id,
  severity: "warning",
  title,
  why,
  source: "matchpathcon(8) and the policy's file contexts",
  fix: "restorecon -v on the path; for a path of your own semanage fcontext -a -t TYPE PATH first.",
  bad: { facts: { both: { selinux: labelled(path) } } },
  good: { facts: { both: { selinux: enforcing() } } },
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const selinux = facts?.selinux ?? null;
      if (selinux === null || selinux.mode !== "enforcing") return [];
      return [...selinux.mislabelled].flatMap(([file, { has, should }]) =>
        about(file)
          ? [found(null, `${file} has the label ${typeOf(has)} and should have ${typeOf(should)}`)]
          : [],
      );
    }),
});

const typeOf = (label: string): string => label.split(":")[2] ?? label;

const isLog = (path: string): boolean => path.startsWith("/var/log/");
const isKeepalived = (path: string): boolean => path.includes("keepalived");

const scripts = mislabelled(
  "S04",
  "SELinux lets keepalived run its scripts.",
  "A script that came from a home directory keeps that label: keepalived may not run it, and the tracker fails for ever, or is left out.",
  "/usr/libexec/keepalived/check.sh",
  isKeepalived,
);

const certificates = mislabelled(
  "S05",
  "SELinux lets HAProxy read its files.",
  "A file that was moved here from a home directory or /tmp keeps that label: HAProxy may not read it, and does not start.",
  "/etc/haproxy/site.pem",
  (path) => !isLog(path) && !isKeepalived(path),
);

const logs = mislabelled(
  "L13",
  "SELinux lets rsyslog write HAProxy's log.",
  "A log with another label than var_log_t is not written.",
  "/var/log/haproxy.log",
  isLog,
);

/** What SELinux denies. */
export const selinux: readonly Rule[] = [portDenied, scripts, certificates, logs];
