import { heldBy, stateOf } from "../live/node.ts";
import type { Cause, Examined, FromHere } from "./cause.ts";

/** Who answers for the virtual addresses, as the nodes and this machine see it; and whether they serve. */
export const addressCauses = (
  all: readonly Examined[],
  addresses: readonly string[],
  here: readonly FromHere[],
): readonly Cause[] =>
  addresses.flatMap((address) => {
    const owners = all.filter(({ live }) => heldBy(live, [address]).length > 0);
    const seen = here.find((one) => one.address === address) ?? null;
    return [
      ...answersOf(address, owners, all, seen),
      ...all.flatMap((node) => staticCauses(address, node)),
      ...(owners.length === 1 ? unserved(address, owners[0]?.live.name ?? "", seen) : []),
    ];
  });

/** An address that the system itself puts on an interface is there whoever is master. */
const staticCauses = (address: string, { live, node }: Examined): readonly Cause[] =>
  [...(node?.facts?.staticAddresses ?? [])].flatMap(([path, addresses]): readonly Cause[] =>
    addresses.includes(address)
      ? [
          {
            kind: "static-virtual-address",
            nodes: [live.name],
            confidence: heldBy(live, [address]).length > 0 ? "certain" : "likely",
            message: `${live.name} gets the virtual address ${address} from its own network configuration, whatever keepalived says`,
            evidence: [`${path} names it`],
            advice: `take it out of ${path}; on a node that is not master: ip addr del ${address}/PREFIX dev INTERFACE`,
          },
        ]
      : [],
  );

/** The address of VRRP itself (RFC 5798, section 7.3), which use_vmac gives to the owner. */
const VIRTUAL_MAC = /^00:00:5e:00:0[12]:/;

const answersOf = (
  address: string,
  owners: readonly Examined[],
  all: readonly Examined[],
  seen: FromHere | null,
): readonly Cause[] => {
  const macs = new Set(owners.flatMap(({ symptoms }) => [...(symptoms?.macs.values() ?? [])]));
  const known = new Map(
    all.flatMap(({ live, symptoms }) =>
      [...(symptoms?.macs.values() ?? [])].map((mac): readonly [string, string] => [mac, live.name]),
    ),
  );
  const views = [
    ...all.flatMap(({ live, node }): readonly (readonly [string, string])[] => {
      const mac = node?.facts?.vrrp?.answers.get(address) ?? null;
      return mac === null || owners.some((owner) => owner.live === live) ? [] : [[live.name, mac]];
    }),
    ...(seen?.mac == null ? [] : [["this machine", seen.mac] as const]),
  ];
  const wrong = views.filter(([, mac]) => !macs.has(mac) && !VIRTUAL_MAC.test(mac));
  // Without the owner's own hardware addresses nothing can be compared.
  if (wrong.length === 0 || (owners.length > 0 && macs.size === 0)) return [];
  if (owners.length === 0 && all.some(({ live }) => stateOf(live) === null)) return [];
  return [
    {
      kind: "foreign-address",
      nodes: [],
      confidence: "certain",
      message: `${address} is answered for by ${[...new Set(wrong.map(([, mac]) => known.get(mac) ?? `a machine that is not of the pair (${mac})`))].join(" and ")}, not by its owner`,
      evidence: [
        ...wrong.map(([viewer, mac]) => `${viewer} reaches it at ${mac}`),
        ...owners.map(
          ({ live, symptoms }) =>
            `${live.name} has it, at ${[...(symptoms?.macs.values() ?? [])].join(", ")}`,
        ),
      ],
      advice:
        "take the address from the other machine; where a neighbour's table is only old: arping -U from the owner, or wait; see garp_master_refresh",
    },
  ];
};

const unserved = (address: string, owner: string, seen: FromHere | null): readonly Cause[] => {
  const failed = seen?.ports.filter(({ error }) => error !== null) ?? [];
  if (failed.length === 0) return [];
  const reached = seen?.ports.some(({ error }) => error === null || error === "ECONNREFUSED") === true;
  return [
    {
      kind: "address-unserved",
      nodes: [owner],
      confidence: reached ? "certain" : "possible",
      message: `${owner} has ${address}, and from this machine ${failed.map(({ port }) => `port ${port}`).join(" and ")} does not answer`,
      evidence: failed.map(({ port, error }) => `connect to ${address}:${port}: ${error}`),
      advice: reached
        ? "HAProxy does not listen there (see ss -ltnp on the owner), or a firewall of the owner refuses"
        : "a firewall of the owner drops it, the network takes the address elsewhere (ARP), or this machine has no way there: try from a client's network",
    },
  ];
};
