import type { NodeFacts } from "../../pair/facts.ts";
import type { PairNode } from "../../pair/pair.ts";
import { versionText } from "../../version.ts";
import { couples, eachNode, type Found, found } from "../each-node.ts";
import type { Finding, Rule } from "../rule.ts";
import { EXAMPLE_VIP } from "./haproxy-listening.ts";

const LISTEN = "listen app\n    bind :80\n    server web1 192.0.2.21:80 check\n";

/** The last day with security fixes, as the distributions say; Ubuntu's and Debian's paid extensions are not counted. */
const SYSTEMS: readonly (readonly [id: RegExp, version: RegExp, name: string, end: number])[] = [
  [/^centos$/, /^6/, "CentOS 6", Date.UTC(2020, 10, 30)],
  [/^centos$/, /^7/, "CentOS 7", Date.UTC(2024, 5, 30)],
  [/^centos$/, /^8/, "CentOS 8", Date.UTC(2021, 11, 31)],
  [/^rhel$/, /^7/, "RHEL 7", Date.UTC(2024, 5, 30)],
  [/^(rocky|almalinux|rhel)$/, /^8/, "Enterprise Linux 8", Date.UTC(2029, 4, 31)],
  [/^debian$/, /^9/, "Debian 9", Date.UTC(2022, 5, 30)],
  [/^debian$/, /^10/, "Debian 10", Date.UTC(2024, 5, 30)],
  [/^debian$/, /^11/, "Debian 11", Date.UTC(2026, 7, 31)],
  [/^debian$/, /^12/, "Debian 12", Date.UTC(2028, 5, 30)],
  [/^ubuntu$/, /^16\.04/, "Ubuntu 16.04", Date.UTC(2021, 3, 30)],
  [/^ubuntu$/, /^18\.04/, "Ubuntu 18.04", Date.UTC(2023, 4, 31)],
  [/^ubuntu$/, /^20\.04/, "Ubuntu 20.04", Date.UTC(2025, 4, 31)],
  [/^ubuntu$/, /^22\.04/, "Ubuntu 22.04", Date.UTC(2027, 3, 30)],
];

const date = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

const oldSystem: Rule = {
  id: "S01",
  severity: "warning",
  title: "The distribution still gets security fixes.",
  why: "Holes in the kernel, OpenSSL and HAProxy stay open, and its mirrors disappear: a package that is missing cannot be installed any more.",
  source:
    "the distributions' own calendars: CentOS 7 until 2024-06-30, Ubuntu 18.04 until 2023-05-31, Debian 11 until 2026-08-31",
  fix: "Build a new node beside it, and let it take its turn as the standby.",
  bad: { facts: { both: { os: { id: "centos", version: "7", family: "redhat" } } } },
  good: { facts: { both: { os: { id: "debian", version: "12", family: "debian" } } } },
  check: (pair, { now }) =>
    eachNode(pair, ({ facts }) => {
      const os = facts?.os ?? null;
      const system =
        os === null ? undefined : SYSTEMS.find(([id, version]) => id.test(os.id) && version.test(os.version));
      if (system === undefined || system[3] >= now) return [];
      return [found(null, `${system[2]} has had no security fixes since ${date(system[3])}`)];
    }),
};

/** The quarter after which a branch gets no fixes, as haproxy.org announced it: the first day of the next one. */
const BRANCHES: ReadonlyMap<string, number> = new Map([
  ["1.4", Date.UTC(2015, 0, 1)],
  ["1.5", Date.UTC(2020, 0, 1)],
  ["1.6", Date.UTC(2021, 0, 1)],
  ["1.7", Date.UTC(2022, 0, 1)],
  ["1.8", Date.UTC(2023, 0, 1)],
  ["1.9", Date.UTC(2020, 6, 1)],
  ["2.0", Date.UTC(2024, 6, 1)],
  ["2.1", Date.UTC(2021, 3, 1)],
  ["2.2", Date.UTC(2025, 6, 1)],
  ["2.3", Date.UTC(2022, 3, 1)],
  ["2.4", Date.UTC(2026, 6, 1)],
  ["2.5", Date.UTC(2023, 3, 1)],
  ["2.6", Date.UTC(2027, 6, 1)],
  ["2.7", Date.UTC(2024, 3, 1)],
  ["2.8", Date.UTC(2028, 6, 1)],
  ["2.9", Date.UTC(2025, 3, 1)],
]);

const oldBranch: Rule = {
  id: "S02",
  severity: "warning",
  title: "HAProxy's branch still gets fixes.",
  why: "A build of one's own gets security fixes from HAProxy's project alone; those of a distribution are its own care.",
  source: "haproxy.org, table of branches; HAProxy's management guide, status of a branch",
  fix: "Build a branch that is maintained, a long-term one at best, on the standby first.",
  bad: {
    haproxy: { both: LISTEN },
    facts: {
      both: { haproxy: { version: [1, 7, 2], text: "HA-Proxy version 1.7.2 2017/01/13\n", openssl: true } },
    },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: {
      both: { haproxy: { version: [2, 8, 10], text: "HAProxy version 2.8.10 2024/06/14\n", openssl: true } },
    },
  },
  check: (pair, { now }) =>
    eachNode(pair, ({ facts, haproxy: config }) => {
      const haproxy = facts?.haproxy ?? null;
      if (haproxy === null || config === null || packageRevision(haproxy.text) !== null || isPackaged(facts))
        return [];
      const branch = `${haproxy.version[0]}.${haproxy.version[1]}`;
      const end = BRANCHES.get(branch);
      if (end === undefined || end > now) return [];
      return [
        found(
          null,
          `HAProxy ${versionText(haproxy.version)} is of the branch ${branch}, which has had no fixes since ${date(end)}`,
        ),
      ];
    }),
};

/** What a distribution adds to the version (`-1+deb12u4`); null where it adds nothing, as Red Hat's do. */
const packageRevision = (text: string): string | null =>
  /version \d+\.\d+[.\d]*(-\S+)/.exec(text)?.[1] ?? null;

/** Red Hat's packages tell no revision; what runs from /usr/sbin there is theirs. */
const isPackaged = (facts: NodeFacts | null): boolean =>
  facts?.os?.family === "redhat" &&
  facts.processes?.some(({ name, argv }) => name === "haproxy" && argv[0] === "/usr/sbin/haproxy") !== false;

const masked: Rule = {
  id: "S06",
  severity: "error",
  title: "The services can be started.",
  why: "A masked unit is not started by anything, the next boot included.",
  source: "systemctl(1), mask",
  fix: "systemctl unmask haproxy keepalived.",
  bad: {
    haproxy: { both: LISTEN },
    facts: { both: { units: new Map([["haproxy.service", new Map([["LoadState", "masked"]])]]) } },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: { both: { units: new Map([["haproxy.service", new Map([["LoadState", "loaded"]])]]) } },
  },
  check: (pair) =>
    eachNode(pair, ({ facts, haproxy, keepalived }) =>
      [...(haproxy === null ? [] : ["haproxy"]), ...(keepalived === null ? [] : ["keepalived"])].flatMap(
        (name) =>
          facts?.units?.get(`${name}.service`)?.get("LoadState") === "masked"
            ? [found(null, `${name}.service is masked`)]
            : [],
      ),
    ),
};

const startedTwice: Rule = {
  id: "S07",
  severity: "error",
  title: "One HAProxy runs on a node.",
  why: "A second one, from an init script or a shell, listens on the same ports with another configuration: each gets some of the connections, and a reload changes one of them.",
  source: "HAProxy's management guide, 11",
  fix: "End the one that does not belong to haproxy.service, and remove what starts it.",
  bad: {
    haproxy: { both: LISTEN },
    facts: { both: { processes: [haproxyProcess(10, "haproxy.service"), haproxyProcess(20, null)] } },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: { both: { processes: [haproxyProcess(10, "haproxy.service")] } },
  },
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const all = facts?.processes?.filter(({ name }) => name === "haproxy") ?? [];
      if (!all.some(({ unit }) => unit === "haproxy.service")) return [];
      const pids = new Set(all.map(({ pid }) => pid));
      return (
        all
          .filter(({ unit, parent }) => unit !== "haproxy.service" && !pids.has(parent))
          // Several services with ports of their own are somebody's intention.
          .filter(({ unit }) => unit === null || /^(session|user)/.test(unit))
          .map(({ pid, argv }) =>
            found(null, `besides haproxy.service a second HAProxy runs, process ${pid}: ${argv.join(" ")}`),
          )
      );
    }),
};

function haproxyProcess(pid: number, unit: string | null) {
  return {
    pid,
    parent: 1,
    name: "haproxy",
    argv: ["/usr/sbin/haproxy", "-f", "/etc/haproxy/haproxy.cfg"],
    unit,
  };
}

const otherPackage: Rule = {
  id: "S12",
  severity: "warning",
  title: "The nodes have the same package of HAProxy.",
  why: "The same branch from another repository, or with another fix, behaves otherwise, and gets its next update at another time.",
  source: "the packages' revisions, as haproxy -v tells them",
  fix: "Take both from the same repository, and upgrade the older one, the standby first.",
  bad: {
    haproxy: { both: LISTEN },
    facts: {
      lb1: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12-1+deb12u4\n", openssl: true } },
      lb2: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12-1+deb12u1\n", openssl: true } },
    },
  },
  good: {
    haproxy: { both: LISTEN },
    facts: {
      both: { haproxy: { version: [2, 6, 12], text: "HAProxy version 2.6.12-1+deb12u4\n", openssl: true } },
    },
  },
  check: (pair) => couples(pair).flatMap(([left, right]) => packageGap(left, right)),
};

const packageGap = (left: PairNode, right: PairNode): readonly Finding[] => {
  const [one, other] = [left, right].map(({ facts }) => facts?.haproxy ?? null);
  if (one === null || one === undefined || other === null || other === undefined) return [];
  if (left.haproxy === null || right.haproxy === null) return [];
  // Other branches are X41's.
  if (one.version[0] !== other.version[0] || one.version[1] !== other.version[1]) return [];
  const [mine, theirs] = [one, other].map(
    ({ version, text }) => `${version.join(".")}${packageRevision(text) ?? ""}`,
  );
  if (mine === theirs) return [];
  return [
    {
      nodes: [left.name, right.name],
      at: null,
      message: `${left.name} has HAProxy ${mine}, ${right.name} ${theirs}`,
      fix: null,
    },
  ];
};

const cloud: Rule = {
  id: "S15",
  severity: "error",
  title: "In a cloud the address is moved by the cloud's own means.",
  why: "Networks of AWS, Azure and Google carry no multicast, and deliver an address to the machine that their tables name, whatever its ARP says: keepalived alone moves nothing.",
  source: "the clouds' documentation of their virtual networks; keepalived.conf(5), unicast_peer and notify",
  fix: "Use unicast_peer, and a notify_master script that moves the address by the cloud's API, or the cloud's own load balancer before both nodes.",
  bad: { keepalived: { both: EXAMPLE_VIP }, facts: { both: { cloud: "aws" } } },
  good: { keepalived: { both: EXAMPLE_VIP }, facts: { both: { cloud: "none" } } },
  check: (pair) =>
    eachNode(pair, ({ facts, keepalived }) => {
      const name = facts?.cloud ?? "none";
      if (name === "none" || keepalived === null) return [];
      const where = { aws: "AWS", azure: "Azure", google: "Google Cloud" }[name];
      return keepalived.instances.flatMap((instance): readonly Found[] => {
        if (instance.unicastPeers.length === 0)
          return [
            found(
              instance.at,
              `vrrp_instance ${instance.name} speaks multicast, which ${where} does not carry: both nodes take the address`,
            ),
          ];
        const notifies = [
          ...instance.statements,
          ...keepalived.globals,
          ...keepalived.syncGroups.flatMap(({ statements }) => statements),
        ].some(({ words }) =>
          /^(notify|notify_master|notify_fifo|vrrp_notify_fifo)$/.test(words[0]?.text ?? ""),
        );
        if (notifies) return [];
        return [
          found(
            instance.at,
            `vrrp_instance ${instance.name} has no notify script that tells ${where} where the address is now`,
            {
              severity: "warning",
            },
          ),
        ];
      });
    }),
};

const unattended: Rule = {
  id: "S09",
  severity: "info",
  title: "Updates do not come to both nodes by themselves in the same hour.",
  why: "unattended-upgrades restarts keepalived, and where needrestart is there HAProxy too, on both nodes on the same morning, with nobody looking.",
  source: "Debian's keepalived package, which restarts it on an upgrade; unattended-upgrades",
  fix: "Name haproxy and keepalived in Unattended-Upgrade::Package-Blacklist, and upgrade them with a playbook, the standby first.",
  bad: automatic('APT::Periodic::Unattended-Upgrade "1";\n'),
  good: automatic('APT::Periodic::Unattended-Upgrade "0";\n'),
  check: (pair) =>
    eachNode(pair, ({ facts }) => {
      const texts = [...(facts?.files ?? [])].flatMap(([path, file]) =>
        /^\/etc\/apt\/apt\.conf(\.d\/[^/]+)?$/.test(path)
          ? [[path, (file?.text ?? "").replace(/^\s*(\/\/|#).*$/gm, "")] as const]
          : [],
      );
      const on = texts.findLast(([, text]) => /Unattended-Upgrade\s+"\d/.test(text));
      const listed = texts.some(([, text]) => /Package-Blacklist\s*\{[^}]*(haproxy|keepalived)/.test(text));
      if (on === undefined || listed || !/APT::Periodic::Unattended-Upgrade\s+"[1-9]/.test(on[1])) return [];
      return [found(null, `${on[0]} has packages upgraded by themselves, keepalived and haproxy included`)];
    }),
};

function automatic(text: string) {
  const file = {
    kind: "file" as const,
    mode: 0o644,
    owner: "root",
    group: "root",
    digest: "0".repeat(64),
    text,
  };
  return { facts: { both: { files: new Map([["/etc/apt/apt.conf.d/20auto-upgrades", file]]) } } };
}

/** Distributions, packages and services. */
export const system: readonly Rule[] = [
  oldSystem,
  oldBranch,
  masked,
  startedTwice,
  unattended,
  otherPackage,
  cloud,
];
