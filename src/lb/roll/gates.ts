import type { LiveServer, LiveState } from "../live/state.ts";

/** What has to be so on a node after it was changed. */
export interface Expectation {
  /** `any`: nothing is said of who has the addresses. */
  readonly role: "standby" | "owner" | "any";
  /** Virtual addresses that an owner has, all of them, and a standby none of. */
  readonly addresses: readonly string[];
  /** Whether keepalived shall run. */
  readonly keepalived: boolean;
  /** Whether HAProxy shall run. */
  readonly haproxy: boolean;
  /** How the node was before; null: it was not a load balancer yet. */
  readonly before: LiveState | null;
}

/** Something that is not as it has to be. `passing`: time alone may mend it. */
export interface GateFault {
  readonly message: string;
  readonly passing: boolean;
}

/** What keeps a node from passing; empty when it may be relied on. */
export const gateFaults = (now: LiveState, expected: Expectation): readonly GateFault[] => [
  ...(expected.haproxy ? haproxyFaults(now, expected.before) : []),
  ...(expected.keepalived ? keepalivedFaults(now, expected) : []),
  ...addressFaults(now, expected),
];

const passing = (message: string): GateFault => ({ message, passing: true });

const final = (message: string): GateFault => ({ message, passing: false });

const haproxyFaults = ({ haproxy }: LiveState, before: LiveState | null): readonly GateFault[] => {
  if (haproxy.unit === "failed") return [final("HAProxy does not run: systemd calls it failed")];
  if (haproxy.mainPid === null) return [passing("HAProxy does not run")];
  const stale =
    haproxy.changedSince.length === 0
      ? []
      : [
          passing(
            `HAProxy works with what it read before ${haproxy.changedSince.join(", ")} changed: its reload failed or has not come`,
          ),
        ];
  const failed = haproxy.failedReloads ?? 0;
  return [
    ...stale,
    ...(failed > 0 && failed > (before?.haproxy.failedReloads ?? 0)
      ? [final("HAProxy did not take the new configuration: its master counts a failed reload")]
      : []),
    ...serverFaults(haproxy.stats, before?.haproxy.stats ?? null),
  ];
};

type Stats = LiveState["haproxy"]["stats"];

/** A backend that had servers up has as many up again, as far as it still has that many. A new one may wait for its servers. */
const serverFaults = (now: Stats, before: Stats | null): readonly GateFault[] => {
  if (now.kind === "silent")
    return before?.kind === "told" ? [passing(`HAProxy's socket does not answer: ${now.reason}`)] : [];
  const fresh = now.servers.filter(({ check }) => isPending(check));
  return [
    ...[...byBackend(now.servers)].flatMap(([name, servers]) => {
      const wanted = before?.kind === "told" ? upOf(byBackend(before.servers).get(name) ?? []) : 0;
      const up = upOf(servers);
      const most = servers.filter(({ health }) => health !== "maint" && health !== "drain").length;
      const least = Math.min(wanted, most);
      if (up < least || (wanted > 0 && up === 0))
        return [passing(`backend ${name} has ${up} of ${servers.length} servers up, and had ${wanted}`)];
      return [];
    }),
    ...(fresh.length > 0 ? [passing(`not checked yet: ${names(fresh)}`)] : []),
  ];
};

/** HAProxy takes a server for up until its first check has said otherwise. */
const isPending = (check: string): boolean => check === "INI" || check.startsWith("* ");

const names = (servers: readonly LiveServer[]): string =>
  servers.map(({ backend, name }) => `${backend}/${name}`).join(", ");

const upOf = (servers: readonly LiveServer[]): number =>
  servers.filter(({ health, check }) => (health === "up" || health === "unchecked") && !isPending(check))
    .length;

const byBackend = (servers: readonly LiveServer[]): ReadonlyMap<string, readonly LiveServer[]> => {
  const backends = new Map<string, LiveServer[]>();
  for (const server of servers)
    backends.set(server.backend, [...(backends.get(server.backend) ?? []), server]);
  return backends;
};

const keepalivedFaults = ({ keepalived }: LiveState, { role, before }: Expectation): readonly GateFault[] => {
  if (keepalived.unit === "failed") return [final("keepalived does not run: systemd calls it failed")];
  if (keepalived.mainPid === null) return [passing("keepalived does not run")];
  const wanted = { standby: "BACKUP", owner: "MASTER", any: null }[role];
  return [
    ...(keepalived.instances.length === 0 && keepalived.told.by === null
      ? [passing(keepalived.told.reason)]
      : []),
    ...keepalived.instances.flatMap(({ name, state }) => {
      if (state === "FAULT")
        return [
          passing(
            `instance ${name} is in FAULT: an interface is down, or a tracker says that the node is not fit`,
          ),
        ];
      return wanted !== null && state !== wanted && state !== "unknown"
        ? [passing(`instance ${name} is ${state}, not ${wanted}`)]
        : [];
    }),
    ...counterFaults(keepalived, before?.keepalived ?? null),
  ];
};

/** Adverts that do not fit show that the two nodes do not understand each other. */
const counterFaults = (
  now: LiveState["keepalived"],
  before: LiveState["keepalived"] | null,
): readonly GateFault[] => {
  if (before === null || now.mainPid !== before.mainPid) return [];
  return now.instances.flatMap(({ name, counters }) => {
    const old = before.instances.find((one) => one.name === name)?.counters ?? null;
    if (counters === null || old === null) return [];
    const grown = Object.entries(counters.errors).filter(([kind, count]) => count > (old.errors[kind] ?? 0));
    return grown.length === 0
      ? []
      : [
          final(
            `instance ${name} gets adverts that it does not accept (${grown.map(([kind]) => kind).join(", ")})`,
          ),
        ];
  });
};

const addressFaults = (now: LiveState, { role, addresses }: Expectation): readonly GateFault[] => {
  const here = addresses.filter((address) => now.addresses.has(address));
  const missing = addresses.filter((address) => !now.addresses.has(address));
  if (role === "owner" && missing.length > 0) return [passing(`it does not have ${missing.join(", ")}`)];
  if (role === "standby" && here.length > 0)
    return [passing(`it has ${here.join(", ")}, which the other node has too`)];
  return [];
};
