import type { Examined } from "../../../../src/lb/diagnose/cause.ts";
import type { Symptoms } from "../../../../src/lb/diagnose/symptoms.ts";
import type { WireAdvert } from "../../../../src/lb/diagnose/wire.ts";
import type { HaproxyConfig } from "../../../../src/lb/haproxy/config.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { ordinaryFacts } from "../../../../src/lb/lint/ordinary-facts.ts";
import { stateOf } from "../../../../src/lb/live/node.ts";
import type { LiveInstance, VrrpState } from "../../../../src/lb/live/state.ts";
import type { NodeFacts } from "../../../../src/lb/pair/facts.ts";
import { addresses, type Change, node } from "../live/nodes.ts";

/** What a test says of a node of the recorded pair. */
export interface Seen extends Change {
  readonly vrrp?: VrrpState;
  readonly holds?: boolean;
  /** Adverts that keepalived counted between the two looks. */
  readonly received?: number;
  readonly sent?: number;
  readonly errors?: Readonly<Record<string, number>>;
  readonly adverts?: readonly WireAdvert[];
  readonly symptoms?: Partial<Symptoms>;
  readonly facts?: Partial<NodeFacts>;
}

const INTERFACE = "host0";

/** An advert of a recorded node. */
export const advert = (from: "lb1" | "lb2", change: Partial<WireAdvert> = {}): WireAdvert => ({
  source: from === "lb1" ? "10.104.56.11" : "10.104.56.12",
  destination: from === "lb1" ? "10.104.56.12" : "10.104.56.11",
  dev: INTERFACE,
  mac: null,
  sent: false,
  version: 3,
  virtualRouterId: 77,
  priority: from === "lb1" ? 254 : 253,
  authentication: null,
  advertMs: 100,
  addresses: ["10.104.56.100"],
  count: 40,
  ...change,
});

/** lb1 or lb2 of the recorded pair, looked at twice. */
export const examined = (name: "lb1" | "lb2", seen: Seen = {}): Examined => {
  const { vrrp = name === "lb1" ? "MASTER" : "BACKUP", received = 0, sent = 0, errors = {} } = seen;
  const holds = seen.holds ?? vrrp === "MASTER";
  const live = node(name, {
    ...seen,
    keepalived: { instances: [instance(name, vrrp, 0, 0, {})], ...seen.keepalived },
    state: { addresses: addresses(name, holds), ...seen.state },
  });
  const state = stateOf(live);
  if (state === null) throw new Error("the recorded node is one that was seen");
  const plain = ordinaryFacts(name === "lb1" ? 1 : 2);
  const haproxy = state.haproxy.config;
  return {
    live,
    node: {
      name,
      haproxy: haproxyConfig(haproxy),
      keepalived: live.keepalived,
      facts: {
        ...plain,
        links: [{ name: INTERFACE, flags: ["UP", "LOWER_UP"], mtu: 1500 }],
        addresses: [...state.addresses].map((address) => ({
          address,
          prefix: address.endsWith(".100") ? 32 : 24,
          dev: INTERFACE,
          family: "ipv4" as const,
        })),
        listeners: [
          ...(plain.listeners ?? []),
          ...portsOf(haproxyConfig(haproxy)).map((port) => ({
            protocol: "tcp" as const,
            address: "0.0.0.0",
            port,
            process: "haproxy",
          })),
        ],
        ...seen.facts,
      },
    },
    symptoms: {
      wire: { by: "perl", adverts: seen.adverts ?? [] },
      seconds: 4,
      groups: new Map([[INTERFACE, []]]),
      macs: new Map([[INTERFACE, name === "lb1" ? "52:54:00:00:00:01" : "52:54:00:00:00:02"]]),
      checks: [],
      logs: [],
      disks: [],
      complaints: new Map(),
      filters: [],
      ...seen.symptoms,
    },
    after: { ...state.keepalived, instances: [instance(name, vrrp, received, sent, errors)] },
  };
};

const portsOf = ({ proxies }: HaproxyConfig): readonly number[] =>
  proxies.flatMap(({ binds }) => binds.flatMap(({ ports }) => ports?.[0] ?? []));

const instance = (
  of: "lb1" | "lb2",
  state: VrrpState,
  received: number,
  sent: number,
  errors: Readonly<Record<string, number>>,
): LiveInstance => ({
  name: "VI_1",
  state,
  basePriority: of === "lb1" ? 254 : 253,
  effectivePriority: of === "lb1" ? 254 : 253,
  lastTransition: null,
  counters: { received, sent, becameMaster: 0, releasedMaster: 0, errors },
});
