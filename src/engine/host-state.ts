import type { HostRecap } from "../core/event.ts";
import type { RoleInstance } from "../core/play.ts";
import { isDict, type Value } from "../core/value.ts";
import type { TurnResult } from "./execute.ts";
import type { FactCache } from "./fact-cache.ts";
import type { HostVariables } from "./variables.ts";

/** One host during a run. */
export interface HostState {
  readonly name: string;
  readonly variables: HostVariables;
  /** Handlers to run at the next flush, by key. */
  readonly notified: Set<string>;
  /** `active` takes part; `failed` waits for a rescue or for always; the others are out of the play. */
  status: "active" | "failed" | "unreachable" | "ended";
  /** Which use of each role ran here, by what makes uses the same: others of the kind are passed over. */
  readonly rolesRun: Map<string, RoleInstance>;
  /** In check mode: something would have changed, so what follows is a prediction. */
  pending: boolean;
  /** In check mode: names registered by tasks that were not run. */
  readonly unrun: Set<string>;
  recap: HostRecap;
}

/** A host at the start of a run. */
export const createHostState = (name: string, variables: HostVariables): HostState => ({
  name,
  variables,
  notified: new Set(),
  rolesRun: new Map(),
  status: "active",
  pending: false,
  unrun: new Set(),
  recap: { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 },
});

/** Adds to the figures of a host's recap line. */
export const count = (host: HostState, ...figures: readonly (keyof HostRecap)[]): void => {
  for (const figure of figures) host.recap = { ...host.recap, [figure]: host.recap[figure] + 1 };
};

/** A task of a role was done (not skipped): this use of the role is the one that counts. */
export const noteRole = (host: HostState, role: RoleInstance | null): void => {
  if (role !== null && !host.rolesRun.has(role.identity)) host.rolesRun.set(role.identity, role);
};

/** Whether a role's step is passed over, because the same use of the role has run here before. */
export const isPassedOver = (host: HostState, role: RoleInstance | null): boolean => {
  if (role === null || role.allowDuplicates) return false;
  const ran = host.rolesRun.get(role.identity);
  return ran !== undefined && ran !== role;
};

/** Remembers a registered result. */
export const setVariable = ({ variables }: HostState, name: string, value: Value): void => {
  variables.set.set(name, value);
  variables.generation += 1;
};

/** Remembers what a turn found out about a host: facts that were set, and those that were gathered, which a cache keeps. */
export const keepFacts = (
  host: string,
  variables: HostVariables,
  { facts, values }: TurnResult,
  cache: FactCache | null,
): void => {
  for (const [name, value] of facts) variables.set.set(name, value);
  const { ansible_facts: gathered, _ansible_facts_cacheable: cacheable } = values;
  if (gathered !== undefined && isDict<Value>(gathered) && cacheable !== false) {
    setFacts(variables, gathered);
    cache?.save(host, withoutBare(variables.facts));
  }
  variables.generation += 1;
};

/** Gives a host the facts that an earlier run found out. */
export const recallFacts = (host: string, variables: HostVariables, cache: FactCache | null): void => {
  const known = cache?.load(host) ?? null;
  if (known !== null) setFacts(variables, known);
};

const withoutBare = (facts: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  new Map([...facts].filter(([name]) => name !== "ansible_facts"));

/** `ansible_*` names, and the same without the prefix under `ansible_facts`. */
const setFacts = ({ facts: kept }: HostVariables, facts: ReadonlyMap<Value, Value>): void => {
  const present = kept.get("ansible_facts");
  const bare = new Map<Value, Value>(present instanceof Map ? present : []);
  for (const [key, value] of facts) {
    const name = String(key);
    kept.set(name, value);
    bare.set(name.replace(/^ansible_/, ""), value);
  }
  kept.set("ansible_facts", bare);
};
