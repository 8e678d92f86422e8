import type { Action, Touched } from "../../core/action.ts";
import { argv } from "../../core/shell.ts";
import { type Plan, planOf } from "../../core/task.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { PackageManager, RpmPackage } from "../shared-probes/package-state.ts";
import { compareRpmVersions } from "../shared-probes/rpm-version.ts";
import type { RpmFacts } from "./facts.ts";
import { namesOf, optionFlags, repositoryFlags, stateOf, upgradeFlags } from "./flags.ts";
import type { RpmParams } from "./schema.ts";

/** What dnf or yum has to do: metadata first, then packages in one transaction. */
export const planRpm = (params: RpmParams, facts: RpmFacts): Plan<PlannedChange> => {
  if (facts.manager === null || facts.packages === null)
    return { kind: "blocked", reason: "neither dnf nor yum is there: this is not an RPM system" };
  const unanswered = facts.updates.fault ?? facts.metadataFault;
  if (unanswered !== null)
    return { kind: "blocked", reason: `the repositories cannot be asked: ${unanswered}` };
  const state = stateOf(params);
  const manager = facts.manager;
  if (state === "absent") return planOf(removals(params, facts, manager));
  if (state === "latest" && params.name?.includes("*") === true)
    return planOf(upgrades(params, facts, manager));
  const downgrades = params.allow_downgrade ? [] : downgradesOf(params, facts);
  if (downgrades.length > 0) return { kind: "blocked", reason: downgrades.join("; ") };
  const changes = installations(params, facts, manager);
  // With state latest the metadata is new already: the updates were read after it was fetched.
  const refreshes = params.update_cache && state === "present" && changes.length > 0;
  return planOf([...(refreshes ? [refresh(params, manager)] : []), ...changes]);
};

const refresh = (params: RpmParams, manager: PackageManager): PlannedChange => ({
  view: { field: "repository metadata", before: null, after: "fetched", event: true },
  actions: [
    run([manager, "-q", ...repositoryFlags(params), "clean", "expire-cache"]),
    run([manager, "-q", "-y", ...repositoryFlags(params), "makecache"]),
  ],
});

const run = (words: readonly string[]): Action => ({
  kind: "run",
  argv: words,
  timeoutMs: null,
  touches: words.includes("makecache") || words.includes("expire-cache") ? [] : [ran(words)],
});

const ran = (words: readonly string[]): Touched => ({
  kind: "lasting",
  what: `${words.filter((word) => !word.startsWith("-")).join(" ")} was run`,
});

/** Names whose version is older than what is installed: dnf would take it without a word. */
const downgradesOf = (params: RpmParams, facts: RpmFacts): readonly string[] =>
  namesOf(params).flatMap((name) => {
    const match = facts.packages?.get(name);
    if (match === undefined || match.installed.length > 0) return [];
    return match.others
      .filter((other) => {
        const wanted = wantedVersion(name, other);
        return wanted !== null && compareRpmVersions(wanted, `${other.version}-${other.release}`) < 0;
      })
      .map(
        (other) =>
          `${versionsOf([other])} of ${other.name} is newer than ${name}, and allow_downgrade is off`,
      );
  });

/** python3-dnf is no version of python3, nor is python3-3to2. */
const VERSION = /^\d+[a-z]?([.~^+_][\w.~^+]*)?(-\d[\w.~^+]*)?$/;

/**
 * The version behind the package's name, if it is one; a release that was not asked for is taken to be the installed one,
 * and of a pattern what stands before the first wildcard counts.
 */
const wantedVersion = (
  name: string,
  { name: base, version, release, architecture }: RpmPackage,
): string | null => {
  const rest = name
    .slice(base.length + 1)
    .replace(/^\d+:/, "")
    .replace(new RegExp(`\\.${architecture}$`), "")
    .replace(/[-.~^+_]*[*?[].*$/, "");
  if (!VERSION.test(rest)) return null;
  return rest.includes("-") || compareRpmVersions(rest, version) !== 0 ? rest : `${version}-${release}`;
};

interface WantedPackage {
  readonly name: string;
  readonly before: string | null;
  readonly after: string;
}

const installations = (
  params: RpmParams,
  facts: RpmFacts,
  manager: PackageManager,
): readonly PlannedChange[] => {
  const wanted = namesOf(params).flatMap((name): readonly WantedPackage[] => {
    const found = facts.packages?.get(name)?.installed ?? [];
    if (found.length === 0) return params.update_only ? [] : [{ name, before: null, after: "installed" }];
    const update = facts.updates.list?.find((item) => found.some((has) => has.name === item.name));
    return update === undefined ? [] : [{ name, before: versionsOf(found), after: update.version }];
  });
  const commands = [
    ...install(
      params,
      manager,
      wanted.filter(({ before }) => before === null).map(({ name }) => name),
    ),
    ...upgrade(
      params,
      manager,
      wanted.filter(({ before }) => before !== null).map(({ name }) => name),
    ),
  ];
  return wanted.map(({ name, before, after }, index) => ({
    view: { field: `package ${name}`, before, after },
    actions: index === 0 ? commands : [],
  }));
};

/** yum's install leaves a newer version alone and says that all is well; a downgrade is a command of its own. */
const install = (params: RpmParams, manager: PackageManager, names: readonly string[]): readonly Action[] => {
  if (names.length === 0) return [];
  const command = [manager, "-y", "-q", ...optionFlags(params), ...bestFlag(params, manager)];
  if (!params.allow_downgrade || manager === "dnf") return [run([...command, "install", ...names])];
  const script = [
    argv(...command, "install", ...names),
    `for n in ${argv(...names)}; do rpm -q "$n" >/dev/null 2>&1 || rpm -q --whatprovides "$n" >/dev/null 2>&1 || ${argv(...command, "downgrade")} "$n" || exit; done`,
  ];
  return [
    {
      kind: "script",
      script: script.join("\n"),
      timeoutMs: null,
      touches: [ran([...command, "install", ...names])],
    },
  ];
};

const upgrade = (params: RpmParams, manager: PackageManager, names: readonly string[]): readonly Action[] =>
  names.length === 0
    ? []
    : [
        run([
          ...upgradeCommand(params, manager),
          ...bestFlag(params, manager),
          upgradeVerb(manager),
          ...names,
        ]),
      ];

const upgradeCommand = (params: RpmParams, manager: PackageManager): readonly string[] => [
  manager,
  "-y",
  "-q",
  ...upgradeFlags(params),
];

const upgradeVerb = (manager: PackageManager): string => (manager === "dnf" ? "upgrade" : "update");

/** The newest or nothing, as Ansible asks for it; yum knows no such thing. */
const bestFlag = (params: RpmParams, manager: PackageManager): readonly string[] =>
  stateOf(params) === "latest" && manager === "dnf" && !params.nobest ? ["--best"] : [];

const upgrades = (params: RpmParams, facts: RpmFacts, manager: PackageManager): readonly PlannedChange[] => {
  const command = run([...upgradeCommand(params, manager), upgradeVerb(manager)]);
  return (facts.updates.list ?? []).map(({ name, version }, index) => ({
    view: { field: `package ${name}`, before: "older", after: version },
    actions: index === 0 ? [command] : [],
  }));
};

const removals = (params: RpmParams, facts: RpmFacts, manager: PackageManager): readonly PlannedChange[] => {
  const names = namesOf(params);
  const verb = params.autoremove ? "autoremove" : "remove";
  if (names.length === 0) {
    return facts.removable.map((name, index) => ({
      view: { field: `package ${name}`, before: "no longer needed", after: null },
      actions: index === 0 ? [run([manager, "-y", "-q", "autoremove"])] : [],
    }));
  }
  const going = names.flatMap((name) => {
    const found = facts.packages?.get(name)?.installed ?? [];
    return found.length === 0 ? [] : [{ name, before: versionsOf(found) }];
  });
  const command = [manager, "-y", "-q", ...repositoryFlags(params), ...keepFlag(params), verb];
  return going.map(({ name, before }, index) => ({
    view: { field: `package ${name}`, before, after: null },
    actions: index === 0 ? [run([...command, ...going.map((item) => item.name)])] : [],
  }));
};

/** By itself dnf would take along what the package brought, of which neither the task nor check mode says a word. */
const keepFlag = ({ autoremove }: RpmParams): readonly string[] =>
  autoremove ? [] : ["--setopt=clean_requirements_on_remove=0"];

const versionsOf = (packages: readonly RpmPackage[]): string =>
  packages
    .map(({ epoch, version, release }) => `${epoch === "0" ? "" : `${epoch}:`}${version}-${release}`)
    .join(", ");
