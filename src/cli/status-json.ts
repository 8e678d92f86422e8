import type { Json } from "../core/value.ts";
import { allAddresses, heldBy, type LiveNode } from "../lb/live/node.ts";
import type { LiveInstance, LiveState } from "../lb/live/state.ts";
import type { SeenPair } from "./status-text.ts";

/** What `lbplay status --output json` prints of a pair. No content of a file is in it, as that may hold passwords. */
export const statusJson = ({ name, nodes, health }: SeenPair): Json => ({
  pair: name,
  healthy: health.healthy,
  owner: health.owner,
  standby: health.standby,
  addresses: health.addresses.map(({ address, owners }) => ({ address, owners: [...owners] })),
  problems: health.problems.map(({ node, severity, kind, message, advice }) => ({
    node,
    severity,
    kind,
    message,
    advice,
  })),
  nodes: nodes.map((node) => nodeJson(node, allAddresses(nodes))),
});

const nodeJson = (node: LiveNode, addresses: readonly string[]): Json => {
  if (node.seen.kind === "unreachable") return { name: node.name, reached: false, reason: node.seen.reason };
  const { state } = node.seen;
  return {
    name: node.name,
    reached: true,
    has: [...heldBy(node, addresses)],
    out:
      state.out === null
        ? null
        : { cause: state.out.cause, since: iso(state.out.since), reason: state.out.words },
    keepalived: keepalivedJson(state),
    haproxy: haproxyJson(state),
    last_run:
      state.lastRun === null
        ? null
        : { by: state.lastRun.owner, seconds_ago: state.lastRun.age, underway: state.lastRun.underway },
    unfinished: state.unfinished,
    owed: [...state.owed],
  };
};

const keepalivedJson = ({ keepalived }: LiveState): Json => ({
  unit: keepalived.unit,
  pid: keepalived.mainPid,
  uptime: whole(keepalived.uptime),
  version: keepalived.version,
  states_by: keepalived.told.by,
  instances: keepalived.instances.map(instanceJson),
});

const instanceJson = (instance: LiveInstance): Json => ({
  name: instance.name,
  state: instance.state,
  priority: instance.basePriority,
  effective_priority: instance.effectivePriority,
  last_transition: instance.lastTransition === null ? null : iso(instance.lastTransition),
  adverts:
    instance.counters === null
      ? null
      : {
          received: instance.counters.received,
          sent: instance.counters.sent,
          became_master: instance.counters.becameMaster,
          released_master: instance.counters.releasedMaster,
          errors: { ...instance.counters.errors },
        },
});

const haproxyJson = ({ now, haproxy }: LiveState): Json => ({
  unit: haproxy.unit,
  pid: haproxy.mainPid,
  workers: haproxy.workers.map(({ pid, age }) => ({ pid, age: Math.round(age) })),
  version: haproxy.stats.kind === "told" ? haproxy.stats.version : null,
  disk_version: haproxy.diskVersion,
  silent: haproxy.stats.kind === "silent" ? haproxy.stats.reason : null,
  failed_reloads: haproxy.failedReloads,
  changed_since_loaded: [...haproxy.changedSince],
  frontends: proxies(haproxy, "frontend"),
  backends: proxies(haproxy, "backend"),
  servers:
    haproxy.stats.kind === "silent"
      ? []
      : haproxy.stats.servers.map(({ backend, name, ...server }) => ({
          server: `${backend}/${name}`,
          ...server,
        })),
  certificates: haproxy.certificates.map(({ path, subject, notAfter }) => ({
    path,
    subject,
    not_after: iso(notAfter),
    days_left: Math.floor((notAfter - now) / 86_400_000),
  })),
});

const proxies = ({ stats }: LiveState["haproxy"], wanted: "frontend" | "backend"): Json =>
  stats.kind === "silent"
    ? []
    : stats.proxies.filter(({ kind }) => kind === wanted).map(({ name, status }) => ({ name, status }));

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const whole = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds));
