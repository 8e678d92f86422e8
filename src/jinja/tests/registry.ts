import type { Definition, FilterFunction } from "../filters/define.ts";
import { ansibleTests, ipTests } from "./ansible.ts";
import { basicTests } from "./basic.ts";

/** All tests by their short names. */
export const TESTS: ReadonlyMap<string, FilterFunction> = new Map([
  ...basicTests,
  ...ansibleTests,
  ...ipTests,
]);

const names = (definitions: readonly Definition[]): ReadonlySet<string> =>
  new Set(definitions.map(([name]) => name));

const COLLECTIONS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["ansible.builtin", names(ansibleTests)],
  ["ansible.legacy", names(ansibleTests)],
  ["ansible.utils", names(ipTests)],
]);

/** The short name of a test that exists, else null. */
export const testName = (name: string): string | null => {
  const dot = name.lastIndexOf(".");
  if (dot === -1) return TESTS.has(name) ? name : null;
  const short = name.slice(dot + 1);
  return COLLECTIONS.get(name.slice(0, dot))?.has(short) === true ? short : null;
};
