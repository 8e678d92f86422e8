import { LbplayError, type Place } from "../core/error.ts";
import type { Inventory, Keywords, Play, RoleInstance } from "../core/play.ts";
import { isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { Host } from "../jinja/environment.ts";
import { LazyDict } from "./lazy-dict.ts";
import { roleMagic } from "./magic.ts";
import type { TaskScope, Templar } from "./templar.ts";

/** The variables that one host has gathered so far, by the ways that outlive a task. */
export interface HostVariables {
  inventory: SourceDict;
  /** From setup: injected as `ansible_*` and under `ansible_facts`. */
  readonly facts: Map<string, Value>;
  readonly included: Map<string, Source>;
  /** Registered results and set_fact. */
  readonly set: Map<string, Value>;
  /** Counts up with every change of the above. */
  generation: number;
}

/** What all variable look-ups of a play share. */
export interface PlayVariables {
  readonly play: Play;
  /** The roles that the whole play sees: its own and those included as public so far. */
  readonly roles: RoleInstance[];
  readonly extra: SourceDict;
  readonly prompted: SourceDict;
  readonly files: readonly SourceDict[];
  readonly inventory: Inventory;
  readonly hosts: Map<string, HostVariables>;
  readonly templar: Templar;
  /** play_hosts and its kind, the playbook's directory, check mode: names that nobody sets. */
  readonly magic: (host: string) => ReadonlyMap<string, Value>;
  /** What the templates of a task may reach outside themselves. */
  readonly outside: (position: TaskPosition, scope: () => TaskScope) => Host;
}

/** What the includes around a step bring. */
export interface Surroundings {
  /** Loop variables and the like, above everything else. */
  readonly local: ReadonlyMap<string, Value>;
  /** `vars` of the includes, innermost first: above all but extra variables. */
  readonly params: readonly SourceDict[];
}

/** Outside of all includes. */
export const NO_SURROUNDINGS: Surroundings = { local: new Map(), params: [] };

/** Where a task stands, as far as its variables go. */
export interface TaskPosition extends Surroundings {
  readonly host: string;
  readonly role: RoleInstance | null;
  /** Where its files are searched from; null where it has none of its own (hostvars). */
  readonly at: Place | null;
  readonly keywords: Pick<Keywords, "vars"> & Partial<Pick<Keywords, "delegateTo">>;
  /** Without the play's own variables: what other hosts see of this one in `hostvars`. */
  readonly bare?: true;
  /** Only looking ahead: lookups with effects wait for their turn. */
  readonly speculative: boolean;
}

/** Deeper than any sane chain of variables that refer to each other. */
const DEEPEST = 100;

/**
 * The variables of a task on a host by Ansible's precedence, highest first:
 * https://docs.ansible.com/ansible/2.9/user_guide/playbooks_variables.html#variable-precedence-where-should-i-put-a-variable
 * Values are rendered when they are looked at, and once per scope.
 */
export const createScope = (shared: PlayVariables, position: TaskPosition): TaskScope => {
  const layers = layersOf(shared, position);
  const resolved = new Map<string, Value | undefined>();
  const looked = new Set<string>();
  const open: string[] = [];
  const special = new Map<string, () => Value>([
    ["hostvars", () => hostvars(shared)],
    ["vars", () => new LazyDict(names(), get)],
  ]);
  const { delegateTo = null } = position.keywords;
  if (delegateTo !== null)
    special.set("ansible_delegated_vars", () => delegatedVars(shared, delegateTo, scope));
  const magic = shared.magic(position.host);
  const ofRole = roleMagic(position.role);

  const find = (name: string): Source | undefined => {
    for (const layer of layers) {
      const value = layer.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };

  const get = (name: string): Value | undefined => {
    if (resolved.has(name)) return resolved.get(name);
    looked.add(name);
    const value = work(name);
    resolved.set(name, value);
    return value;
  };

  const work = (name: string): Value | undefined => {
    if (position.local.has(name)) return position.local.get(name);
    const known = magic.get(name) ?? ofRole.get(name);
    if (known !== undefined) return known;
    const made = special.get(name);
    if (made !== undefined) return made();
    const source = find(name);
    if (source === undefined) return undefined;
    if (open.includes(name) || open.length > DEEPEST) {
      throw new LbplayError({
        code: "E_RECURSIVE_VARIABLE",
        message: `the variable ${name} refers to itself: ${[...open, name].join(" -> ")}`,
      });
    }
    open.push(name);
    try {
      return shared.templar.resolve(source, scope);
    } finally {
      open.pop();
    }
  };

  const names = (): Set<string> =>
    new Set([
      ...position.local.keys(),
      ...magic.keys(),
      ...ofRole.keys(),
      ...special.keys(),
      ...layers.flatMap((layer) => [...layer.keys()].filter((key): key is string => typeof key === "string")),
    ]);

  const scope: TaskScope = {
    get,
    names,
    looked: () => looked,
    isLiteral: (name) => !isTemplate(find(name)),
    host: shared.outside(position, () => scope),
  };
  return scope;
};

/** A layer of variables: a dict of a file, or what the host has gathered. */
export type Layer = {
  readonly get: (name: string) => Source | undefined;
  readonly keys: () => Iterable<Value>;
};

/** Roles ask `ansible_facts` what is there before any facts were gathered. */
const NO_FACTS: SourceDict = new Map([["ansible_facts", new Map()]]);

/** The layers of variables of a task on a host, highest first. */
export const layersOf = (shared: PlayVariables, position: TaskPosition): readonly Layer[] => {
  const host = shared.hosts.get(position.host);
  if (position.bare) {
    return [
      shared.extra,
      ...(host === undefined ? [] : [host.set, host.included, host.facts, host.inventory]),
      NO_FACTS,
    ];
  }
  const chain = roleChain(position.role);
  const playRoles = [...shared.roles].reverse();
  return [
    shared.extra,
    ...position.params,
    ...chain.map((role) => role.params),
    ...(host === undefined ? [] : [host.set, host.included]),
    ...[...position.keywords.vars].reverse(),
    ...chain.map((role) => role.vars),
    ...playRoles.map((role) => role.vars),
    ...[...shared.files].reverse(),
    shared.prompted,
    shared.play.vars,
    ...(host === undefined ? [] : [host.facts, host.inventory]),
    ...chain.map((role) => role.defaults),
    ...playRoles.map((role) => role.defaults),
    NO_FACTS,
  ];
};

/** The role itself first, then those that depend on it or included it. */
const roleChain = (role: RoleInstance | null): readonly RoleInstance[] =>
  role === null ? [] : [role, ...roleChain(role.parent)];

/** The variables of the host that a task is delegated to, under its name. */
const delegatedVars = (shared: PlayVariables, delegateTo: Source, scope: TaskScope): Value => {
  const target = String(shared.templar.resolve(delegateTo, scope));
  return new LazyDict([target], () => {
    const other = createScope(shared, {
      host: target,
      role: null,
      at: null,
      keywords: { vars: [] },
      ...NO_SURROUNDINGS,
      speculative: false,
    });
    return new LazyDict(other.names(), other.get);
  });
};

const hostvars = (shared: PlayVariables): Value =>
  new LazyDict(shared.inventory.hosts.keys(), (name) => {
    const scope = createScope(shared, {
      host: name,
      role: null,
      at: null,
      keywords: { vars: [] },
      ...NO_SURROUNDINGS,
      speculative: false,
      bare: true,
    });
    return new LazyDict(scope.names(), scope.get);
  });
