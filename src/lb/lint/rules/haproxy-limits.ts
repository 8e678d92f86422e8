import type { HaproxyConfig, ProxySection } from "../../haproxy/config.ts";
import { effective } from "../../haproxy/directives.ts";
import type { NodeFacts } from "../../pair/facts.ts";
import { eachHaproxy, eachHaproxyWithFacts, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds, bindText } from "./addresses.ts";
import { globalLine, numberOf } from "./global-line.ts";

const LISTEN = "listen app\n    bind :80\n    server web1 192.0.2.21:80 check\n";

const unreachable: Rule = {
  id: "H34",
  severity: "warning",
  title: "A frontend may not take more connections than the whole process.",
  why: "The process stops accepting at its own maxconn, for all frontends, the statistics and the health check included.",
  source: "HAProxy's configuration manual, maxconn",
  fix: "Raise maxconn of global, or lower that of the frontend.",
  bad: { haproxy: { both: "global\n    maxconn 2000\nfrontend web\n    bind :80\n    maxconn 10000\n" } },
  good: { haproxy: { both: "global\n    maxconn 12000\nfrontend web\n    bind :80\n    maxconn 10000\n" } },
  check: (pair) =>
    eachHaproxy(pair, (config) => {
      const whole = maxconn(config);
      if (whole === null) return [];
      return config.proxies.flatMap((proxy) => {
        const line = proxy.kind === "backend" ? null : effective(proxy, "maxconn");
        const own = numberOf(line);
        if (line === null || own === null || own <= whole || proxy.binds.length === 0) return [];
        return [
          found(
            line.at,
            `${proxy.kind} ${proxy.name} may take ${own} connections, the whole process ${whole}`,
          ),
        ];
      });
    }),
};

const tooFewFiles: Rule = {
  id: "H35",
  severity: "error",
  title: "HAProxy may open as many files as its connections take.",
  why: "A connection takes two. HAProxy raises its limit itself while it is root, up to fs.nr_open; beyond that, and beyond LimitNOFILE where it does not start as root, it does not start.",
  source: "HAProxy's management guide, 5; HAProxy's configuration manual, strict-limits",
  fix: "Lower maxconn, or raise fs.nr_open or the unit's LimitNOFILE.",
  bad: {
    haproxy: { both: `global\n    maxconn 1000000\n${LISTEN}` },
    facts: { both: { sysctl: new Map([["fs.nr_open", "1048576"]]) } },
  },
  good: {
    haproxy: { both: `global\n    maxconn 100000\n${LISTEN}` },
    facts: { both: { sysctl: new Map([["fs.nr_open", "1048576"]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, facts) => {
      const line = globalLine(config, "maxconn");
      const connections = maxconn(config);
      const limit = fileLimit(facts);
      if (line === null || connections === null || limit === null || 2 * connections < limit.count) return [];
      return [
        found(
          line.at,
          `maxconn ${connections} takes ${2 * connections} files and more, and ${limit.name} allows ${limit.count}`,
        ),
      ];
    }),
};

const fileLimit = ({
  units,
  sysctl,
}: NodeFacts): { readonly name: string; readonly count: number } | null => {
  const unit = units?.get("haproxy.service");
  const user = unit?.get("User") ?? "";
  const own = Number(unit?.get("LimitNOFILE"));
  if (user !== "" && user !== "root" && Number.isFinite(own))
    return { name: "the unit's LimitNOFILE", count: own };
  const most = Number(sysctl?.get("fs.nr_open"));
  return Number.isFinite(most) && most > 0 ? { name: "fs.nr_open", count: most } : null;
};

/** Two buffers of tune.bufsize, and what HAProxy keeps of a session beside them. */
const BYTES_PER_CONNECTION = 33 * 1024;

const tooLittleMemory: Rule = {
  id: "H36",
  severity: "warning",
  title: "The node has the memory for the connections that it accepts.",
  why: "At maxconn HAProxy takes about 33 kB for each connection, more with TLS; where that is more than there is, the kernel kills it when it is needed most.",
  source: "HAProxy's management guide, 6 (16 kB buffers)",
  fix: "Lower maxconn of global, or give the node more memory.",
  bad: {
    haproxy: { both: `global\n    maxconn 100000\n${LISTEN}` },
    facts: { both: { memory: 1024 ** 3 } },
  },
  good: {
    haproxy: { both: `global\n    maxconn 20000\n${LISTEN}` },
    facts: { both: { memory: 1024 ** 3 } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { memory }) => {
      const line = globalLine(config, "maxconn");
      const connections = maxconn(config);
      if (line === null || connections === null || memory === null) return [];
      const needed = connections * BYTES_PER_CONNECTION;
      if (needed <= memory) return [];
      return [
        found(
          line.at,
          `maxconn ${connections} takes ${gigabytes(needed)} of memory when it is reached, and the node has ${gigabytes(memory)}`,
        ),
      ];
    }),
};

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

const shortQueue: Rule = {
  id: "H37",
  severity: "warning",
  title: "The kernel lets as many connections wait as HAProxy asks for.",
  why: "The queue is cut to net.core.somaxconn, 128 on kernels before 5.4: in a burst, and in every takeover, further clients wait a second for their next try.",
  source: "listen(2); HAProxy's configuration manual, backlog",
  fix: "Set net.core.somaxconn to 4096 or more in /etc/sysctl.d.",
  bad: {
    haproxy: { both: `global\n    maxconn 4000\n${LISTEN}` },
    facts: { both: { sysctl: new Map([["net.core.somaxconn", "128"]]) } },
  },
  good: {
    haproxy: { both: `global\n    maxconn 4000\n${LISTEN}` },
    facts: { both: { sysctl: new Map([["net.core.somaxconn", "4096"]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { sysctl }) => {
      const waiting = Number(sysctl?.get("net.core.somaxconn"));
      if (!Number.isFinite(waiting)) return [];
      const asked = config.proxies.flatMap((proxy) => {
        const line = proxy.binds.length === 0 ? null : effective(proxy, "backlog");
        const size = numberOf(line);
        return line === null || size === null || size <= waiting
          ? []
          : [
              found(
                line.at,
                `${proxy.kind} ${proxy.name} wants a backlog of ${size}, and net.core.somaxconn cuts it to ${waiting}`,
              ),
            ];
      });
      const whole = maxconn(config) ?? 0;
      const line = globalLine(config, "maxconn");
      if (asked.length > 0 || line === null || waiting > 128 || whole < 1000) return asked;
      return [
        found(
          line.at,
          `HAProxy may take ${whole} connections, and net.core.somaxconn lets only ${waiting} wait to be accepted`,
        ),
      ];
    }),
};

const portTaken: Rule = {
  id: "H38",
  severity: "warning",
  title: "No port that HAProxy listens on is given out for outgoing connections.",
  why: "A connection to a server may have taken the port just when HAProxy is restarted, which then cannot bind it; and too few ports end connections to servers long before maxconn.",
  source: "ip(7), ip_local_port_range",
  fix: "Move the service below net.ipv4.ip_local_port_range, or name its port in net.ipv4.ip_local_reserved_ports.",
  bad: {
    haproxy: { both: "listen app\n    bind :8080\n    server web1 192.0.2.21:80 check\n" },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_local_port_range", "1024\t65023"]]) } },
  },
  good: {
    haproxy: { both: "listen app\n    bind :8080\n    server web1 192.0.2.21:80 check\n" },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_local_port_range", "32768\t60999"]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { sysctl }) => {
      const range = sysctl?.get("net.ipv4.ip_local_port_range") ?? "";
      const [first = Number.NaN, last = Number.NaN] = range.trim().split(/\s+/).map(Number);
      if (Number.isNaN(first) || Number.isNaN(last)) return [];
      const reserved = reservedPorts(sysctl?.get("net.ipv4.ip_local_reserved_ports") ?? "");
      const taken = allBinds(config).flatMap(({ proxy, bind }) => {
        const [low] = bind.ports ?? [];
        if (low === undefined || low < first || low > last || reserved(low) || bind.protocol !== "tcp")
          return [];
        return [
          found(
            bind.at,
            `${proxy.kind} ${proxy.name} listens on ${bindText(bind)}, a port that the kernel gives to outgoing connections (${first} to ${last})`,
          ),
        ];
      });
      return [...taken, ...exhausted(config, last - first + 1)];
    }),
};

const exhausted = (config: HaproxyConfig, ports: number) => {
  const line = globalLine(config, "maxconn");
  const connections = maxconn(config);
  const servers = new Set(config.proxies.flatMap((proxy) => proxy.servers.flatMap(places)));
  if (line === null || connections === null || servers.size === 0 || connections <= ports * servers.size)
    return [];
  return [
    found(
      line.at,
      `maxconn ${connections} needs more source ports than there are: ${ports} for each of ${servers.size} servers`,
    ),
  ];
};

/** A server-template stands for several; one that names no port may be on any. */
const places = ({ address, port, count, name }: ProxySection["servers"][number]): readonly string[] =>
  count === 1 ? [`${address}:${port}`] : Array.from({ length: count }, (_, index) => `${name}${index}`);

/** `8080,9000-9010`. */
const reservedPorts = (text: string): ((port: number) => boolean) => {
  const ranges = text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => part.split("-").map(Number));
  return (port) => ranges.some(([low = 0, high = low]) => low <= port && port <= high);
};

/** The connections that the whole process may take, where that is written. */
const maxconn = (config: HaproxyConfig): number | null => numberOf(globalLine(config, "maxconn"));

/** What HAProxy may use, and what there is. */
export const haproxyLimits: readonly Rule[] = [
  unreachable,
  tooFewFiles,
  tooLittleMemory,
  shortQueue,
  portTaken,
];
