import { all, type Probe, read } from "../core/probe.ts";
import { frames, PUT, textOf } from "../lb/live/frames.ts";
import { liveProbe } from "../lb/live/live.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import { pairHealth } from "../lb/live/pair-health.ts";
import type { LiveState } from "../lb/live/state.ts";

/** What of a node has to be afterwards as it was before, beside what its daemons tell: lines by what they are about. */
export type Print = ReadonlyMap<string, readonly string[]>;

/** How the pair was at a moment. */
export interface Snapshot {
  readonly nodes: readonly LiveNode[];
  readonly prints: ReadonlyMap<string, Print>;
}

const PARTS = ["file", "unit", "route", "link", "mount", "rule of a drill"] as const;

const SCRIPT = `
${PUT}
put file 0 "$(find /etc/haproxy /etc/keepalived /etc/systemd/system -type f -exec cksum {} + 2>/dev/null | sort -k 3)"
put unit 0 "$(for unit in haproxy keepalived; do echo "$unit $(systemctl is-active $unit 2>/dev/null) $(systemctl is-enabled $unit 2>/dev/null)"; done)"
put route 0 "$(ip -o -4 route show 2>/dev/null | grep -v -E 'proto (bird|zebra|bgp|ospf|dhcp|ra)' | sed -e 's/ linkdown//' -e 's/ *$//' | sort)"
put link 0 "$(ip -o link show 2>/dev/null | sed -n 's/^[0-9]*: \\([^:@]*\\)[^<]*<\\([^>]*\\)>.*/\\1 \\2/p' | grep -w UP | cut -d' ' -f1)"
put mount 0 "$(grep ' /var/log ' /proc/mounts)"
put 'rule of a drill' 0 "$(nft list tables 2>/dev/null | grep lbplay_drill; { iptables -S; ip6tables -S; } 2>/dev/null | grep lbplay-drill)"`;

/** What is compared of a node, in one round trip. */
export const snapshotProbe: Probe<{ readonly live: LiveState; readonly print: Print }> = all({
  live: liveProbe,
  print: read(SCRIPT, (answer): Print => {
    const found = frames(answer);
    return new Map(PARTS.map((part) => [part, linesOf(textOf(found, part) ?? "")]));
  }),
});

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

/** How the pair differs from what it was, a sentence each; `owner` says whether who has the addresses counts too. */
export const differences = (
  before: Snapshot,
  after: Snapshot,
  { owner }: { readonly owner: boolean },
): readonly string[] => [
  ...(owner ? ownerDifference(before, after) : []),
  ...before.nodes.flatMap((node) => {
    const now = after.nodes.find(({ name }) => name === node.name);
    const [was, is] = [stateOf(node), now === undefined ? null : stateOf(now)];
    if (now?.seen.kind === "unreachable") return [`${node.name} is not reached: ${now.seen.reason}`];
    return was === null || is === null ? [] : stateDifferences(node.name, was, is, owner);
  }),
  ...[...before.prints].flatMap(([node, print]) =>
    [...print].flatMap(([part, lines]) =>
      lineDifferences(node, part, lines, after.prints.get(node)?.get(part) ?? lines),
    ),
  ),
  ...newProblems(before, after),
];

const ownerDifference = (before: Snapshot, after: Snapshot): readonly string[] => {
  const [was, is] = [pairHealth(before.nodes), pairHealth(after.nodes)];
  return is.addresses.flatMap(({ address, owners }) => {
    const earlier = was.addresses.find((one) => one.address === address)?.owners ?? [];
    return earlier.join() === owners.join()
      ? []
      : [`${namesText(owners)} has ${address}, and ${namesText(earlier)} had it`];
  });
};

const namesText = (names: readonly string[]): string => (names.length === 0 ? "nobody" : names.join(" and "));

const stateDifferences = (name: string, was: LiveState, is: LiveState, owner: boolean): readonly string[] => [
  ...was.keepalived.instances.flatMap((instance) => {
    const now = is.keepalived.instances.find((one) => one.name === instance.name);
    if (now === undefined) return [`${name}: keepalived does not tell of ${instance.name} any more`];
    const rest = (state: string): string => (state === "MASTER" || state === "BACKUP" ? "at rest" : state);
    const moved = owner ? now.state !== instance.state : rest(now.state) !== rest(instance.state);
    return [
      ...(moved ? [`${name}: ${instance.name} is ${now.state}, and was ${instance.state}`] : []),
      ...(now.effectivePriority === instance.effectivePriority
        ? []
        : [
            `${name}: the priority of ${instance.name} is ${now.effectivePriority}, and was ${instance.effectivePriority}`,
          ]),
    ];
  }),
  ...serverDifferences(name, was, is),
];

const serverDifferences = (name: string, was: LiveState, is: LiveState): readonly string[] => {
  const [old, now] = [was.haproxy.stats, is.haproxy.stats];
  if (old.kind === "silent") return [];
  if (now.kind === "silent") return [`${name}: HAProxy tells nothing: ${now.reason}`];
  return old.servers.flatMap((server) => {
    const id = `${server.backend}/${server.name}`;
    const same = now.servers.find((one) => `${one.backend}/${one.name}` === id);
    if (same === undefined) return [`${name}: HAProxy has no server ${id} any more`];
    // A new process takes servers for up until their first check.
    const unchecked = server.check !== "" && (same.check === "" || same.check === "INI");
    return same.health === server.health && !unchecked
      ? []
      : [
          `${name}: the server ${id} is ${unchecked ? "not checked yet" : same.status}, and was ${server.status}`,
        ];
  });
};

const lineDifferences = (
  node: string,
  part: string,
  was: readonly string[],
  is: readonly string[],
): readonly string[] => {
  const path = (line: string): string => (part === "file" ? line.replace(/^\d+ \d+ /, "") : line);
  const gone = was.filter((line) => !is.includes(line)).map(path);
  const come = is.filter((line) => !was.includes(line)).map(path);
  return [
    ...gone.map((line) => `${node}: ${part} ${line} ${come.includes(line) ? "has changed" : "is gone"}`),
    ...come.filter((line) => !gone.includes(line)).map((line) => `${node}: ${part} ${line} is new`),
  ];
};

/** Errors of the pair that it did not have. */
const newProblems = (before: Snapshot, after: Snapshot): readonly string[] => {
  const errors = ({ nodes }: Snapshot): readonly string[] =>
    pairHealth(nodes).problems.flatMap(({ severity, node, message }) =>
      severity === "error" ? [`${node === null ? "" : `${node}: `}${message}`] : [],
    );
  const known = new Set(errors(before));
  return errors(after).filter((message) => !known.has(message));
};
