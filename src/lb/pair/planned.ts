import { type Action, touchedBy } from "../../core/action.ts";
import type { SourceText } from "../../core/error.ts";
import type { NodeFacts } from "./facts.ts";

/** What a playbook would do to a node. */
export interface NodePlan {
  readonly actions: readonly Action[];
  /** There are tasks of which only a run can tell what they do. */
  readonly unknown: boolean;
}

const HAPROXY_FILE = /\/haproxy(?:\/conf\.d)?\/[^/]+\.cfg$/;
const KEEPALIVED_FILE = /\/keepalived(?:\/.+)?\/[^/]+\.conf$/;

/** The files of both daemons as they would be after a plan. */
export const plannedFiles = <T extends Record<"haproxy" | "keepalived", readonly SourceText[]>>(
  before: T,
  actions: readonly Action[],
): T => ({
  ...before,
  haproxy: written(before.haproxy, actions, HAPROXY_FILE),
  keepalived: written(before.keepalived, actions, KEEPALIVED_FILE),
});

const written = (
  before: readonly SourceText[],
  actions: readonly Action[],
  own: RegExp,
): readonly SourceText[] => {
  const files = new Map(before.map((source) => [source.path, source]));
  for (const action of actions) {
    if (action.kind === "write" && (files.has(action.path) || own.test(action.path)))
      files.set(action.path, { path: action.path, text: action.content.toString("utf8") });
    if (action.kind === "remove") files.delete(action.path);
  }
  return [...files.values()];
};

/**
 * What is still known of a node when a plan has been carried out. What the plan touches, or may touch without saying so,
 * is not known before; nobody is told that a setting is missing which the very same run makes.
 */
export const plannedFacts = (facts: NodeFacts, { actions, unknown }: NodePlan): NodeFacts => {
  if (actions.length === 0 && !unknown) return facts;
  const touched = actions.flatMap(touchedBy);
  const silent = actions.some((action) => touchedBy(action).length === 0);
  const known: NodeFacts = {
    ...facts,
    units: null,
    processes: null,
    listeners: null,
    vrrp: null,
    // A server may be what another play of the same run sets up.
    reachable: null,
    firewall: null,
    selinux: null,
  };
  if (unknown || silent || touched.some(({ kind }) => kind === "lasting"))
    return {
      ...known,
      haproxy: null,
      keepalived: null,
      sysctl: null,
      files: null,
      directories: null,
      certificates: null,
      keys: null,
      users: null,
      groups: null,
      staticAddresses: null,
    };
  const paths = touched.flatMap((one) => ("path" in one ? [one.path] : []));
  const keys = touched.flatMap((one) => (one.kind === "sysctl" ? [one.key.replaceAll("/", ".")] : []));
  return {
    ...known,
    sysctl: without(facts.sysctl, (key) => keys.includes(key)),
    files: without(facts.files, (path) => isIn(path, paths)),
    directories: without(facts.directories, (path) => isAround(path, paths)),
    certificates: without(facts.certificates, (path) => isIn(path, paths)),
    keys: without(facts.keys, (path) => isIn(path, paths)),
    staticAddresses: without(facts.staticAddresses, (path) => isIn(path, paths)),
  };
};

const without = <V>(
  known: ReadonlyMap<string, V> | null,
  gone: (key: string) => boolean,
): ReadonlyMap<string, V> | null =>
  known === null ? null : new Map([...known].filter(([key]) => !gone(key)));

const isIn = (path: string, touched: readonly string[]): boolean =>
  touched.some((one) => path === one || path.startsWith(`${one}/`));

const isAround = (directory: string, touched: readonly string[]): boolean =>
  isIn(directory, touched) || touched.some((one) => one.startsWith(`${directory}/`));
