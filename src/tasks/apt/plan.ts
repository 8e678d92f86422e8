import { type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import { compareDebianVersions } from "../shared-probes/debian-version.ts";
import { bareName, type DebianPackages } from "../shared-probes/package-state.ts";
import { aptGet, installFlags, refreshLists, removeFlags } from "./commands.ts";
import { type AptFacts, asksForRefresh, namesOf, upgradeOf } from "./facts.ts";
import { accepts, installedFor, matching, offeredFor, type PackageSpec, parseSpec } from "./package-spec.ts";
import type { AptParams } from "./schema.ts";

/** What apt has to do: the lists first, then packages in one transaction, then cleaning up. */
export const planApt = (params: AptParams, facts: AptFacts): Plan<PlannedChange> => {
  if (facts.packages === null) return blocked("dpkg is not there: this is not a Debian system");
  const specs = namesOf(params).map(parseSpec);
  const refreshes = isStale(params, facts);
  const operation = upgradeOf(params);
  if (params.deb !== null) return planDeb(params, facts, params.deb);
  if (operation !== null)
    return planOf([...upgrades(params, facts, operation, refreshes), ...cleaning(params, facts)]);
  if (specs.length === 0) {
    return planOf([...(refreshes ? [refreshOf(params, facts, [])] : []), ...cleaning(params, facts)]);
  }
  if (params.state === "absent")
    return planOf(withCleaning(params, facts, removals(params, specs, facts.packages)));
  return planInstallation(params, facts, facts.packages, specs, refreshes);
};

const blocked = (reason: string): Plan<never> => ({ kind: "blocked", reason });

const isStale = (params: AptParams, { lists }: AptFacts): boolean =>
  asksForRefresh(params) &&
  (lists === null || lists.fetched === null || lists.now - lists.fetched > params.cache_valid_time);

/** `then` goes along where the outcome depends on what the new lists offer. */
const refreshOf = (
  params: AptParams,
  { lists }: AptFacts,
  then: PlannedChange["actions"],
): PlannedChange => ({
  view: {
    field: "package lists",
    before: lists === null || lists.fetched === null ? null : `${lists.now - lists.fetched} s old`,
    after: "fetched",
    event: true,
  },
  actions: [refreshLists(params), ...then],
});

const planInstallation = (
  params: AptParams,
  facts: AptFacts,
  packages: DebianPackages,
  specs: readonly PackageSpec[],
  refreshes: boolean,
): Plan<PlannedChange> => {
  const steps = specs.map((spec) => stepFor(params, packages, spec, refreshes));
  const obstacles = steps.flatMap((step) => (step.kind === "obstacle" ? [step.reason] : []));
  if (obstacles.length > 0) return blocked(obstacles.join("; "));
  const installs = steps.filter((step) => step.kind === "install");
  if (params.state === "latest" && refreshes) {
    const every = specs
      .filter((spec) => !params.only_upgrade || installedFor(spec, packages) !== null)
      .map(({ name, operator, version }) => (operator === "=" ? `${name}=${version}` : name));
    const views = installs.map(({ view }) => ({ view, actions: [] }));
    const then = every.length === 0 ? [] : [installation(params, every)];
    return planOf(withCleaning(params, facts, [refreshOf(params, facts, then), ...views]));
  }
  if (installs.length === 0) return planOf(withCleaning(params, facts, []));
  const transaction = installation(
    params,
    installs.map(({ word }) => word),
  );
  const changes = installs.map(({ view }, index) => ({ view, actions: index === 0 ? [transaction] : [] }));
  return planOf(
    withCleaning(params, facts, [...(refreshes ? [refreshOf(params, facts, [])] : []), ...changes]),
  );
};

const installation = (params: AptParams, words: readonly string[]) =>
  aptGet(
    params,
    [...installFlags(params), ...(params.state === "fixed" ? ["--fix-broken"] : []), "install"],
    words,
  );

/** What one package of the task needs. */
type Step =
  | { readonly kind: "nothing" }
  | { readonly kind: "install"; readonly word: string; readonly view: PlannedChange["view"] }
  | { readonly kind: "obstacle"; readonly reason: string };

const stepFor = (
  params: AptParams,
  packages: DebianPackages,
  spec: PackageSpec,
  refreshes: boolean,
): Step => {
  const installed = installedFor(spec, packages);
  const fits = installed !== null && accepts(spec, installed.version);
  if (fits && params.state !== "latest") return { kind: "nothing" };
  if (installed === null && params.only_upgrade) return { kind: "nothing" };
  const offer = packages.offers?.get(spec.name) ?? packages.offers?.get(bareName(spec.name));
  const target = offer === undefined ? null : offeredFor(spec, offer);
  const before = installed?.version ?? null;
  if (fits) {
    const newer = typeof target === "string" && compareDebianVersions(target, installed.version) > 0;
    return newer ? install(spec, before, target) : { kind: "nothing" };
  }
  if (refreshes) return install(spec, before, typeof target === "string" ? target : undefined, true);
  if (offer === undefined) return { kind: "obstacle", reason: unavailable(spec, packages) };
  if (target === null)
    return { kind: "obstacle", reason: `no available installation candidate for ${specText(spec)}` };
  if (
    before !== null &&
    target !== undefined &&
    compareDebianVersions(target, before) < 0 &&
    !params.allow_downgrade &&
    !params.force
  ) {
    return {
      kind: "obstacle",
      reason: `${spec.name} ${before} is newer than ${target}, and allow_downgrade is off`,
    };
  }
  return install(spec, before, target);
};

/** Where the lists are about to change, the wish is handed to apt as it was written. */
const install = (
  spec: PackageSpec,
  before: string | null,
  target: string | undefined,
  asWritten = false,
): Step => {
  const pin = asWritten
    ? spec.operator === "="
      ? spec.version
      : null
    : spec.operator === null
      ? null
      : (target ?? null);
  return {
    kind: "install",
    word: pin === null ? spec.name : `${spec.name}=${pin}`,
    view: { field: `package ${spec.name}`, before, after: target ?? spec.version ?? "installed" },
  };
};

const specText = ({ name, operator, version }: PackageSpec): string =>
  `${name}${operator ?? ""}${version ?? ""}`;

const unavailable = ({ name }: PackageSpec, { lists }: DebianPackages): string =>
  lists
    ? `No package matching '${name}' is available`
    : `No package matching '${name}' is available: the node has no package lists yet (update_cache fetches them)`;

const removals = (
  params: AptParams,
  specs: readonly PackageSpec[],
  packages: DebianPackages,
): readonly PlannedChange[] => {
  const going = new Map(
    specs.flatMap((spec) =>
      matching(spec, packages)
        .filter((item) => accepts(spec, item.version))
        .filter(({ state }) => state !== "residual" || params.purge)
        .map(
          (item) =>
            [spec.name.includes(":") ? `${item.name}:${item.architecture}` : item.name, item] as const,
        ),
    ),
  );
  const command = aptGet(params, [...removeFlags(params), "remove"], [...going.keys()]);
  return [...going].map(([name, { version, state }], index) => ({
    view: {
      field: state === "residual" ? `configuration of package ${name}` : `package ${name}`,
      before: version,
      after: null,
    },
    actions: index === 0 ? [command] : [],
  }));
};

const upgrades = (
  params: AptParams,
  facts: AptFacts,
  operation: readonly string[],
  refreshes: boolean,
): readonly PlannedChange[] => {
  const command = aptGet(params, [...installFlags(params), ...operation], []);
  const views = facts.upgradable.map(({ name, from, to }) => ({
    field: `package ${name}`,
    before: from,
    after: to,
  }));
  if (refreshes)
    return [refreshOf(params, facts, [command]), ...views.map((view) => ({ view, actions: [] }))];
  return views.map((view, index) => ({ view, actions: index === 0 ? [command] : [] }));
};

const planDeb = (params: AptParams, { deb }: AptFacts, path: string): Plan<PlannedChange> => {
  const file = deb?.file ?? null;
  if (file === null) return blocked(`the file ${path} does not exist or is no Debian package`);
  const installed = deb?.installed ?? null;
  const order = installed === null ? 1 : compareDebianVersions(file.version, installed);
  if (order === 0) return { kind: "converged" };
  if (order < 0 && !params.allow_downgrade && !params.force) {
    return blocked(`${file.name} ${installed} is newer than ${file.version}, and allow_downgrade is off`);
  }
  return planOf([
    {
      view: { field: `package ${file.name}`, before: installed, after: file.version },
      actions: [installation(params, [path])],
    },
  ]);
};

const cleaning = (params: AptParams, facts: AptFacts): readonly PlannedChange[] => [
  ...facts.removable.map((name, index) => ({
    view: { field: `package ${name}`, before: "no longer needed", after: null },
    actions:
      index === 0
        ? [aptGet(params, [...removeFlags({ ...params, autoremove: false }), "autoremove"], [])]
        : [],
  })),
  ...(facts.archives > 0 ? [emptied(params, `${facts.archives} files`)] : []),
];

/** An installation leaves its .deb files behind, so that `clean` has something to do after it. */
const withCleaning = (
  params: AptParams,
  facts: AptFacts,
  changes: readonly PlannedChange[],
): readonly PlannedChange[] =>
  params.clean && (changes.length > 0 || facts.archives > 0)
    ? [...changes, emptied(params, `${facts.archives} files`)]
    : changes;

const emptied = (params: AptParams, before: string): PlannedChange => ({
  view: { field: "cached package files", before, after: params.clean ? "none" : "only those still offered" },
  actions: [aptGet(params, [params.clean ? "clean" : "autoclean"], [])],
});
