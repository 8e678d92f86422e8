import type { ProxySection, Server } from "../../lb/haproxy/config.ts";
import { effective } from "../../lb/haproxy/directives.ts";
import { readDuration } from "../../lb/haproxy/duration.ts";
import { haproxyConfig } from "../../lb/haproxy/read-config.ts";
import { stateOf } from "../../lb/live/node.ts";
import type { LiveServer } from "../../lb/live/state.ts";
import { staysAsItIs } from "../predictions.ts";
import {
  type Capabilities,
  type Fault,
  type Planning,
  type Prediction,
  planned,
  type Subject,
} from "./fault.ts";
import { type Blocked, blockScript, noFilter, unblockScript } from "./filter.ts";

/** A server of a backend with what the firewall has to know of it. */
interface Farmed {
  /** `backend/name`. */
  readonly id: string;
  readonly backend: ProxySection;
  readonly address: string;
  /** Of requests, and of checks where they go elsewhere. */
  readonly ports: readonly number[];
  readonly live: LiveServer;
}

/** The servers that HAProxy on the owner has and checks; those at a socket or a name that only it resolves are left out. */
const serversOf = ({ owner }: Subject): readonly Farmed[] => {
  const haproxy = stateOf(owner)?.haproxy;
  if (haproxy === undefined || haproxy.stats.kind === "silent") return [];
  const { servers: live } = haproxy.stats;
  return haproxyConfig(haproxy.config).proxies.flatMap((backend) =>
    backend.servers.flatMap((server): readonly Farmed[] => {
      const known = live.find((one) => one.backend === backend.name && one.name === server.name);
      const address = /^[\da-fA-F:.]+$/.test(server.address) ? server.address : null;
      if (known === undefined || address === null || server.port === null) return [];
      return [
        { id: `${backend.name}/${server.name}`, backend, address, ports: portsOf(server), live: known },
      ];
    }),
  );
};

const portsOf = ({ port, options }: Server): readonly number[] => {
  const check = Number(options.get("port")?.[0]?.text);
  return [
    ...new Set([...(port === null ? [] : [port]), ...(Number.isInteger(check) && check > 0 ? [check] : [])]),
  ];
};

/** Connections to a server are refused, as if nothing listened there. */
const refused = ({ address, ports }: Farmed): readonly Blocked[] =>
  ports.map((port) => ({
    chain: "output",
    nft: `${family(address)} daddr ${address} tcp dport ${port} reject with tcp reset`,
    ...perFamily(address, `-d ${address} -p tcp --dport ${port} -j REJECT --reject-with tcp-reset`),
  }));

/** The server accepts connections, but no data comes from it: what is larger than a bare acknowledgement is dropped. */
const silent = ({ address, ports }: Farmed): readonly Blocked[] => {
  const bare = address.includes(":") ? 100 : 80;
  return ports.map((port) => ({
    chain: "input",
    nft: `${family(address)} saddr ${address} tcp sport ${port} meta length > ${bare} drop`,
    ...perFamily(
      address,
      `-s ${address} -p tcp --sport ${port} -m length --length ${bare + 1}:65535 -j DROP`,
    ),
  }));
};

const family = (address: string): "ip" | "ip6" => (address.includes(":") ? "ip6" : "ip");

const perFamily = (address: string, rule: string): Pick<Blocked, "ipv4" | "ipv6"> =>
  address.includes(":") ? { ipv4: null, ipv6: rule } : { ipv4: rule, ipv6: null };

/** The first backend of which one server can go and another is left; the server. */
const oneOfSeveral = (subject: Subject): Farmed | null => {
  const up = serversOf(subject).filter(({ live }) => live.health === "up" && !live.backup);
  return (
    up.find((one) => up.some((other) => other !== one && other.backend.name === one.backend.name)) ?? null
  );
};

const NO_SEVERAL = "no backend has two servers that are checked and up at an address of their own";

/** What HAProxy takes until it takes a server out, or lets it in again, in milliseconds; its own defaults where nothing is said. */
const noticeMs = ({ backend }: Pick<Farmed, "backend">, options: Server["options"]): number => {
  const time = (keyword: string, otherwise: number): number =>
    readDuration(options.get(keyword)?.[0]?.text ?? "")?.milliseconds ?? otherwise;
  const count = (keyword: string, otherwise: number): number =>
    Number(options.get(keyword)?.[0]?.text ?? otherwise) || otherwise;
  const timeout = (name: string): number | null =>
    readDuration(effective(backend, `timeout ${name}`)?.args[0]?.text ?? "")?.milliseconds ?? null;
  const inter = time("inter", 2000);
  const hang = timeout("check") ?? Math.min(timeout("connect") ?? inter, inter);
  return Math.max(count("fall", 3), count("rise", 2)) * (inter + hang) + inter;
};

const LONGEST_MS = 30_000;

const blocking = (
  subject: Subject,
  servers: readonly Farmed[],
  blocked: readonly Blocked[],
  predicted: Prediction,
  served: boolean,
): Planning => {
  const names = subject.nodes.map(({ name }) => name);
  const lack = names.flatMap((name) => noFilter(name, subject.capabilities.get(name)) ?? []);
  if (lack.length > 0) return { because: lack.join("; ") };
  // Both firewalls' words are laid down: each node takes those that it knows.
  const both = (make: (able: Capabilities) => string): string =>
    `if command -v nft >/dev/null 2>&1; then\n${make({ nft: true, iptables: false, systemd: false })}\nelse\n${make({ nft: false, iptables: true, systemd: false })}\nfi`;
  const notice = Math.max(0, ...servers.map((one) => noticeMs(one, optionsOf(one))));
  return planned({
    nodes: names,
    scripts: {
      inject: both((able) => blockScript(blocked, able)),
      undo: both((able) => unblockScript(blocked, able)),
    },
    predicted,
    served,
    windowMs: Math.min(LONGEST_MS, notice + 1500),
    effect: { kind: "servers-down", servers: servers.map(({ id }) => id) },
  });
};

const optionsOf = ({ backend, id }: Farmed): Server["options"] =>
  backend.servers.find(({ name }) => `${backend.name}/${name}` === id)?.options ?? new Map();

const backendDown: Fault = {
  id: "backend-down",
  title: "one backend server down",
  injection: "connections to one server are refused, on all nodes, as if it had stopped",
  undo: "they are let through",
  plan: (subject) => {
    const server = oneOfSeveral(subject);
    if (server === null) return { because: NO_SEVERAL };
    const predicted = staysAsItIs(
      subject,
      `${server.id} is down`,
      "the other servers of its backend answer, and the addresses stay",
    );
    return blocking(subject, [server], refused(server), predicted, true);
  },
};

const backendHang: Fault = {
  id: "backend-hang",
  title: "one backend server hangs",
  injection: "one server accepts connections and answers nothing, for all nodes",
  undo: "its answers are let through",
  plan: (subject) => {
    const server = oneOfSeveral(subject);
    if (server === null) return { because: NO_SEVERAL };
    const predicted = staysAsItIs(
      subject,
      `${server.id} hangs`,
      "requests that it has got wait for a time-out; the other servers of its backend answer, and the addresses stay",
    );
    return blocking(subject, [server], silent(server), predicted, true);
  },
};

const backendsDown: Fault = {
  id: "backends-down",
  title: "all backend servers down",
  injection: "connections to all servers are refused, on all nodes",
  undo: "they are let through",
  plan: (subject) => {
    const servers = serversOf(subject).filter(({ live }) => live.health === "up");
    if (servers.length === 0) return { because: "no server is checked and up at an address of its own" };
    const predicted: Prediction = {
      ...staysAsItIs(
        subject,
        "all servers are down",
        "no node could do better, so the addresses stay; clients get an error at once",
      ),
      outage: null,
    };
    return blocking(subject, servers, servers.flatMap(refused), predicted, false);
  },
};

/** Faults of the servers behind the pair, made where its nodes reach them. */
export const BACKEND_FAULTS: readonly Fault[] = [backendDown, backendHang, backendsDown];
