import type { HostFiles } from "../environment.ts";
import { type Definition, define, type FilterTools } from "../filters/define.ts";
import { splitUrl } from "../filters/url.ts";
import { parseCidr } from "../ip/address.ts";
import { isMapping, isSequence, type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { createSeen, lookup } from "../python/compare.ts";
import { needText } from "../python/method-arguments.ts";
import { isFloat, isNumber, toNumber } from "../python/number.ts";
import { contains, iterate, truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { compileRegex, search } from "../python/regex.ts";
import { compareVersions, type VersionScheme } from "../python/version.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

const named = (
  names: readonly string[],
  body: (value: Obj, tools: FilterTools) => Obj,
): readonly Definition[] => names.map((name) => define(name, [], (value, _, tools) => body(value, tools)));

const resultOf = (value: Obj, test: string): ReadonlyMap<Obj, Obj> => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isMapping(value)) throw new PyError("FilterError", `The '${test}' test expects a dictionary`);
  return value;
};

const flag = (value: Obj, key: string, test = key): boolean =>
  truth(lookup(resultOf(value, test), key) ?? false);

/** A loop has changed something if one of its turns has. */
const changed = (value: Obj): boolean => {
  const result = resultOf(value, "changed");
  const own = lookup(result, "changed");
  if (own !== undefined) return truth(own);
  const results = lookup(result, "results");
  if (results === undefined || !isSequence(results) || !isMapping(results[0] ?? null)) return false;
  return results.some((item) => isMapping(item) && truth(lookup(item, "changed") ?? false));
};

/** Tasks that are not asynchronous count as started and finished. */
const asynchronous = (value: Obj, key: string): boolean => {
  const state = lookup(resultOf(value, key), key);
  return state === undefined || (isNumber(state) && toNumber(state) === 1);
};

const resultTests: readonly Definition[] = [
  ...named(["failed", "failure"], (value) => flag(value, "failed")),
  ...named(["succeeded", "success", "successful"], (value) => !flag(value, "failed")),
  ...named(["unreachable"], (value) => flag(value, "unreachable")),
  ...named(["reachable"], (value) => !flag(value, "unreachable")),
  ...named(["changed", "change"], changed),
  ...named(["skipped", "skip"], (value) => flag(value, "skipped")),
  ...named(["started"], (value) => asynchronous(value, "started")),
  ...named(["finished"], (value) => asynchronous(value, "finished")),
];

const REGEX_ARGUMENTS = ["pattern", "ignorecase", "multiline", "match_type"] as const;

const regexTest = (name: string, method: "match" | "search" | null): Definition =>
  define(
    name,
    method === null ? REGEX_ARGUMENTS : REGEX_ARGUMENTS.slice(0, 3),
    (value, [pattern, ignore, multi, type]) => {
      const regex = compileRegex(pattern === undefined ? "" : needText(pattern, "pattern"), {
        ignoreCase: truth(ignore ?? false),
        multiline: truth(multi ?? false),
      });
      const how = method ?? (type === undefined ? "search" : str(type));
      const match = search(regex, str(value), how !== "search");
      return match !== null && (how !== "fullmatch" || match[0].length === str(value).length);
    },
  );

const OPERATORS: ReadonlyMap<string, (order: number) => boolean> = new Map(
  (
    [
      [["==", "=", "eq"], (order: number) => order === 0],
      [["<", "lt"], (order: number) => order < 0],
      [["<=", "le"], (order: number) => order <= 0],
      [[">", "gt"], (order: number) => order > 0],
      [[">=", "ge"], (order: number) => order >= 0],
      [["!=", "<>", "ne"], (order: number) => order !== 0],
    ] as const
  ).flatMap(([names, holds]) => names.map((name) => [name, holds] as const)),
);

const SCHEMES: ReadonlyMap<string, VersionScheme> = new Map([
  ["loose", "loose"],
  ["strict", "strict"],
  ["semver", "semver"],
  ["semantic", "semver"],
  ["pep440", "pep440"],
]);

const versionTest = (name: string): Definition =>
  define(
    name,
    ["version!", "operator", "strict", "version_type"],
    (value, [version, operator, strict, type]) => {
      const isGiven = (argument: Obj | undefined): argument is Obj =>
        argument !== undefined && argument !== null;
      if (isGiven(strict) && isGiven(type)) {
        throw new PyError("FilterError", "Cannot specify both 'strict' and 'version_type'");
      }
      if (!truth(value)) throw new PyError("FilterError", "Input version value cannot be empty");
      if (!truth(given(version)))
        throw new PyError("FilterError", "Version parameter to compare against cannot be empty");
      const scheme =
        isGiven(strict) && truth(strict) ? "strict" : isGiven(type) ? SCHEMES.get(str(type)) : "loose";
      if (scheme === undefined) {
        const all = [...SCHEMES.keys()].map((known) => `'${known}'`).join(", ");
        throw new PyError("FilterError", `Invalid version type (${str(given(type))}). Must be one of ${all}`);
      }
      const holds = OPERATORS.get(operator === undefined ? "eq" : str(operator));
      if (holds === undefined) {
        const all = [...OPERATORS.keys()].map((known) => `'${known}'`).join(", ");
        throw new PyError(
          "FilterError",
          `Invalid operator type (${str(given(operator))}). Must be one of ${all}`,
        );
      }
      return holds(compareVersions(str(value), str(given(version)), scheme));
    },
  );

const subset = (inner: Obj, outer: Obj): boolean => {
  const seen = createSeen();
  for (const item of iterate(outer)) seen.add(item);
  return iterate(inner).every(seen.has);
};

const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...["y", "yes", "on", "1", "true", "t"].map((word) => [word, true] as const),
  ...["n", "no", "off", "0", "false", "f"].map((word) => [word, false] as const),
]);

const truthy = (value: Obj, convert: Obj | undefined): boolean => {
  if (convert === undefined || !truth(convert)) return truth(value);
  const text = textOf(value);
  const word = text ?? (isNumber(value) && [0, 1].includes(toNumber(value)) ? String(toNumber(value)) : null);
  return BOOLEAN_WORDS.get((word ?? "").trim().toLowerCase()) ?? truth(value);
};

const dataTests: readonly Definition[] = [
  define("contains", ["value!"], (value, [item]) => contains(value, given(item))),
  define("any", [], (value) => iterate(value).some((item) => truth(item))),
  define("all", [], (value) => iterate(value).every((item) => truth(item))),
  ...["subset", "issubset"].map((name) =>
    define(name, ["b!"], (value, [other]) => subset(value, given(other))),
  ),
  ...["superset", "issuperset"].map((name) =>
    define(name, ["b!"], (value, [other]) => subset(given(other), value)),
  ),
  ...named(["nan", "isnan"], (value) => isFloat(value) && Number.isNaN(toNumber(value))),
  define("truthy", ["convert_bool"], (value, [convert]) => truthy(value, convert)),
  define("falsy", ["convert_bool"], (value, [convert]) => !truthy(value, convert)),
  ...named(["vault_encrypted"], () => false),
];

const isUri = (value: Obj, schemes: Obj | undefined): boolean => {
  const text = textOf(value);
  if (text === null) return false;
  try {
    const { scheme } = splitUrl(text);
    return schemes === undefined || !truth(schemes) || contains(schemes, scheme);
  } catch (error) {
    if (error instanceof PyError) return false;
    throw error;
  }
};

const isUrl = (value: Obj, schemes: Obj | undefined): boolean => {
  if (!isUri(value, schemes)) return false;
  const { netloc, scheme } = splitUrl(str(value));
  return netloc !== "" || scheme === "file";
};

const uriTests: readonly Definition[] = [
  define("uri", ["schemes"], (value, [schemes]) => isUri(value, schemes)),
  define("url", ["schemes"], (value, [schemes]) => isUrl(value, schemes)),
  define("urn", [], (value) => isUri(value, ["urn"])),
];

const files = ({ host }: FilterTools): HostFiles => {
  if (host.files === undefined || host.files === null)
    throw new PyError("Refused", "files cannot be looked at from here");
  return host.files;
};

const fileTests: readonly Definition[] = [
  ...named(["abs", "is_abs"], (value) => needText(defined(value), "path").startsWith("/")),
  ...named(["directory", "is_dir"], (value, tools) => files(tools).kindOf(str(value), true) === "directory"),
  ...named(["file", "is_file"], (value, tools) => files(tools).kindOf(str(value), true) === "file"),
  ...named(["link", "is_link"], (value, tools) => files(tools).kindOf(str(value), false) === "link"),
  ...named(["exists"], (value, tools) => files(tools).kindOf(str(value), true) !== null),
  ...named(["link_exists"], (value, tools) => files(tools).kindOf(str(value), false) !== null),
  ...["same_file", "is_same_file"].map((name) =>
    define(
      name,
      ["other!"],
      (value, [other], tools) =>
        files(tools).realPath(str(value)) === files(tools).realPath(str(given(other))),
    ),
  ),
  ...named(["mount", "is_mount"], () => {
    throw new PyError("Refused", "the test 'mount' is not available: ask the node with a task");
  }),
];

const defined = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  return value;
};

const ipTest = (name: string, version: 4 | 6 | null): Definition =>
  define(name, [], (value) => {
    const cidr = textOf(value) === null ? null : parseCidr(str(value));
    return cidr !== null && (version === null || cidr.version === version);
  });

/** Ansible's tests. */
export const ansibleTests: readonly Definition[] = [
  ...resultTests,
  regexTest("match", "match"),
  regexTest("search", "search"),
  regexTest("regex", null),
  versionTest("version"),
  versionTest("version_compare"),
  ...dataTests,
  ...uriTests,
  ...fileTests,
];

/** The tests of ansible.utils for addresses. */
export const ipTests: readonly Definition[] = [ipTest("ip", null), ipTest("ipv4", 4), ipTest("ipv6", 6)];
