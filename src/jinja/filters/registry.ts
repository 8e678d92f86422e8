import type { FilterFunction } from "./define.ts";
import { listFilters } from "./lists.ts";
import { textFilters } from "./text.ts";

/** All filters by their short names. */
export const FILTERS: ReadonlyMap<string, FilterFunction> = new Map([...textFilters, ...listFilters]);

/** Collections whose filters are here under their short names. */
const COLLECTIONS = /^(?:ansible\.(?:builtin|legacy|utils|netcommon)|community\.(?:general|crypto))\./;

/** The short name of a filter that exists, else null. */
export const filterName = (name: string): string | null => {
  const short = name.replace(COLLECTIONS, "");
  return FILTERS.has(short) ? short : null;
};
