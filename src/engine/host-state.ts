import type { HostRecap } from "../core/event.ts";
import type { RoleInstance } from "../core/play.ts";
import type { Value } from "../core/value.ts";
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

/** Remembers a registered result or a fact that was set. */
export const setVariable = (host: HostState, name: string, value: Value): void => {
  host.variables.set.set(name, value);
  host.variables.generation += 1;
};

/** Remembers gathered facts: `ansible_*` names, and the same without the prefix under `ansible_facts`. */
export const setFacts = (host: HostState, facts: ReadonlyMap<Value, Value>): void => {
  const present = host.variables.facts.get("ansible_facts");
  const bare = new Map<Value, Value>(present instanceof Map ? present : []);
  for (const [key, value] of facts) {
    const name = String(key);
    host.variables.facts.set(name, value);
    bare.set(name.replace(/^ansible_/, ""), value);
  }
  host.variables.facts.set("ansible_facts", bare);
  host.variables.generation += 1;
};
