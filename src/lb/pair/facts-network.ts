import { map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { type Frame, frames, named, PUT, textOf } from "../live/frames.ts";
import type { NodeFacts, VrrpFact } from "./facts.ts";
import type { FactsWanted } from "./facts-wanted.ts";

/** Seconds to wait for a server's answer. */
const CONNECT = 2;

/** Seconds to listen for adverts: some of the usual second. */
const LISTEN = 4;

const script = ({ servers, interfaces, virtualAddresses }: FactsWanted): string => `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
${PUT}
${STATIC}
for file in /etc/network/interfaces /etc/network/interfaces.d/* /etc/netplan/*.yaml /etc/systemd/network/*.network \\
  /etc/sysconfig/network-scripts/ifcfg-* /etc/NetworkManager/system-connections/*; do
  [ ! -f "$file" ] || put "static:$file" 0 "$(static "$file" 2>/dev/null)"
done
put static 0 ""
command -v timeout >/dev/null || exit 0
# What waits for others waits at the same time, each with a file of its own.
answers=$(mktemp -d) || exit 0
trap 'rm -rf "$answers"' EXIT
if command -v tcpdump >/dev/null; then
  for dev in ${interfaces.map(quote).join(" ")}; do
    timeout ${LISTEN} tcpdump -nnl -c 100 -i "$dev" 'ip proto 112 or ip6 proto 112' >"$answers/heard.$dev" 2>/dev/null </dev/null &
  done
fi
if command -v bash >/dev/null; then
  reach() { timeout ${CONNECT} bash -c ': <>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null </dev/null; echo $? >"$answers/reach.$1 $2"; }
${servers.map(({ address, port }) => `  reach ${quote(address)} ${port} &`).join("\n")}
  :
fi
if command -v ping >/dev/null; then
  ask() { timeout 2 ping -c 1 -W 1 "$1" >/dev/null 2>&1 </dev/null; ip neigh show to "$1" >"$answers/neighbour.$1" 2>/dev/null; }
${virtualAddresses.map(({ address }) => `  [ -n "$(ip -o addr show to ${quote(address)} 2>/dev/null)" ] || ask ${quote(address)} &`).join("\n")}
  :
fi
wait
for file in "$answers"/*; do
  [ -f "$file" ] || continue
  name=\${file##*/}
  put "\${name%%.*}:\${name#*.}" 0 "$(cat "$file")"
done`;

/**
 * Shell function `static FILE`: the addresses that a file of the system's network configuration gives to interfaces.
 * Name servers, gateways and routes are no such addresses.
 */
const STATIC = `
static() {
  case "$1" in
    *.yaml) awk '/^[[:space:]]*#/ { next } /(to|via|from):/ { next } { while (match($0, /[0-9a-fA-F:.]+\\/[0-9]+/)) { print substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH) } }' "$1" ;;
    *.network) awk '/^\\[/ { inside = /^\\[(Network|Address)\\]/ } inside && /^Address=/ { sub(/^Address=/, ""); print }' "$1" ;;
    */system-connections/*) sed -n 's/^address[0-9]*=\\([^,;]*\\).*/\\1/p' "$1" ;;
    */ifcfg-*) sed -n "s/^IP\\(V6\\)\\{0,1\\}ADDR[0-9]*=[\\"']\\{0,1\\}\\([^\\"']*\\).*/\\2/p" "$1" ;;
    *) sed -n 's/^[[:space:]]*address[[:space:]]\\{1,\\}//p' "$1" ;;
  esac | sed 's,/.*,,'
}`;

/** What the node's surroundings answer: servers, other speakers of VRRP, and who has the virtual addresses. */
export const networkFacts = (
  wanted: FactsWanted,
): Probe<Pick<NodeFacts, "staticAddresses" | "reachable" | "vrrp">> =>
  map(read(script(wanted), frames), (all) => ({
    staticAddresses: textOf(all, "static") === null ? null : staticOf(all),
    reachable: reachableOf(all),
    vrrp: vrrpOf(all, wanted),
  }));

const staticOf = (all: readonly Frame[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    named(all, "static").flatMap(({ name, text }) => {
      const addresses = text.split("\n").filter((line) => /^[0-9a-fA-F:.]+$/.test(line));
      return addresses.length === 0 ? [] : [[name, addresses] as const];
    }),
  );

const reachableOf = (all: readonly Frame[]): ReadonlyMap<string, boolean> | null => {
  const tried = named(all, "reach");
  return tried.length === 0
    ? null
    : new Map(tried.map(({ name, text }) => [name.replace(" ", ":"), text.trim() === "0"]));
};

const vrrpOf = (all: readonly Frame[], { virtualAddresses }: FactsWanted): VrrpFact | null => {
  const listened = named(all, "heard");
  const asked = named(all, "neighbour");
  if (listened.length === 0 && asked.length === 0) return null;
  const own = new Set(virtualAddresses.map(({ address }) => address));
  return {
    heard: listened.length === 0 ? null : listened.flatMap(({ name: dev, text }) => heardOn(dev, text)),
    answers: new Map(
      asked
        .filter(({ name }) => own.has(name))
        .map(({ name, text }) => [name, /lladdr (\S+)/.exec(text)?.[1] ?? null]),
    ),
  };
};

/** `IP 192.0.2.11 > 224.0.0.18: VRRPv3, Advertisement, vrid 51, prio 100, …`, each sender and vrid once. */
const heardOn = (dev: string, text: string): NonNullable<VrrpFact["heard"]> => {
  const all = [...text.matchAll(/\bIP6? (\S+) > (\S+): .*?\bvrid (\d+)/g)].map(
    ([, source = "", destination = "", id]) => ({
      source,
      dev,
      virtualRouterId: Number(id),
      destination,
    }),
  );
  const keys = all.map(({ source, virtualRouterId }) => `${source} ${virtualRouterId}`);
  return all.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
};
