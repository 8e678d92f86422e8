import { compareDebianVersions } from "../shared-probes/debian-version.ts";
import type { DebianOffer, DebianPackage, DebianPackages } from "../shared-probes/package-state.ts";

/** A package as a task names it. */
export interface PackageSpec {
  /** With its architecture, if one was given. */
  readonly name: string;
  readonly operator: "=" | ">=" | null;
  /** For `=` it may hold wildcards. */
  readonly version: string | null;
}

/** `haproxy`, `haproxy=2.6*`, `haproxy>=2.6` taken apart. */
export const parseSpec = (text: string): PackageSpec => {
  const match = /^(.*?)\s*(>?=)\s*(.*)$/.exec(text.trim());
  if (match === null) return { name: text.trim(), operator: null, version: null };
  const [, name = "", operator, version = ""] = match;
  return { name, operator: operator === ">=" ? ">=" : "=", version };
};

/** True where a name stands for several packages. */
export const isPattern = (name: string): boolean => /[*?[]/.test(name);

/** Whether a version is one that the spec asks for. */
export const accepts = ({ operator, version }: PackageSpec, candidate: string): boolean => {
  if (operator === null || version === null) return true;
  return operator === "="
    ? globRegExp(version).test(candidate)
    : compareDebianVersions(candidate, version) >= 0;
};

const globRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/[.*+?^${}()|\\]/g, (character) =>
      character === "*" ? ".*" : character === "?" ? "." : `\\${character}`,
    )}$`,
  );

/** All packages the node has under a spec's name, those removed with their configuration kept included. */
export const matching = (spec: PackageSpec, facts: DebianPackages): readonly DebianPackage[] => {
  const [name = "", architecture] = spec.name.split(":");
  const wanted = globRegExp(name);
  return facts.packages.filter(
    (item) =>
      wanted.test(item.name) &&
      (architecture === undefined || architecture === "any" || item.architecture === architecture),
  );
};

/** The installed package behind a spec's name; for a virtual name, one that provides it. */
export const installedFor = (spec: PackageSpec, facts: DebianPackages): DebianPackage | null =>
  matching(spec, facts).find(({ state }) => state === "installed") ?? facts.provided.get(spec.name) ?? null;

/** The version that the lists offer for a spec, or null where none fits; undefined for a virtual name that apt has to resolve. */
export const offeredFor = (spec: PackageSpec, offer: DebianOffer): string | null | undefined => {
  if (offer.candidate === null && offer.versions.length === 0) return undefined;
  if (offer.candidate !== null && accepts(spec, offer.candidate)) return offer.candidate;
  return offer.versions.find((version) => spec.operator !== null && accepts(spec, version)) ?? null;
};
