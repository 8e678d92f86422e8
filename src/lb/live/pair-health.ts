import { allAddresses, heldBy, type LiveNode, stateOf } from "./node.ts";
import { nodeProblems } from "./node-health.ts";
import { note, type Problem, wrong } from "./problem.ts";

/** A virtual address and the nodes that have it. */
export interface AddressOwners {
  readonly address: string;
  readonly owners: readonly string[];
}

/** How a pair is. */
export interface PairHealth {
  readonly addresses: readonly AddressOwners[];
  /** The only node that has all addresses; null where there is none such. */
  readonly owner: string | null;
  /** The node that would take over, and is fit to; null: nobody could. */
  readonly standby: string | null;
  readonly problems: readonly Problem[];
  /** No problem is an error. */
  readonly healthy: boolean;
}

/** Judges a pair: who owns each virtual address, who could take over, what is wrong and what to do about it. */
export const pairHealth = (nodes: readonly LiveNode[]): PairHealth => {
  const names = allAddresses(nodes);
  const addresses = names.map((address) => ({
    address,
    owners: nodes.filter((node) => heldBy(node, [address]).length > 0).map(({ name }) => name),
  }));
  const owner = soleOwner(addresses);
  const standbys = nodes.filter(({ name }) => name !== owner);
  const problems = [
    ...ownerProblems(nodes, addresses),
    ...nodes.flatMap((node) => nodeProblems(node, names)),
    ...differences(nodes),
  ];
  return {
    addresses,
    owner,
    standby:
      owner === null
        ? null
        : (standbys.find(
            (node) => unfitness(node, nodes.find(({ name }) => name === owner) ?? null).length === 0,
          )?.name ?? null),
    problems,
    healthy: problems.every(({ severity }) => severity !== "error"),
  };
};

const soleOwner = (addresses: readonly AddressOwners[]): string | null => {
  const [first] = addresses;
  const [owner] = first?.owners ?? [];
  return owner !== undefined && addresses.every(({ owners }) => owners.length === 1 && owners[0] === owner)
    ? owner
    : null;
};

/**
 * Why a node could not take the addresses this moment; empty: it is fit. What is wrong with the owner too, such as a
 * server that is down, is no reason to stay. `joining` judges a node that was kept out, and will be let in before;
 * `running` is asked by a run, which brings to its end what an earlier one left.
 */
export const unfitness = (
  candidate: LiveNode,
  owner: LiveNode | null,
  { joining = false, running = false }: { readonly joining?: boolean; readonly running?: boolean } = {},
): readonly string[] => {
  const state = stateOf(candidate);
  if (candidate.seen.kind === "unreachable") return [`it was not reached: ${candidate.seen.reason}`];
  if (state === null || candidate.keepalived === null) return ["it has no keepalived.conf"];
  const known = new Set(
    (owner === null ? [] : nodeProblems(owner, [])).map(({ kind, message }) => `${kind} ${message}`),
  );
  const wrong = nodeProblems(candidate, []).filter(
    ({ severity, kind, message }) =>
      severity === "error" &&
      !known.has(`${kind} ${message}`) &&
      !(joining && KEPT_OUT.has(kind)) &&
      !(running && LEFT.has(kind)),
  );
  if (joining) return wrong.map(({ message }) => message);
  // A fault is a problem of its own already, and a node that is kept out too.
  const told = wrong.some(({ kind }) => kind === "maintenance" || KEPT_OUT.has(kind));
  const waiting = state.keepalived.instances.filter(({ state: now }) => now !== "BACKUP" && now !== "MASTER");
  return [
    ...wrong.map(({ message }) => message),
    ...(told ? [] : waiting.map(({ name, state: now }) => `its VRRP instance ${name} is in state ${now}`)),
  ];
};

/** What a run that was cut short left. */
const LEFT: ReadonlySet<string> = new Set(["unfinished", "owed"]);

/** What is so of a node only because somebody took it out. */
const KEPT_OUT: ReadonlySet<string> = new Set([
  "switched-away",
  "drained",
  "keepalived-down",
  "fault",
  "vrrp-unknown",
]);

const ownerProblems = (
  nodes: readonly LiveNode[],
  addresses: readonly AddressOwners[],
): readonly Problem[] => {
  if (nodes.every((node) => node.seen.kind === "unreachable")) return [];
  if (addresses.length === 0)
    return [
      wrong(
        null,
        "no-addresses",
        "no keepalived.conf of the pair names a virtual address",
        "is this the right group of the inventory?",
      ),
    ];
  const dark = nodes.filter((node) => node.seen.kind === "unreachable").map(({ name }) => name);
  return [
    ...addresses.flatMap(({ address, owners }): readonly Problem[] => {
      if (owners.length === 0 && dark.length > 0)
        return [
          note(
            null,
            "owner-unknown",
            `${address} is on no node that was reached; ${dark.join(" or ")} may have it`,
            "see whether it answers",
          ),
        ];
      if (owners.length === 0)
        return [
          wrong(
            null,
            "no-owner",
            `nobody has ${address}`,
            "keepalived runs on no node, or no node is well: what is wrong with each is said here too",
          ),
        ];
      return owners.length === 1 ? [] : [several(address, owners, nodes)];
    }),
    ...nodes.flatMap((node) => contradictions(node, addresses)),
  ];
};

/** Where keepalived is no master, somebody else has put the address there. */
const several = (address: string, owners: readonly string[], nodes: readonly LiveNode[]): Problem => {
  const strangers = owners.filter((owner) => {
    const node = nodes.find(({ name }) => name === owner);
    return node !== undefined && isMaster(node, address) === false;
  });
  return strangers.length > 0 && strangers.length < owners.length
    ? wrong(
        null,
        "stray-address",
        `${owners.join(" and ")} both have ${address}: that of ${strangers.join(" and ")} is not keepalived's`,
        `remove what brings it there, then on ${strangers[0]}: ip addr del ${address}/PREFIX dev INTERFACE`,
      )
    : wrong(
        null,
        "split-brain",
        `${owners.join(" and ")} both have ${address}: they do not hear each other`,
        "see what firewalls and the network do to VRRP (IP protocol 112), and that both have the same virtual_router_id, version and password",
      );
};

/** Whether a node's keepalived says that it is master of an address; null where it does not tell. */
const isMaster = (node: LiveNode, address: string): boolean | null => {
  const instance = node.keepalived?.instances.find(({ virtualAddresses }) =>
    virtualAddresses.some((one) => one.address === address),
  );
  const live = stateOf(node)?.keepalived.instances.find(({ name }) => name === instance?.name);
  if (stateOf(node)?.keepalived.mainPid === null) return false;
  return live === undefined || live.state === "unknown" ? null : live.state === "MASTER";
};

const contradictions = (node: LiveNode, addresses: readonly AddressOwners[]): readonly Problem[] =>
  addresses.flatMap(({ address, owners }) => {
    const has = owners.includes(node.name);
    const master = isMaster(node, address);
    if (has && master === false && owners.length === 1 && stateOf(node)?.keepalived.mainPid !== null)
      return [
        wrong(
          node.name,
          "stray-address",
          `has ${address}, and its keepalived is not master of it`,
          "an alias of the system, or a keepalived that died before: restart keepalived, and look who else configures the address",
        ),
      ];
    return !has && master === true && stateOf(node) !== null
      ? [
          wrong(
            node.name,
            "address-missing",
            `its keepalived is master of ${address}, and the node does not have it`,
            "somebody removed it: systemctl restart keepalived",
          ),
        ]
      : [];
  });

const differences = (nodes: readonly LiveNode[]): readonly Problem[] => {
  const versions = (of: (node: LiveNode) => string | null): readonly (readonly [string, string])[] =>
    nodes.flatMap((node) => {
      const version = of(node);
      return version === null ? [] : [[node.name, version] as const];
    });
  return [
    ["keepalived", versions((node) => stateOf(node)?.keepalived.version ?? null)] as const,
    ["HAProxy", versions((node) => runningVersion(node))] as const,
  ].flatMap(([daemon, found]) =>
    new Set(found.map(([, version]) => version)).size < 2
      ? []
      : [
          note(
            null,
            "versions-differ",
            `${daemon} differs: ${found.map(([name, version]) => `${name} has ${version}`).join(", ")}`,
            "run the same on all nodes",
          ),
        ],
  );
};

const runningVersion = (node: LiveNode): string | null => {
  const stats = stateOf(node)?.haproxy.stats;
  return stats?.kind === "told" ? stats.version : null;
};
