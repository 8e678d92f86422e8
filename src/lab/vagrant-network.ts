import { LbplayError } from "../core/error.ts";

/** An IPv4 address of a machine. */
export interface MachineAddress {
  readonly interface: string;
  readonly address: string;
  readonly bits: number;
}

/** What a machine says of itself. */
export interface MachineFacts {
  readonly name: string;
  /** Its public host keys, each `type key`. */
  readonly hostKeys: readonly string[];
  readonly addresses: readonly MachineAddress[];
  /** The interfaces over which it leaves for everywhere. */
  readonly wayOut: readonly string[];
  /** Hardware address by interface. */
  readonly macs: ReadonlyMap<string, string>;
}

/** The network in which the machines speak to each other and to this host. */
export interface SharedNetwork {
  /** `192.168.56.0/24` */
  readonly subnet: string;
  /** Each machine's address in it. */
  readonly addresses: ReadonlyMap<string, MachineAddress>;
  /** An address that no machine has as its own, for the virtual IP. */
  readonly vip: string;
}

/** Asks a machine, as any user, for what MachineFacts hold; EL keeps `ip` where only root looks. */
export const MACHINE_SCRIPT = `PATH=$PATH:/usr/sbin:/sbin
cat /etc/ssh/ssh_host_*_key.pub
echo
ip -4 -o address show scope global
echo
ip -4 route show default
echo
cd /sys/class/net
for card in *; do echo "$card $(cat "$card/address")"; done`;

/** The answer to MACHINE_SCRIPT. */
export const parseMachine = (name: string, answer: string): MachineFacts => {
  const [keys = "", addresses = "", routes = "", cards = ""] = answer.split(/^\s*$/m);
  return {
    name,
    hostKeys: [...keys.matchAll(/^(\S+ \S+)/gm)].map(([, key = ""]) => key),
    addresses: [...addresses.matchAll(/^\d+: (\S+)\s+inet (\d+\.\d+\.\d+\.\d+)\/(\d+) /gm)].map(
      ([, card = "", address = "", bits = ""]) => ({ interface: card, address, bits: Number(bits) }),
    ),
    wayOut: [...routes.matchAll(/^default .*\bdev (\S+)/gm)].map(([, card = ""]) => card),
    macs: new Map([...cards.matchAll(/^(\S+) (\S+)$/gm)].map(([, card = "", mac = ""]) => [card, mac])),
  };
};

/**
 * The one network in which every machine has an address of its own. Where there are two, the one that leads out is the
 * provider's (VirtualBox's NAT, libvirt's management), and the other the pair's. E_VAGRANT_NETWORK when that leaves none
 * or several.
 */
export const sharedNetwork = (machines: readonly MachineFacts[]): SharedNetwork => {
  const all = new Map<string, Map<string, MachineAddress>>();
  for (const { name, addresses } of machines) {
    for (const address of addresses) {
      // A virtual IP that is on a machine just now is a /32.
      if (address.bits > LONGEST_PREFIX) continue;
      const subnet = subnetOf(address);
      all.set(subnet, (all.get(subnet) ?? new Map()).set(name, address));
    }
  }
  const shared = [...all].filter(
    ([, owners]) => new Set([...owners.values()].map(({ address }) => address)).size === machines.length,
  );
  const inner = shared.filter(([, owners]) =>
    machines.some(({ name, wayOut }) => !wayOut.includes(owners.get(name)?.interface ?? "")),
  );
  const [network, ...others] = inner.length > 0 ? inner : shared;
  if (network === undefined || others.length > 0) throw networkFault(machines, others.length > 0);
  const [subnet, addresses] = network;
  const taken = [...addresses.values()].map(({ address }) => address);
  return { subnet, addresses, vip: freeAddress(subnet, taken) };
};

/** A network is to have room for the machines and the virtual addresses of all scenarios. */
const LONGEST_PREFIX = 24;

/** Where the virtual IP is: not 100, where VirtualBox's DHCP server of a host-only network is by itself. */
const VIP_HOST = 10;

const toNumber = (address: string): number =>
  address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

const subnetOf = ({ address, bits }: MachineAddress): string => {
  const size = 2 ** (32 - bits);
  return `${toAddress(Math.floor(toNumber(address) / size) * size)}/${bits}`;
};

const freeAddress = (subnet: string, taken: readonly string[]): string => {
  const first = toNumber(subnet.split("/")[0] ?? "");
  let host = VIP_HOST;
  while (taken.includes(toAddress(first + host))) host += 1;
  return toAddress(first + host);
};

const networkFault = (machines: readonly MachineFacts[], several: boolean): LbplayError => {
  const have = machines.map(
    ({ name, addresses }) =>
      `${name} ${addresses.map((one) => `${one.address}/${one.bits} (${one.interface})`).join(" ") || "nothing"}`,
  );
  return new LbplayError({
    code: "E_VAGRANT_NETWORK",
    message: `the machines share ${several ? "more than one" : "no"} network of their own: ${have.join(", ")}`,
    hint: "give each machine one private_network of the same /24, as lbplay's Vagrantfile does",
  });
};
