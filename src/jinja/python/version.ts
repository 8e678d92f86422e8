import { PyError } from "../objects.ts";
import { compareText } from "./text.ts";

/** How versions are read: anything goes (`loose`), numbers with a final letter (`strict`), SemVer 2, or PEP 440. */
export type VersionScheme = "loose" | "strict" | "semver" | "pep440";

/** Compares two versions: below, equal (0) or above zero. */
export const compareVersions = (a: string, b: string, scheme: VersionScheme): number => {
  switch (scheme) {
    case "loose":
      return compareLoose(loose(a), loose(b));
    case "strict":
      return compareStrict(strict(a), strict(b));
    case "semver":
      return compareSemver(semver(a), semver(b));
    case "pep440":
      return comparePep440(pep440(a), pep440(b));
  }
};

type Part = number | string;

const loose = (text: string): readonly Part[] =>
  text
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== "" && part !== ".")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const compareLoose = (a: readonly Part[], b: readonly Part[]): number => {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (typeof left === "string" && typeof right === "string") return compareText(left, right);
    throw new PyError(
      "FilterError",
      `Version comparison failed: '<' not supported between instances of '${partType(left)}' and '${partType(right)}'`,
    );
  }
  return a.length - b.length;
};

const partType = (part: Part): string => (typeof part === "number" ? "int" : "str");

interface Strict {
  readonly numbers: readonly number[];
  readonly pre: readonly [string, number] | null;
}

const strict = (text: string): Strict => {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text);
  if (match === null)
    throw new PyError("FilterError", `Version comparison failed: invalid version number '${text}'`);
  const [, major, minor, patch = "0", letter, number] = match;
  const pre = letter === undefined || number === undefined ? null : ([letter, Number(number)] as const);
  return { numbers: [Number(major), Number(minor), Number(patch)], pre };
};

const compareNumbers = (a: readonly number[], b: readonly number[]): number => {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

const compareStrict = (a: Strict, b: Strict): number => {
  const numbers = compareNumbers(a.numbers, b.numbers);
  if (numbers !== 0) return numbers;
  if (a.pre === null || b.pre === null) return (a.pre === null ? 1 : 0) - (b.pre === null ? 1 : 0);
  return compareText(a.pre[0], b.pre[0]) || a.pre[1] - b.pre[1];
};

interface Semver {
  readonly numbers: readonly number[];
  readonly pre: readonly Part[];
}

const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

const semver = (text: string): Semver => {
  const match = SEMVER.exec(text);
  if (match === null)
    throw new PyError("FilterError", `Version comparison failed: invalid semantic version '${text}'`);
  const [, major, minor, patch, pre] = match;
  const parts =
    pre === undefined ? [] : pre.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: parts };
};

/** Numbers come before words, and fewer parts before more. */
const compareParts = (a: readonly Part[], b: readonly Part[]): number => {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left === right) continue;
    if (typeof left === "number") return typeof right === "number" ? left - right : -1;
    return typeof right === "number" ? 1 : compareText(left, right);
  }
  return a.length - b.length;
};

const compareSemver = (a: Semver, b: Semver): number => {
  const numbers = compareNumbers(a.numbers, b.numbers);
  if (numbers !== 0) return numbers;
  if (a.pre.length === 0 || b.pre.length === 0)
    return (a.pre.length === 0 ? 1 : 0) - (b.pre.length === 0 ? 1 : 0);
  return compareParts(a.pre, b.pre);
};

interface Pep440 {
  readonly epoch: number;
  readonly numbers: readonly number[];
  readonly pre: readonly [number, number] | null;
  readonly post: number | null;
  readonly dev: number | null;
  readonly local: readonly Part[] | null;
}

const PEP440 =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;

const pep440 = (text: string): Pep440 => {
  const match = PEP440.exec(text);
  if (match === null)
    throw new PyError("FilterError", `Version comparison failed: Invalid version: '${text}'`);
  const [
    ,
    epoch = "0",
    release = "",
    letter,
    pre = "",
    dash,
    post,
    postNumber = "",
    dev,
    devNumber = "",
    local,
  ] = match;
  const rank = (name: string): number => (name.startsWith("a") ? 0 : name.startsWith("b") ? 1 : 2);
  return {
    epoch: Number(epoch),
    numbers: release.split(".").map(Number),
    pre: letter === undefined ? null : [rank(letter.toLowerCase()), Number(pre)],
    post: dash !== undefined ? Number(dash) : post === undefined ? null : Number(postNumber),
    dev: dev === undefined ? null : Number(devNumber),
    local:
      local === undefined
        ? null
        : local.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part.toLowerCase())),
  };
};

/** Development releases come before alphas, which come before the release, which comes before its posts. */
const comparePep440 = (a: Pep440, b: Pep440): number => {
  const pre = ({ pre: found, post, dev }: Pep440): readonly number[] => {
    if (found !== null) return found;
    return post === null && dev !== null ? [-1, 0] : [3, 0];
  };
  const ranks = (version: Pep440): readonly number[] => [
    ...pre(version),
    version.post ?? -1,
    version.dev ?? Number.MAX_SAFE_INTEGER,
  ];
  return (
    a.epoch - b.epoch ||
    compareNumbers(a.numbers, b.numbers) ||
    compareNumbers(ranks(a), ranks(b)) ||
    compareLocal(a.local, b.local)
  );
};

/** In local versions numbers come after words. */
const compareLocal = (a: readonly Part[] | null, b: readonly Part[] | null): number => {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (typeof left !== typeof right) return typeof left === "number" ? 1 : -1;
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : compareText(String(left), String(right));
    if (order !== 0) return order;
  }
  return a.length - b.length;
};
