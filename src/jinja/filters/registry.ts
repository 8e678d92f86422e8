import { chanceFilters } from "./chance.ts";
import { combineFilters } from "./combine.ts";
import { generalFilters } from "./community.ts";
import { dataFilters } from "./data.ts";
import { dateFilters } from "./dates.ts";
import type { Definition, FilterFunction } from "./define.ts";
import { hashFilters } from "./hashes.ts";
import { htmlFilters } from "./html.ts";
import { ipFilters } from "./ip.ts";
import { listFilters } from "./lists.ts";
import { ansibleNumberFilters, numberFilters } from "./numbers.ts";
import { pathFilters } from "./paths.ts";
import { prettyFilters } from "./pretty.ts";
import { regexFilters } from "./regex.ts";
import { selectFilters } from "./select.ts";
import { setFilters } from "./sets.ts";
import { textFilters } from "./text.ts";
import { urlFilters } from "./url.ts";
import { wordFilters } from "./words.ts";

const jinjaFilters: readonly Definition[] = [
  ...textFilters,
  ...listFilters,
  ...selectFilters,
  ...numberFilters,
  ...htmlFilters,
  ...prettyFilters,
];

const ansibleFilters: readonly Definition[] = [
  ...ansibleNumberFilters,
  ...dataFilters,
  ...combineFilters,
  ...setFilters,
  ...regexFilters,
  ...pathFilters,
  ...hashFilters,
  ...urlFilters,
  ...wordFilters,
  ...dateFilters,
  ...chanceFilters,
];

/** All filters by their short names; Ansible's hide Jinja2's of the same name. */
export const FILTERS: ReadonlyMap<string, FilterFunction> = new Map([
  ...jinjaFilters,
  ...ansibleFilters,
  ...ipFilters,
  ...generalFilters,
]);

const names = (definitions: readonly Definition[]): ReadonlySet<string> =>
  new Set(definitions.map(([name]) => name));

/** The filters of each collection; Jinja2's own belong to none. */
const COLLECTIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["ansible.builtin", names(ansibleFilters)],
  ["ansible.legacy", names(ansibleFilters)],
  ["ansible.utils", names(ipFilters)],
  ["ansible.netcommon", names(ipFilters)],
  ["community.general", names(generalFilters)],
]);

/** The short name of a filter that exists, else null. */
export const filterName = (name: string): string | null => {
  const dot = name.lastIndexOf(".");
  if (dot === -1) return FILTERS.has(name) ? name : null;
  const short = name.slice(dot + 1);
  return COLLECTIONS.get(name.slice(0, dot))?.has(short) === true ? short : null;
};
