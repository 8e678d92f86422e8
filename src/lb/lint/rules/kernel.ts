import { canonicalAddress } from "../../address.ts";
import type { NodeFacts } from "../../pair/facts.ts";
import type { Pair, PairNode } from "../../pair/pair.ts";
import { eachHaproxyWithFacts, eachNode, type Found, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";
import { allBinds, bindText, isLoopback, pairAddresses } from "./addresses.ts";
import { globalLine, numberOf } from "./global-line.ts";
import { EXAMPLE_VIP } from "./haproxy-listening.ts";

const BIND = "frontend web\n    bind 192.0.2.100:80\n";
const NONLOCAL = "net.ipv4.ip_nonlocal_bind";

function file(text: string) {
  return { kind: "file" as const, mode: 0o644, owner: "root", group: "root", digest: "0".repeat(64), text };
}

function withFiles(files: Readonly<Record<string, string>>, os?: NodeFacts["os"]) {
  return {
    haproxy: { both: BIND },
    keepalived: { both: EXAMPLE_VIP },
    facts: {
      both: {
        sysctl: new Map([[NONLOCAL, "1"]]),
        files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
        ...(os === undefined ? {} : { os }),
      },
    },
  };
}

const notKept: Rule = {
  id: "N06",
  severity: "error",
  title: "That virtual addresses may be bound is written down for the next boot.",
  why: "A setting made with sysctl -w is gone after a boot: HAProxy then does not start on the standby.",
  source: "sysctl.d(5)",
  fix: "echo 'net.ipv4.ip_nonlocal_bind = 1' > /etc/sysctl.d/90-lb.conf.",
  bad: withFiles({ "/etc/sysctl.d/90-lb.conf": "net.core.somaxconn = 4096\n" }),
  good: withFiles({ "/etc/sysctl.d/90-lb.conf": `${NONLOCAL} = 1\n` }),
  check: (pair) =>
    eachNode(pair, (node) =>
      needed(pair, node).flatMap(({ key, bind }) => {
        const files = sysctlFiles(node.facts);
        const tuned = node.facts?.units?.get("tuned.service")?.get("ActiveState") === "active";
        if (node.facts?.sysctl?.get(key) !== "1" || files.length === 0 || tuned) return [];
        if (files.some(({ settings }) => settings.has(key))) return [];
        return [
          found(
            bind.at,
            `${key} is 1 now, and no file of sysctl's says so: after a boot HAProxy cannot bind ${bindText(bind)} while another node has it`,
          ),
        ];
      }),
    ),
};

/** The settings that a node's binds of virtual addresses need, each with the first bind that needs it. */
const needed = (pair: Pair, { haproxy }: PairNode) => {
  const virtual = pairAddresses(pair);
  const all = (haproxy === null ? [] : allBinds(haproxy)).flatMap(({ bind }) =>
    virtual.has(canonicalAddress(bind.address)) && !bind.options.has("transparent")
      ? [{ key: `net.${bind.family}.ip_nonlocal_bind`, bind }]
      : [],
  );
  return all.filter(({ key }, index) => all.findIndex((one) => one.key === key) === index);
};

interface SysctlFile {
  readonly path: string;
  readonly settings: ReadonlyMap<string, string>;
}

/** The files that sysctl reads at boot as systemd does: by name, whichever directory they are in, /etc/sysctl.conf last. */
const sysctlFiles = (facts: NodeFacts | null): readonly SysctlFile[] =>
  [...(facts?.files ?? [])]
    .flatMap(([path, found]): readonly SysctlFile[] => {
      if (!/^(\/etc|\/run|\/usr\/lib|\/usr\/local\/lib|\/lib)\/sysctl\.(d\/[^/]+\.conf|conf)$/.test(path))
        return [];
      return found?.text === null || found === null ? [] : [{ path, settings: settingsOf(found.text) }];
    })
    .toSorted((left, right) => (rank(left.path) < rank(right.path) ? -1 : 1));

const rank = (path: string): string =>
  path === "/etc/sysctl.conf" ? "99-sysctl.conf" : path.replace(/^.*\//, "");

const settingsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^\s*-?\s*([\w./-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === undefined || value === undefined) return [];
      return [
        [
          key.includes("/") && !key.includes(".") ? key.replaceAll("/", ".") : key,
          value.replace(/\s+/g, " "),
        ] as const,
      ];
    }),
  );

const unread: Rule = {
  id: "N07",
  severity: "error",
  title: "The kernel's settings are in a file that is read at boot.",
  why: "Debian 13 no longer reads /etc/sysctl.conf: sysctl -p takes it today, and after a boot the setting is gone.",
  source: "Debian 13, systemd and procps (bugs 1076352 and 1085130)",
  fix: "Move the lines to /etc/sysctl.d/90-lb.conf.",
  bad: withFiles(
    { "/etc/sysctl.conf": `${NONLOCAL}=1\n` },
    { id: "debian", version: "13", family: "debian" },
  ),
  good: withFiles(
    { "/etc/sysctl.d/90-lb.conf": `${NONLOCAL}=1\n` },
    { id: "debian", version: "13", family: "debian" },
  ),
  check: (pair) =>
    eachNode(pair, (node) => {
      const os = node.facts?.os ?? null;
      if (os === null || os.id !== "debian" || Number.parseInt(os.version, 10) < 13) return [];
      const files = sysctlFiles(node.facts);
      return needed(pair, node).flatMap(({ key, bind }) => {
        const where = files.filter(({ settings }) => settings.has(key)).map(({ path }) => path);
        return where.length === 1 && where[0] === "/etc/sysctl.conf"
          ? [
              found(
                bind.at,
                `${key} is set in /etc/sysctl.conf only, which Debian ${os.version} does not read at boot`,
              ),
            ]
          : [];
      });
    }),
};

const overridden: Rule = {
  id: "N08",
  severity: "warning",
  title: "No later file takes a setting of the kernel back.",
  why: "Files of sysctl.d are read in the order of their names, and the last one wins: after a boot the kernel is set otherwise than now.",
  source: "sysctl.d(5)",
  fix: "Give your file a name that sorts behind it, such as 99-lb.conf, or take the line out of the other one.",
  bad: withFiles({
    "/etc/sysctl.d/50-lb.conf": `${NONLOCAL} = 1\n`,
    "/etc/sysctl.d/99-hardening.conf": `${NONLOCAL} = 0\n`,
  }),
  good: withFiles({
    "/etc/sysctl.d/50-hardening.conf": `${NONLOCAL} = 0\n`,
    "/etc/sysctl.d/99-lb.conf": `${NONLOCAL} = 1\n`,
  }),
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const files = sysctlFiles(facts).filter(({ path }) => path.startsWith("/etc/"));
      return WATCHED.flatMap((key): readonly Found[] => {
        const setting = files.filter(({ settings }) => settings.has(key));
        const last = setting.at(-1);
        const now = facts?.sysctl?.get(key)?.replace(/\s+/g, " ");
        const before = setting.find(({ settings }) => settings.get(key) === now);
        const then = last?.settings.get(key);
        if (
          last === undefined ||
          before === undefined ||
          before === last ||
          now === undefined ||
          then === now
        )
          return [];
        return [
          found(
            null,
            `${key} is ${now} now, as ${before.path} says, and ${then} after a boot: ${last.path} comes later`,
          ),
        ];
      });
    }),
};

const WATCHED: readonly string[] = [
  NONLOCAL,
  "net.ipv6.ip_nonlocal_bind",
  "net.ipv4.ip_forward",
  "net.core.somaxconn",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.conf.all.rp_filter",
];

const strictPaths: Rule = {
  id: "N09",
  severity: "info",
  title: "Answers that take another way are not dropped.",
  why: "With strict reverse path filtering (1) a node with several networks drops packets whose answer would leave by another interface.",
  source: "Linux, ip-sysctl: rp_filter, the higher of all and the interface counts",
  fix: "Set net.ipv4.conf.all.rp_filter to 2 in /etc/sysctl.d.",
  bad: twoNetworks("1"),
  good: twoNetworks("2"),
  check: (pair) =>
    eachNode(pair, ({ facts, keepalived }) => {
      const devices = new Set(
        facts?.addresses?.flatMap(({ dev, address, family }) =>
          family === "ipv4" && !isLoopback(address) ? [dev] : [],
        ),
      );
      if (devices.size < 2) return [];
      const used = new Set(
        keepalived?.instances.flatMap(({ interface: word }) => (word === null ? [] : [word.text])),
      );
      return [...used].flatMap((dev) => {
        const values = ["all", dev].map((name) =>
          Number(facts?.sysctl?.get(`net.ipv4.conf.${name}.rp_filter`) ?? 0),
        );
        return Math.max(...values) === 1
          ? [found(null, `rp_filter of ${dev} is strict (1), on a node with ${[...devices].join(" and ")}`)]
          : [];
      });
    }),
};

function twoNetworks(value: string) {
  return {
    keepalived: { both: EXAMPLE_VIP },
    facts: {
      both: {
        sysctl: new Map([
          ["net.ipv4.conf.all.rp_filter", value],
          ["net.ipv4.conf.eth0.rp_filter", "0"],
        ]),
        addresses: [
          { address: "192.0.2.11", prefix: 24, dev: "eth0", family: "ipv4" as const },
          { address: "198.51.100.11", prefix: 24, dev: "eth1", family: "ipv4" as const },
        ],
      },
    },
  };
}

const forwarding: Rule = {
  id: "N10",
  severity: "warning",
  title: "A node that only ends connections does not forward packets.",
  why: "With forwarding on, the node that has just lost the address queues packets for it instead of refusing them: clients wait 0.45 s longer, and the node is a router between its networks.",
  source: "measured with keepalived 2.2.7 on Linux 6.18",
  fix: "Set net.ipv4.ip_forward to 0 in /etc/sysctl.d, where nothing else on the node (containers, LVS, a gateway) needs it.",
  bad: {
    keepalived: { both: EXAMPLE_VIP },
    haproxy: { both: BIND },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_forward", "1"]]) } },
  },
  good: {
    keepalived: { both: EXAMPLE_VIP },
    haproxy: { both: BIND },
    facts: { both: { sysctl: new Map([["net.ipv4.ip_forward", "0"]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (_, { sysctl, links }, { keepalived }) => {
      const needs =
        links?.some(({ name }) =>
          /^(docker|br-|veth|virbr|cni|flannel|cali|lxc|podman|wg|tun|kube)/.test(name),
        ) === true ||
        keepalived?.statements.some(({ words }) => words[0]?.text.startsWith("virtual_server") === true) ===
          true;
      if (needs || keepalived === null || sysctl?.get("net.ipv4.ip_forward") !== "1") return [];
      return [found(null, "net.ipv4.ip_forward is 1, and nothing on the node needs it")];
    }),
};

const tracked: Rule = {
  id: "N12",
  severity: "warning",
  title: "The connection tracking has room for all connections.",
  why: "When its table is full the kernel drops new connections, on the owner first; a proxied connection takes two entries.",
  source: "Linux, nf_conntrack-sysctl: nf_conntrack_max",
  fix: "Raise net.netfilter.nf_conntrack_max above twice maxconn, or exempt the service from tracking (notrack).",
  bad: {
    haproxy: { both: "global\n    maxconn 200000\nlisten app\n    bind :80\n" },
    facts: { both: { sysctl: new Map([["net.netfilter.nf_conntrack_max", "65536"]]) } },
  },
  good: {
    haproxy: { both: "global\n    maxconn 20000\nlisten app\n    bind :80\n" },
    facts: { both: { sysctl: new Map([["net.netfilter.nf_conntrack_max", "65536"]]) } },
  },
  check: (pair) =>
    eachHaproxyWithFacts(pair, (config, { sysctl }) => {
      const line = globalLine(config, "maxconn");
      const most = numberOf(line);
      const room = Number(sysctl?.get("net.netfilter.nf_conntrack_max"));
      if (line === null || most === null || !Number.isFinite(room) || 2 * most <= room) return [];
      return [
        found(
          line.at,
          `maxconn ${most} takes up to ${2 * most} entries of the connection tracking, which has room for ${room}`,
        ),
      ];
    }),
};

/** The kernels of the nodes. */
export const kernel: readonly Rule[] = [notKept, unread, overridden, strictPaths, forwarding, tracked];
