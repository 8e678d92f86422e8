import type { Task } from "../core/task.ts";

/** The modules that playbooks may use, under all their names. */
export interface ModuleCatalog {
  /** The module of a short name, an FQCN, or a short name in one of the `collections`; null where there is none. */
  readonly find: (name: string, collections?: readonly string[]) => Task | null;
  /** Short names, for suggestions. */
  readonly names: readonly string[];
}

/** A catalog of a list of modules. */
export const createCatalog = (tasks: readonly Task[]): ModuleCatalog => {
  const byName = new Map(
    tasks.flatMap((task) => [task.name, ...task.aliases].map((name) => [name, task] as const)),
  );
  const find = (name: string, collections: readonly string[] = []): Task | null => {
    const direct = byName.get(name) ?? byName.get(shortName(name));
    if (direct !== undefined) return direct;
    for (const collection of name.includes(".") ? [] : collections) {
      const task = byName.get(`${collection}.${name}`);
      if (task !== undefined) return task;
    }
    return null;
  };
  return { find, names: tasks.map((task) => task.name) };
};

/** A module's name without `ansible.builtin.` or `ansible.legacy.`; other collections keep their prefix. */
export const shortName = (name: string): string => name.replace(/^ansible\.(?:builtin|legacy)\./, "");
