import { suggest } from "../../core/suggest.ts";
import type { Fault } from "../fault.ts";
import { advertInterval, priorityOf } from "./instance-lines.ts";
import type { Instance, KeepalivedModel, VirtualIp } from "./model.ts";
import { trackerRules } from "./tracker-rules.ts";

type Path = Fault["path"];

const fault = (code: string, path: Path, message: string): Fault => ({ code, path, message });

/** What must hold between the nodes of a pair, and what `keepalived -t` lets pass although it takes addresses off the network. */
export const keepalivedRules = (model: KeepalivedModel): readonly Fault[] => [
  ...nodeRules(model),
  ...protocolRules(model),
  ...instanceRules(model),
  ...groupRules(model),
  ...trackerRules(model),
  ...preferenceRules(model),
  ...rawRules(model),
  ...authenticationRules(model),
];

const nodeRules = (model: KeepalivedModel): readonly Fault[] => {
  const names = model.nodes.map(({ name }) => name);
  const near = suggest(model.node, names);
  const hint = near === null ? "" : ` (did you mean "${near}"?)`;
  return [
    ...(names.includes(model.node)
      ? []
      : [fault("E_LB_NODE", ["node"], `"${model.node}" is none of the nodes ${names.join(", ")}${hint}`)]),
    ...repeated(names).map((index) =>
      fault("E_LB_DUPLICATE", ["nodes", index, "name"], `"${names[index]}" is there twice`),
    ),
    ...repeated(model.nodes.map(({ address }) => address)).map((index) =>
      fault("E_LB_DUPLICATE", ["nodes", index, "address"], "another node has this address"),
    ),
    ...repeated(names.map((name) => priorityOf(model, name))).map((index) =>
      fault(
        "E_LB_PRIORITY",
        ["nodes", index, "priority"],
        "another node has this priority; on equal ones both may want the addresses",
      ),
    ),
    ...familyRules(model),
  ];
};

const familyRules = (model: KeepalivedModel): readonly Fault[] => {
  if (model.transport === "multicast") return [];
  const family = isV6(model.nodes[0]?.address ?? "");
  const nodes = model.nodes.flatMap((node, index) =>
    isV6(node.address) === family
      ? []
      : [fault("E_LB_FAMILY", ["nodes", index, "address"], "unicast needs all nodes in one address family")],
  );
  const instances = model.instances.flatMap(({ virtual_ips }, index) =>
    virtual_ips.some(({ address }) => isV6(address) !== family)
      ? [
          fault(
            "E_LB_FAMILY",
            ["instances", index, "virtual_ips"],
            "unicast between nodes of the other address family cannot carry these; put them into excluded_ips, or use transport multicast",
          ),
        ]
      : [],
  );
  return [...nodes, ...instances];
};

/** Version 2 rounds to whole seconds without a word of warning in the run: the failover that was meant to take 0.3 s takes 3. */
const protocolRules = (model: KeepalivedModel): readonly Fault[] => {
  const interval = advertInterval(model);
  const hundredths = Math.abs(interval * 100 - Math.round(interval * 100)) < 1e-9;
  return [
    ...(model.vrrp_version === 2 && !Number.isInteger(interval)
      ? [fault("E_LB_ADVERT", ["advert_int"], "VRRP version 2 knows whole seconds only; use vrrp_version 3")]
      : []),
    ...(hundredths ? [] : [fault("E_LB_ADVERT", ["advert_int"], "must be a multiple of 0.01 seconds")]),
    ...(model.vrrp_version === 2 &&
    model.instances.some(({ virtual_ips }) => virtual_ips.some((ip) => isV6(ip.address)))
      ? [fault("E_LB_ADVERT", ["vrrp_version"], "IPv6 addresses need version 3")]
      : []),
  ];
};

const instanceRules = (model: KeepalivedModel): readonly Fault[] => {
  const { instances } = model;
  const addresses = instances.flatMap(({ virtual_ips, excluded_ips }, at) => [
    ...placed(virtual_ips, ["instances", at, "virtual_ips"]),
    ...placed(excluded_ips, ["instances", at, "excluded_ips"]),
  ]);
  const own = new Map(model.nodes.map(({ name, address }) => [address, name]));
  return [
    ...repeated(instances.map(({ name }) => name)).map((index) =>
      fault("E_LB_DUPLICATE", ["instances", index, "name"], "another instance has this name"),
    ),
    ...repeated(instances.map(identity)).map((index) =>
      fault(
        "E_LB_VRID",
        ["instances", index, "virtual_router_id"],
        "another instance has this id on the same interface",
      ),
    ),
    ...repeated(addresses.map(({ address }) => address)).map((index) =>
      fault("E_LB_DUPLICATE", addresses[index]?.path ?? [], "this virtual address is there twice"),
    ),
    ...addresses.flatMap(({ address, path }) => {
      const node = own.get(address);
      return node === undefined
        ? []
        : [
            fault(
              "E_LB_OWN_ADDRESS",
              path,
              `is the own address of ${node}: keepalived would remove it from the node when it starts`,
            ),
          ];
    }),
    ...addresses.flatMap(({ address, prefix, path }) =>
      prefix !== null && prefix > (isV6(address) ? 128 : 32)
        ? [fault("E_LB_MASK", [...path, "prefix"], "is longer than an address of this family")]
        : [],
    ),
    ...instances.flatMap(sizeRules),
  ];
};

const identity = ({ virtual_router_id, interface: dev, virtual_ips }: Instance): string =>
  `${virtual_router_id} ${dev ?? ""} ${isV6(virtual_ips[0]?.address ?? "")}`;

const sizeRules = ({ virtual_ips }: Instance, index: number): readonly Fault[] => {
  const path: Path = ["instances", index, "virtual_ips"];
  const families = new Set(virtual_ips.map(({ address }) => isV6(address)));
  return [
    ...(families.size > 1
      ? [
          fault(
            "E_LB_FAMILY",
            path,
            "IPv4 and IPv6 cannot share an advert: put one family into excluded_ips, or into an instance of its own",
          ),
        ]
      : []),
    ...(virtual_ips.length > 20
      ? [fault("E_LB_ADVERT", path, "an advert holds at most 20 addresses; put the others into excluded_ips")]
      : []),
  ];
};

const groupRules = ({ sync_groups, instances }: KeepalivedModel): readonly Fault[] => {
  const names = instances.map(({ name }) => name);
  return sync_groups.flatMap((group, at) =>
    group.instances.flatMap((name, index) => {
      if (names.includes(name)) return [];
      const near = suggest(name, names);
      const hint = near === null ? "" : ` (did you mean "${near}"?)`;
      return [
        fault(
          "E_LB_INSTANCE",
          ["sync_groups", at, "instances", index],
          `there is no instance "${name}"${hint}`,
        ),
      ];
    }),
  );
};

/** Two masters on one node's group would pull in two directions; and what breaks a pair in raw lines too. */
const preferenceRules = (model: KeepalivedModel): readonly Fault[] => {
  const names = model.nodes.map(({ name }) => name);
  const preferences = model.instances.flatMap(({ prefers }, index): readonly Fault[] => {
    const path: Path = ["instances", index, "prefers"];
    if (prefers === null) return [];
    if (!names.includes(prefers)) return [fault("E_LB_NODE", path, `"${prefers}" is none of the nodes`)];
    return model.profile === "sticky"
      ? [
          fault(
            "E_LB_PROFILE",
            path,
            "is for profile preferred: in profile sticky whoever has the addresses keeps them",
          ),
        ]
      : [];
  });
  const groups = model.sync_groups.flatMap((group, at) => {
    const members = model.instances.filter(({ name }) => group.instances.includes(name));
    return new Set(members.map(({ prefers }) => prefers)).size > 1
      ? [
          fault(
            "E_LB_INSTANCE",
            ["sync_groups", at],
            "its instances prefer different nodes, but must be on the same one",
          ),
        ]
      : [];
  });
  return [...preferences, ...groups];
};

/** Lines that a pair does not survive, wherever they come from. */
const rawRules = (model: KeepalivedModel): readonly Fault[] => {
  const raw: readonly { readonly text: string; readonly path: Path }[] = [
    ...model.global_raw.map((text, index) => ({ text, path: ["global_raw", index] })),
    ...model.instances.flatMap((instance, at) =>
      instance.raw.map((text, index) => ({ text, path: ["instances", at, "raw", index] })),
    ),
  ];
  return raw.flatMap(({ text, path }) => {
    if (/^\s*vrrp_strict\b/.test(text))
      return [
        fault("E_LB_STRICT", path, "keeps packets for the virtual addresses out and forbids unicast peers"),
      ];
    if (/^\s*state\s+MASTER\b/.test(text))
      return [
        fault(
          "E_LB_STATE",
          path,
          "all nodes start as BACKUP; who becomes master follows from profile and nodes",
        ),
      ];
    return [];
  });
};

const PUBLIC_PASSWORDS = new Set(["1111", "1234", "12345678", "57924680", "password", "secret", "changeme"]);

const authenticationRules = ({ authentication, vrrp_version }: KeepalivedModel): readonly Fault[] => {
  if (authentication === null) return [];
  const path: Path = ["authentication", "password"];
  return [
    ...(vrrp_version === 3
      ? [
          fault(
            "E_LB_AUTHENTICATION",
            ["authentication"],
            "VRRP version 3 has none; leave it out, or use vrrp_version 2",
          ),
        ]
      : []),
    ...(authentication.password.length > 8
      ? [fault("E_LB_PASSWORD", path, "has more than 8 characters; keepalived would cut the rest off")]
      : []),
    ...(PUBLIC_PASSWORDS.has(authentication.password.toLowerCase())
      ? [fault("E_LB_PASSWORD", path, "is one that everybody knows")]
      : []),
  ];
};

const isV6 = (address: string): boolean => address.includes(":");

const placed = (ips: readonly VirtualIp[], path: Path) =>
  ips.map(({ address, prefix }, index) => ({ address, prefix, path: [...path, index] as Path }));

/** The indexes of what was there before. */
const repeated = (items: readonly (string | number)[]): readonly number[] =>
  items.flatMap((item, index) => (items.indexOf(item) < index ? [index] : []));
