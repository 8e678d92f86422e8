import { createCatalog } from "../config/catalog.ts";
import type { FileOptions } from "../config/files.ts";
import { readPlaybook } from "../config/playbook.ts";
import { LbplayErrors } from "../core/error.ts";
import type { Inventory, Loader, Playbook } from "../core/play.ts";
import type { Task } from "../core/task.ts";
import type { SourceDict } from "../core/value.ts";

/** A playbook that was read and found right as far as that can be known before a run. */
export interface LoadedPlaybook {
  readonly playbook: Playbook;
  readonly loader: Loader;
}

/** What loading playbooks needs. */
export interface LoadRequest extends FileOptions {
  readonly inventory: Inventory;
  readonly extra: SourceDict;
  readonly tasks: readonly Task[];
  readonly rolesPath: readonly string[];
}

/** Reads and checks playbooks; all mistakes of all of them are thrown together as LbplayErrors. */
export const loadPlaybooks = (paths: readonly string[], request: LoadRequest): readonly LoadedPlaybook[] => {
  const modules = createCatalog(request.tasks);
  const read = paths.map((path) => readPlaybook(path, { ...request, modules }));
  const errors = read.flatMap(({ playbook, loader, errors: structural }) => [...structural]);
  if (errors.length > 0) throw new LbplayErrors(errors);
  return read;
};
