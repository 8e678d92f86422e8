import { dirname, resolve } from "node:path";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { KnownPosition, KnownValues, KnownVariable } from "../core/known-values.ts";
import type { Inventory } from "../core/play.ts";
import { isDict, type Source, type SourceDict, type Value } from "../core/value.ts";
import type { Host } from "../jinja/environment.ts";
import type { Templar } from "./templar.ts";
import {
  createScope,
  type HostVariables,
  layersOf,
  type PlayVariables,
  type TaskPosition,
} from "./variables.ts";

/** What is the same for all positions. */
export interface KnownWorld {
  readonly cwd: string;
  readonly inventory: Inventory;
  readonly extra: SourceDict;
  readonly templar: Templar;
  readonly parseYaml: (text: string) => Value;
}

/**
 * Variables and templates as a run will find them, by the very layers that a run uses, as far as that is certain: facts,
 * what tasks set, lookups, the clock and chance are out of reach, and so is whatever looks at them.
 */
export const createKnownValues =
  (world: KnownWorld) =>
  (position: KnownPosition): KnownValues => {
    const looked = { tooFar: false };
    const tooFar = (): never => {
      looked.tooFar = true;
      throw new LbplayError({ code: "E_NOT_YET", message: "only the run can tell" });
    };
    const { shared, at } = placeOf(world, position, tooFar);
    const layers = layersOf(shared, at);
    const definitionOf = (name: string): KnownVariable => {
      for (const layer of layers) {
        const source = layer.get(name);
        if (source !== undefined)
          return { kind: "defined", definition: { source, vars: isDict<Source>(layer) ? layer : new Map() } };
      }
      return { kind: "absent" };
    };
    const guarded = <T>(look: () => T): T | undefined => {
      looked.tooFar = false;
      try {
        const found = look();
        return looked.tooFar ? undefined : found;
      } catch (error) {
        if (error instanceof LbplayError || error instanceof LbplayErrors) return undefined;
        throw error;
      }
    };
    return {
      variable: (name) => guarded(() => definitionOf(name)) ?? { kind: "unknown" },
      render: (template) =>
        guarded(() => {
          // A scope remembers what it rendered: one that stumbled must not be asked again.
          const scope = createScope(shared, at);
          const value = world.templar.resolve(template, scope);
          return [...scope.looked()].some((name) => LISTS_OF_NAMES.has(name)) ? tooFar() : value;
        }),
    };
  };

const placeOf = (
  { cwd, inventory, extra, templar, parseYaml }: KnownWorld,
  { play, host, role, keywords, params, files, uncertain }: KnownPosition,
  tooFar: () => never,
): { readonly shared: PlayVariables; readonly at: TaskPosition } => {
  const outside: Host = {
    load: null,
    lookup: tooFar,
    now: tooFar,
    random: tooFar,
    parseYaml,
    files: null,
  };
  const hosts = new Map<string, HostVariables>(
    [...new Set([host, ...inventory.hosts.keys()])].map((name) => [
      name,
      {
        inventory: inventory.hosts.get(name)?.vars ?? new Map(),
        facts: new Withheld(isFact, tooFar),
        included: new Map(),
        set: new Withheld((known) => uncertain(known) || DYNAMIC.has(known), tooFar),
        generation: 0,
      },
    ]),
  );
  const shared: PlayVariables = {
    play,
    roles: [...play.roles],
    extra,
    prompted: new Map(),
    files,
    inventory,
    hosts,
    templar,
    magic: (name) => staticMagic(name, play.at.source.path, inventory, cwd),
    outside: () => outside,
  };
  return { shared, at: { host, role, at: null, keywords, local: new Map(), params, speculative: true } };
};

/** A layer that the run will fill: whoever looks for one of its names looks too far. */
class Withheld extends Map<string, Value> {
  readonly #holds: (name: string) => boolean;
  readonly #tooFar: () => never;

  constructor(holds: (name: string) => boolean, tooFar: () => never) {
    super();
    this.#holds = holds;
    this.#tooFar = tooFar;
  }

  override get(name: string): Value | undefined {
    return this.#holds(name) ? this.#tooFar() : undefined;
  }
}

/** Names that only the inventory gives, though they look like facts. */
const NO_FACTS = new Set(["ansible_host", "ansible_port", "ansible_user"]);

const isFact = (name: string): boolean => /^_?ansible_/.test(name) && !NO_FACTS.has(name);

/** They know which names there are, and what the run will add is not there yet. */
const LISTS_OF_NAMES = new Set(["hostvars", "vars"]);

/** Magic variables that change while a play runs, or stand for something that is left out. */
const DYNAMIC = new Set(["play_hosts", "omit", "role_names", "environment"]);

const staticMagic = (
  host: string,
  playbook: string,
  inventory: Inventory,
  cwd: string,
): ReadonlyMap<string, Value> =>
  new Map<string, Value>([
    ["inventory_hostname", host],
    ["inventory_hostname_short", host.split(".")[0] ?? host],
    ["group_names", inventory.hosts.get(host)?.groups ?? []],
    ["groups", new Map([...inventory.groups].map(([name, group]) => [name, group.hosts]))],
    ["inventory_dir", inventory.directory],
    ["inventory_file", inventory.file],
    ["playbook_dir", resolve(cwd, dirname(playbook))],
  ]);
