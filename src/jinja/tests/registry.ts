import type { FilterFunction } from "../filters/define.ts";
import { ansibleTests } from "./ansible.ts";
import { basicTests } from "./basic.ts";

/** All tests by their short names. */
export const TESTS: ReadonlyMap<string, FilterFunction> = new Map([...basicTests, ...ansibleTests]);

const COLLECTIONS = /^(?:ansible\.(?:builtin|legacy|utils|netcommon)|community\.general)\./;

/** The short name of a test that exists, else null. */
export const testName = (name: string): string | null => {
  const short = name.replace(COLLECTIONS, "");
  return TESTS.has(short) ? short : null;
};
