import type { VrrpInstance } from "../keepalived/config.ts";
import { heldBy, stateOf } from "../live/node.ts";
import { type Cause, type Examined, growthOf, secondsOf } from "./cause.ts";
import type { WireAdvert } from "./wire.ts";

/** What is between the nodes of a pair: adverts that are not sent, do not arrive, are not let in, or are refused. */
export const vrrpCauses = (all: readonly Examined[]): readonly Cause[] =>
  all.flatMap((hearer) => [
    ...membership(hearer),
    ...instancesOf(hearer).flatMap((instance) => [
      ...refused(hearer, instance),
      ...all
        .filter((speaker) => speaker !== hearer && speaks(speaker, instance))
        .flatMap((speaker) => unheard(hearer, speaker, instance)),
    ]),
    ...silent(hearer),
  ]);

const instancesOf = ({ live }: Examined): readonly VrrpInstance[] => live.keepalived?.instances ?? [];

/** The instance of the same addresses: the virtual_router_id may be just what differs. */
const counterpart = (other: Examined, instance: VrrpInstance): VrrpInstance | null => {
  const own = instancesOf(other);
  const addresses = new Set(instance.virtualAddresses.map(({ address }) => address));
  return (
    own.find(({ virtualAddresses }) => virtualAddresses.some(({ address }) => addresses.has(address))) ??
    own.find(({ virtualRouterId }) => virtualRouterId?.value === instance.virtualRouterId?.value) ??
    null
  );
};

const stateIn = (node: Examined, instance: VrrpInstance | null): string | null =>
  stateOf(node.live)?.keepalived.instances.find(({ name }) => name === instance?.name)?.state ?? null;

/** Whether a node should be heard: it is master. */
const speaks = (speaker: Examined, instance: VrrpInstance): boolean => {
  const own = counterpart(speaker, instance);
  if (own === null || stateOf(speaker.live)?.keepalived.mainPid == null) return false;
  const state = stateIn(speaker, own);
  const held = heldBy(
    speaker.live,
    own.virtualAddresses.map(({ address }) => address),
  );
  return state === "MASTER" || (state === null && held.length > 0);
};

/** Adverts of a node among those that another one's kernel has seen. */
const advertsOf = (speaker: Examined, hearer: Examined): readonly WireAdvert[] => {
  const own = stateOf(speaker.live)?.addresses ?? new Set();
  return (hearer.symptoms?.wire.adverts ?? []).filter(({ source, sent }) => !sent && own.has(source));
};

const unheard = (hearer: Examined, speaker: Examined, instance: VrrpInstance): readonly Cause[] => {
  const state = stateIn(hearer, instance);
  if (hearer.symptoms === null || stateOf(hearer.live)?.keepalived.mainPid == null) return [];
  const wanted = instance.virtualRouterId?.value;
  const names = [hearer.live.name, speaker.live.name] as const;
  const all = advertsOf(speaker, hearer);
  const mine = all.filter(({ virtualRouterId }) => virtualRouterId === wanted);
  const growth = growthOf(hearer, instance.name);
  const dev = instance.interface?.text ?? "";
  const seconds = secondsOf(hearer);
  if (mine.length > 0) {
    const elsewhere = mine.filter((advert) => advert.dev !== "" && dev !== "" && advert.dev !== dev);
    if (elsewhere.length === mine.length)
      return [
        {
          kind: "wrong-interface",
          nodes: [names[0]],
          confidence: "certain",
          message: `${names[0]} speaks VRRP on ${dev}, and the adverts of ${names[1]} arrive on ${elsewhere[0]?.dev}`,
          evidence: elsewhere.map((advert) => advertText(advert, seconds)),
          advice: `set interface ${elsewhere[0]?.dev} in keepalived.conf of ${names[0]}, then systemctl restart keepalived there`,
        },
      ];
    if (growth === null || growth.received > 0 || growth.errors.size > 0) return [];
    // In FAULT keepalived does not listen.
    if (state === "FAULT" || state === "INIT") return [];
    return [
      {
        kind: "firewall-blocks-vrrp",
        nodes: [names[0]],
        confidence: "certain",
        message: `${names[0]} drops the adverts of ${names[1]} before its keepalived gets them: a firewall on ${names[0]} blocks VRRP`,
        evidence: [
          ...mine.map((advert) => advertText(advert, seconds)),
          `keepalived on ${names[0]} has received none in that time, and refused none`,
          ...firewallText(hearer),
        ],
        advice: allowVrrp(hearer, dev),
      },
    ];
  }
  if (all.length > 0)
    return [
      {
        kind: "virtual-router-id-mismatch",
        nodes: [...names],
        confidence: "certain",
        message: `${names[1]} speaks for another virtual router than ${names[0]}: ${names[0]} waits for the id ${wanted ?? "?"}`,
        evidence: all.map((advert) => advertText(advert, seconds)),
        advice: "give the instance one virtual_router_id on all nodes, and restart keepalived",
      },
    ];
  if (hearer.symptoms.wire.by === null || (growth?.received ?? 0) > 0) return [];
  return lost(hearer, speaker, instance);
};

/** The master's adverts do not even arrive: they are not sent, or the network between loses them. */
const lost = (hearer: Examined, speaker: Examined, instance: VrrpInstance): readonly Cause[] => {
  const own = counterpart(speaker, instance);
  const sent = (speaker.symptoms?.wire.adverts ?? []).filter((advert) => advert.sent);
  const counted = own === null ? null : growthOf(speaker, own.name);
  const names = [speaker.live.name, hearer.live.name] as const;
  const seconds = secondsOf(speaker);
  if (speaker.symptoms === null || speaker.symptoms.wire.by === null) return [];
  if (sent.length === 0)
    return (counted?.sent ?? 0) === 0
      ? []
      : [
          {
            kind: "firewall-blocks-output",
            nodes: [names[0]],
            confidence: "certain",
            message: `the adverts of ${names[0]} do not leave it: a firewall there blocks VRRP that goes out`,
            evidence: [
              `keepalived has sent ${counted?.sent} in ${seconds} s, and none passed an interface`,
              ...firewallText(speaker),
            ],
            advice: `accept protocol 112 in the output rules of ${names[0]}`,
          },
        ];
  const unusual = own?.interface?.text !== instance.interface?.text;
  return [
    {
      kind: unusual ? "wrong-interface" : "adverts-lost",
      nodes: unusual ? [names[0]] : [...names],
      confidence: unusual ? "likely" : "certain",
      message: unusual
        ? `${names[0]} speaks VRRP on ${own?.interface?.text}, ${names[1]} on ${instance.interface?.text}, and does not hear it`
        : `the network between loses the adverts of ${names[0]}: they leave it and do not arrive at ${names[1]}`,
      evidence: [
        ...sent.map((advert) => advertText(advert, seconds)),
        `nothing of it was seen on any interface of ${names[1]} (by ${hearer.symptoms?.wire.by})`,
      ],
      advice: unusual
        ? "set interface to the one that is in the network of the other nodes, then systemctl restart keepalived"
        : instance.unicastPeers.length > 0
          ? "let IP protocol 112 through between the two addresses: a router, a cloud's security group, a host firewall in between"
          : "both must be in one network that carries multicast to 224.0.0.18 (VLAN, IGMP snooping, a cloud); else use unicast_peer",
    },
  ];
};

/** What keepalived counts when an advert does not fit, and what that means. */
const REFUSALS: ReadonlyMap<string, readonly [kind: string, what: string, advice: string]> = new Map([
  ["authentication", ["authentication-mismatch", "their password is another one", "auth_pass"]],
  ["authenticationMismatch", ["authentication-mismatch", "their auth_type is another one", "auth_type"]],
  ["authenticationType", ["authentication-mismatch", "their auth_type is none that it knows", "auth_type"]],
  ["advertInterval", ["advert-interval-mismatch", "their interval is another one", "advert_int"]],
  ["addressList", ["address-mismatch", "they name other virtual addresses", "virtual_ipaddress"]],
  [
    "length",
    [
      "advert-mismatch",
      "their length does not fit (other addresses, or another version)",
      "vrrp_version and virtual_ipaddress",
    ],
  ],
  ["type", ["advert-mismatch", "their type is unknown", "vrrp_version"]],
  ["ttl", ["advert-mismatch", "they came through a router", "unicast_peer and unicast_ttl"]],
]);

const refused = (hearer: Examined, instance: VrrpInstance): readonly Cause[] => {
  const { name } = hearer.live;
  return [...(growthOf(hearer, instance.name)?.errors ?? [])].map(([error, count]): Cause => {
    const [kind, what, setting] = REFUSALS.get(error) ?? ["advert-mismatch", error, "vrrp_version"];
    return {
      kind,
      nodes: [name],
      confidence: "certain",
      message: `keepalived on ${name} refuses the adverts that it gets: ${what}`,
      evidence: [
        `${instance.name} refused ${count} in ${secondsOf(hearer)} s (${error})`,
        ...(hearer.symptoms?.wire.adverts ?? [])
          .filter(({ sent }) => !sent)
          .map((advert) => advertText(advert, secondsOf(hearer))),
      ],
      advice: `make ${setting} the same on all nodes, and restart keepalived, the standby first`,
    };
  });
};

const GROUP = "224.0.0.18";

const membership = (hearer: Examined): readonly Cause[] =>
  instancesOf(hearer).flatMap((instance): readonly Cause[] => {
    const dev = instance.interface?.text ?? "";
    const groups = hearer.symptoms?.groups.get(dev);
    const multicast = instance.unicastPeers.length === 0;
    const state = stateIn(hearer, instance);
    const ipv4 = instance.virtualAddresses.some(({ family }) => family === "ipv4");
    if (!multicast || !ipv4 || groups == null || groups.includes(GROUP)) return [];
    if (state !== "MASTER" && state !== "BACKUP") return [];
    return [
      {
        kind: "no-multicast-membership",
        nodes: [hearer.live.name],
        confidence: "likely",
        message: `${hearer.live.name} is no member of ${GROUP} on ${dev}, so adverts to it are not delivered`,
        evidence: [`ip maddr show dev ${dev}: ${groups.join(", ") || "no group"}`],
        advice:
          "systemctl restart keepalived; see whether the interface was made anew after keepalived had started",
      },
    ];
  });

/** A master whose own kernel saw no advert of it leave. */
const silent = (node: Examined): readonly Cause[] => {
  const mine = instancesOf(node).filter((instance) => stateIn(node, instance) === "MASTER");
  return mine.flatMap((instance): readonly Cause[] => {
    const growth = growthOf(node, instance.name);
    if (growth === null || growth.sent > 0 || secondsOf(node) * 1000 < 3000 * instance.advertInt.seconds)
      return [];
    return [
      {
        kind: "master-silent",
        nodes: [node.live.name],
        confidence: "certain",
        message: `keepalived on ${node.live.name} is master of ${instance.name} and sends no adverts: it hangs`,
        evidence: [`its count of sent adverts stood still for ${secondsOf(node)} s`],
        advice: "systemctl restart keepalived",
      },
    ];
  });
};

/** What was seen of an advert, in a line. */
export const advertText = (advert: WireAdvert, seconds: number): string => {
  const parts = [
    `VRRP ${advert.version}`,
    `virtual_router_id ${advert.virtualRouterId}`,
    `priority ${advert.priority}`,
    ...(advert.authentication === null ? [] : [`authentication ${advert.authentication}`]),
    `every ${advert.advertMs} ms`,
    ...(advert.addresses === null ? [] : [advert.addresses.join(" ") || "no address"]),
  ];
  return `${advert.count} adverts in ${seconds} s ${advert.sent ? "sent" : "came"}${advert.dev === "" ? "" : ` on ${advert.dev}`}, ${advert.source} to ${advert.destination}: ${parts.join(", ")}`;
};

const firewallText = ({ node, symptoms }: Examined): readonly string[] => {
  const firewall = node?.facts?.firewall ?? null;
  if (firewall?.kind === "firewalld") {
    const zones = firewall.runtime.filter(({ interfaces, isDefault }) => interfaces.length > 0 || isDefault);
    return zones.map(
      ({ name, interfaces, target }) =>
        `firewalld: zone ${name} has ${interfaces.join(", ") || "every other interface"}, target ${target}`,
    );
  }
  return (symptoms?.filters ?? []).map((line) => `rules: ${line}`);
};

const allowVrrp = ({ node }: Examined, dev: string): string =>
  node?.facts?.firewall?.kind === "firewalld"
    ? `firewall-cmd --permanent --add-rich-rule='rule protocol value="vrrp" accept', then firewall-cmd --reload`
    : `accept IP protocol 112 that comes in on ${dev}: nft add rule …  meta l4proto vrrp accept, or iptables -I INPUT -p vrrp -j ACCEPT; ufw: the same in /etc/ufw/before.rules`;
