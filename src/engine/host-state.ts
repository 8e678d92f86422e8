import type { HostRecap } from "../core/event.ts";
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
  status: "active",
  pending: false,
  unrun: new Set(),
  recap: { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 },
});

/** Adds to the figures of a host's recap line. */
export const count = (host: HostState, ...figures: readonly (keyof HostRecap)[]): void => {
  for (const figure of figures) host.recap = { ...host.recap, [figure]: host.recap[figure] + 1 };
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
