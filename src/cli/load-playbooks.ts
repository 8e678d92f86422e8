import { createCatalog } from "../config/catalog.ts";
import { checkPlaybook } from "../config/check.ts";
import { disk, isAsBefore, type Look, type WatchedDisk } from "../config/disk.ts";
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

/** With which files the same request was found right before. */
export interface FoundRight {
  /** What all of the load asks for files. */
  readonly disk: WatchedDisk;
  readonly before: () => readonly Look[] | null;
  readonly keep: (looks: readonly Look[]) => void;
}

/** What loading playbooks needs. */
export interface LoadRequest extends FileOptions {
  /** Where it is kept that a request was found right; absent: it is found out each time. */
  readonly right?: FoundRight;
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
  const from = request.right?.disk ?? request.disk ?? disk;
  const modules = createCatalog(request.tasks);
  const validate = createValidate(request.tasks);
  const templar = createTemplar();
  const renderStatic = (template: Template, vars: SourceDict): string | null =>
    staticText(template, new Map([...vars, ...request.extra]), templar);
  const known = createKnownValues({ ...request, templar, parseYaml: parseYamlValue });
  const read = paths.map((path) => readPlaybook(path, { ...request, disk: from, modules, renderStatic }));
  const before = read.every(({ errors }) => errors.length === 0) ? (request.right?.before() ?? null) : null;
  if (before !== null && isAsBefore(before, from)) return read;
  let warned = false;
  const warn = (warning: LbplayError): void => {
    warned = true;
    request.warn?.(warning);
  };
  const errors = read.flatMap(({ playbook, loader, errors: structural, explain }) => [
    ...structural,
    ...checkPlaybook(playbook, {
      ...request,
      disk: from,
      warn,
      explain,
      loader,
      modules,
      validate,
      analyse,
      known,
      lookups: knownLookups(),
    }),
  ]);
  if (errors.length > 0) throw new LbplayErrors(errors);
  // Warnings are to be heard each time.
  const looks = warned ? null : (request.right?.disk.looks() ?? null);
  if (looks !== null) request.right?.keep(looks);
  return read;
};
