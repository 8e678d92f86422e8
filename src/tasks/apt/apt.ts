import { defineState } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type AptFacts, probe } from "./facts.ts";
import { isPattern, parseSpec } from "./package-spec.ts";
import { planApt } from "./plan.ts";
import { type AptParams, schema } from "./schema.ts";

/** Installs, upgrades and removes Debian packages. */
export const apt = defineState<AptParams, AptFacts, PlannedChange>({
  kind: "state",
  name: "apt",
  aliases: ["ansible.builtin.apt"],
  summary: "Installs, upgrades and removes Debian packages.",
  schema,
  example: `- ansible.builtin.apt:
    name:
      - haproxy=2.6*
      - keepalived
    state: present
    update_cache: true
    cache_valid_time: 3600
    install_recommends: false
`,
  rules,
  inspect: probe,
  diff: planApt,
  view: viewOf,
  apply: actionsOf,
  result: (_params, { lists }) => (lists === null ? {} : { cache_update_time: lists.fetched ?? 0 }),
});

function rules(params: AptParams): readonly string[] {
  const { name, state, deb, upgrade } = params;
  const specs = (name ?? []).map((item) => item.trim());
  return [
    ...(state === "build-dep" ? ["state build-dep is not supported: name the packages to install"] : []),
    ...([name !== null, deb !== null, upgrade !== "no"].filter(Boolean).length > 1
      ? ["name, deb and upgrade exclude each other"]
      : []),
    ...(deb !== null && state !== "present" ? ["deb goes with state present only"] : []),
    ...(doesNothing(params)
      ? ["one of name, deb, upgrade, update_cache, autoremove, autoclean or clean is required"]
      : []),
    ...(specs.includes("*") && (state !== "latest" || specs.length > 1)
      ? ["the name * stands alone and goes with state latest"]
      : []),
    ...specs.filter((item) => item !== "*").flatMap((item) => specFaults(item, state)),
  ];
}

const doesNothing = (params: AptParams): boolean =>
  params.name === null &&
  params.deb === null &&
  params.upgrade === "no" &&
  params.update_cache === null &&
  params.cache_valid_time === 0 &&
  !params.autoremove &&
  !params.autoclean &&
  !params.clean;

const specFaults = (item: string, state: AptParams["state"]): readonly string[] => {
  const { name, operator, version } = parseSpec(item);
  if (item === "") return ["an empty package name (a list needs at least a text per item)"];
  if (/^[/.]|:\/\//.test(name)) return [`${item} is not a package name: use deb for a file on the node`];
  if (!/^[A-Za-z0-9*?[\]][A-Za-z0-9+.*?[\]-]*(:[a-z0-9-]+)?$/.test(name))
    return [`${item} is not a package name`];
  if (operator !== null && (version === "" || version?.includes("=") === true))
    return [`${item} is not a package with a version`];
  if (isPattern(name) && state !== "absent")
    return [
      `${item}: patterns name packages only for state absent, since what they stand for changes with the lists`,
    ];
  return [];
};
