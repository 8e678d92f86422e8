import { combineFilters } from "./combine.ts";
import { dataFilters } from "./data.ts";
import type { FilterFunction } from "./define.ts";
import { hashFilters } from "./hashes.ts";
import { htmlFilters } from "./html.ts";
import { ipFilters } from "./ip.ts";
import { listFilters } from "./lists.ts";
import { miscFilters } from "./misc.ts";
import { numberFilters } from "./numbers.ts";
import { pathFilters } from "./paths.ts";
import { prettyFilters } from "./pretty.ts";
import { regexFilters } from "./regex.ts";
import { selectFilters } from "./select.ts";
import { setFilters } from "./sets.ts";
import { textFilters } from "./text.ts";
import { urlFilters } from "./url.ts";

/** All filters by their short names; Ansible's hide Jinja2's of the same name. */
export const FILTERS: ReadonlyMap<string, FilterFunction> = new Map([
  ...textFilters,
  ...listFilters,
  ...selectFilters,
  ...numberFilters,
  ...htmlFilters,
  ...prettyFilters,
  ...dataFilters,
  ...combineFilters,
  ...setFilters,
  ...regexFilters,
  ...pathFilters,
  ...hashFilters,
  ...urlFilters,
  ...miscFilters,
  ...ipFilters,
]);

/** Collections whose filters are here under their short names. */
const COLLECTIONS = /^(?:ansible\.(?:builtin|legacy|utils|netcommon)|community\.(?:general|crypto))\./;

/** The short name of a filter that exists, else null. */
export const filterName = (name: string): string | null => {
  const short = name.replace(COLLECTIONS, "");
  return FILTERS.has(short) ? short : null;
};
