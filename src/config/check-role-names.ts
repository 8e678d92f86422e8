import { LbplayError, placeText } from "../core/error.ts";
import type { RoleInstance } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { isDict, type Source, type SourceDict } from "../core/value.ts";
import type { CheckOptions, TextOptions } from "./check-options.ts";
import { playTexts, stepTexts } from "./check-texts.ts";
import { playHosts } from "./known-names.ts";
import { originOf } from "./origins.ts";
import type { VisitedPlay } from "./visit.ts";

/** More edits than this are another word. */
const MOST_EDITS = 2;

/**
 * Warns of variables that are named like those of a role with an argument spec, that no role declares and no text uses,
 * and that are nearly called like one: `haproxy_fronteds` would be without effect, and nobody would say so.
 */
export const checkRoleNames = (plays: readonly VisitedPlay[], options: TextOptions): void => {
  const { warn } = options;
  const roles = plays.flatMap(rolesOf);
  const specified = roles.filter(({ argumentSpecs }) => argumentSpecs.size > 0);
  if (warn === undefined || specified.length === 0) return;
  const declared = new Set(roles.flatMap(namesOf));
  let used: ReadonlySet<string> | null = null;
  const told = new Set<string>();
  for (const play of plays)
    for (const vars of definitionsOf(play, options))
      for (const [key] of vars) {
        const name = String(key);
        if (declared.has(name)) continue;
        const warning = warningFor(name, vars, rolesOf(play));
        const place = placeText(warning?.at ?? null);
        if (warning === null || place === null || told.has(place)) continue;
        told.add(place);
        used ??= usedIn(plays, options);
        if (!used.has(name)) warn(warning);
      }
};

const warningFor = (name: string, vars: SourceDict, roles: readonly RoleInstance[]): LbplayError | null => {
  const origin = originOf(vars, name);
  if (origin === null) return null;
  for (const role of roles) {
    const prefix = prefixOf(role);
    if (role.argumentSpecs.size === 0 || !name.startsWith(prefix)) continue;
    const own = namesOf(role).filter((one) => one.startsWith(prefix));
    const near = suggest(
      name.slice(prefix.length),
      own.map((one) => one.slice(prefix.length)),
      MOST_EDITS,
    );
    if (near !== null)
      return new LbplayError({
        code: "W_ROLE_VARIABLE",
        message: `the role ${role.name} has no variable "${name}", and nothing uses it`,
        at: origin.keyAt,
        hint: `did you mean ${prefix}${near}?`,
      });
  }
  return null;
};

const rolesOf = ({ play, included }: VisitedPlay): readonly RoleInstance[] => [
  ...play.roles,
  ...included.map(({ instance }) => instance),
];

/** `haproxy_`, also of the role `my.collection.haproxy`. */
const prefixOf = ({ name }: RoleInstance): string => `${name.replace(/^.*\./, "").replaceAll("-", "_")}_`;

/** The variables that a role declares, of all its entry points. */
const namesOf = ({ argumentSpecs, defaults, vars }: RoleInstance): readonly string[] => [
  ...[...argumentSpecs.values()].flatMap((spec) => {
    const options = isDict<Source>(spec) ? spec.get("options") : undefined;
    return isDict<Source>(options) ? [...options.keys()].map(String) : [];
  }),
  ...[...defaults.keys(), ...vars.keys()].map(String),
];

/** The dicts in which users define variables for a play. */
const definitionsOf = ({ play }: VisitedPlay, options: CheckOptions): readonly SourceDict[] => [
  ...(playHosts(play, options) ?? []).flatMap((host) => options.inventory.hosts.get(host)?.vars ?? []),
  play.vars,
  ...play.roles.map(({ params }) => params),
];

/** The variables that any text of the plays looks at. */
const usedIn = (plays: readonly VisitedPlay[], options: TextOptions): ReadonlySet<string> => {
  const used = new Set<string>();
  for (const { play, visits } of plays) {
    const texts = [
      ...playTexts(play, options),
      ...visits.flatMap(({ step }) => [
        ...stepTexts(step),
        ...(step.kind === "task" ? options.fileTexts(step) : []),
      ]),
    ];
    for (const text of texts) for (const { name } of options.analyse(text).variables) used.add(name);
  }
  return used;
};
