import { createCatalog } from "../config/catalog.ts";
import { checkPlaybook } from "../config/check.ts";
import type { FileOptions } from "../config/files.ts";
import { readPlaybook } from "../config/playbook.ts";
import { parseYamlValue } from "../config/yaml.ts";
import { type LbplayError, LbplayErrors } from "../core/error.ts";
import type { Inventory, Loader, Playbook } from "../core/play.ts";
import type { Task } from "../core/task.ts";
import type { SourceDict, Template } from "../core/value.ts";
import { createKnownValues } from "../engine/known-values.ts";
import { staticText } from "../engine/static-text.ts";
import { createTemplar } from "../engine/templar.ts";
import { analyse, knownLookups } from "./analyse.ts";
import { createValidate } from "./validation.ts";

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
  /** Directories that hold `ansible_collections`; absent: only the playbook's own. */
  readonly collectionsPath?: readonly string[];
  /** The hosts that `--limit` leaves of some; absent: all of them. */
  readonly limited?: (hosts: readonly string[]) => readonly string[];
  /** Hears of what is probably a mistake. */
  readonly warn?: (warning: LbplayError) => void;
  /** A text without the secrets that are known. */
  readonly redact?: (text: string) => string;
}

/** Reads and checks playbooks; all mistakes of all of them are thrown together as LbplayErrors. */
export const loadPlaybooks = (paths: readonly string[], request: LoadRequest): readonly LoadedPlaybook[] => {
  const modules = createCatalog(request.tasks);
  const validate = createValidate(request.tasks);
  const templar = createTemplar();
  const renderStatic = (template: Template, vars: SourceDict): string | null =>
    staticText(template, new Map([...vars, ...request.extra]), templar);
  const known = createKnownValues({ ...request, templar, parseYaml: parseYamlValue });
  const read = paths.map((path) => readPlaybook(path, { ...request, modules, renderStatic }));
  const errors = read.flatMap(({ playbook, loader, errors: structural }) => [
    ...structural,
    ...checkPlaybook(playbook, {
      ...request,
      loader,
      modules,
      validate,
      analyse,
      known,
      lookups: knownLookups(),
    }),
  ]);
  if (errors.length > 0) throw new LbplayErrors(errors);
  return read;
};
