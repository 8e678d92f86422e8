import type { Probe } from "../../core/probe.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { type EditParams, editFacts, editPlan } from "../file-content/edit-file.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import {
  parseRepositoryFile,
  type RepositoryFile,
  renderRepositoryFile,
  type Section,
  sameSection,
} from "./repository-file.ts";
import { OPTION_NAMES, schema, type YumRepositoryParams } from "./schema.ts";

/** Keeps a repository of dnf or yum in a file of its own, or in one that it shares. */
export const yumRepository = defineState<YumRepositoryParams, LandingFacts, PlannedChange>({
  kind: "state",
  name: "yum_repository",
  aliases: ["ansible.builtin.yum_repository", "ansible.legacy.yum_repository"],
  summary: "Keeps a repository of dnf or yum in a file of its own, or in one that it shares.",
  schema,
  example: `- ansible.builtin.yum_repository:
    name: epel
    description: Extra Packages for Enterprise Linux 9
    metalink: https://mirrors.fedoraproject.org/metalink?repo=epel-9&arch=$basearch
    gpgcheck: true
    gpgkey: file:///etc/pki/rpm-gpg/RPM-GPG-KEY-EPEL-9
`,
  rules,
  inspect: (params): Probe<LandingFacts> => editFacts(editParams(params)),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ name, state }) => ({ repo: name, state }),
});

function rules(params: YumRepositoryParams): readonly string[] {
  const { state, baseurl, metalink, mirrorlist, description } = params;
  const sources = [baseurl, metalink, mirrorlist];
  return [
    ...attributeRules(params),
    ...(state === "present" && sources.every((source) => source === null)
      ? ["one of baseurl, metalink or mirrorlist is required when state is present"]
      : []),
    ...(state === "present" && description === null ? ["description is required when state is present"] : []),
  ];
}

const editParams = (params: YumRepositoryParams): EditParams => {
  const { mode, owner, group, seuser, serole, setype, selevel, attributes, unsafe_writes } = params;
  return {
    path: `${params.reposdir}/${params.file ?? params.name}.repo`,
    backup: false,
    validate: null,
    ...{ mode, owner, group, seuser, serole, setype, selevel, attributes, unsafe_writes },
  };
};

function diff(params: YumRepositoryParams, facts: LandingFacts): Plan<PlannedChange> {
  const { at } = facts;
  if (!at.parent) return { kind: "blocked", reason: `the directory ${params.reposdir} does not exist` };
  const text = at.state?.content?.toString("utf8") ?? "";
  const parsed = parseRepositoryFile(text);
  if (parsed.kind === "fault") {
    return { kind: "blocked", reason: `${at.path}:${parsed.line} is not understood: ${parsed.reason}` };
  }
  const wanted = withRepository(parsed.file, params);
  if (wanted !== null && wanted.size === 0) return planOf([removal(at.path, text, hasSecret(parsed.file))]);
  const plan = editPlan(
    {
      params: editParams(params),
      change: () => (wanted === null ? null : Buffer.from(renderRepositoryFile(wanted))),
      missing: params.state === "absent" ? "converged" : "made",
    },
    facts,
  );
  if (plan.kind !== "changes" || !(hasSecret(parsed.file) || hasSecret(wanted ?? new Map()))) return plan;
  return planOf(plan.changes.map((change) => withoutText(change, at.path)));
}

/** The file with the repository as it shall be; null where it already is. A changed section moves to the end. */
const withRepository = (file: RepositoryFile, params: YumRepositoryParams): RepositoryFile | null => {
  const present = file.get(params.name);
  const others = new Map([...file].filter(([name]) => name !== params.name));
  if (params.state === "absent") return present === undefined ? null : others;
  const section = sectionOf(params);
  return present !== undefined && sameSection(present, section) ? null : others.set(params.name, section);
};

const sectionOf = (params: YumRepositoryParams): Section => {
  const options: readonly (readonly [string, string | boolean | readonly string[] | null])[] = [
    ...OPTION_NAMES.map((name) => [name, params[name]] as const),
    ["name", params.description] as const,
  ];
  return new Map(
    options
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, optionText(name, value ?? "")] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
};

/** Lists of URLs take a line each, lists of packages one line. */
const optionText = (name: string, value: string | boolean | readonly string[]): string => {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "string") return value.trim();
  return value.map((item) => item.trim()).join(name === "baseurl" || name === "gpgkey" ? "\n" : " ");
};

const removal = (path: string, before: string, secret: boolean): PlannedChange => ({
  view: { field: path, before, after: null, ...(secret ? { secret } : {}) },
  actions: [{ kind: "remove", path }],
});

const hasSecret = (file: RepositoryFile): boolean =>
  [...file.values()].some((section) => section.has("password") || section.has("proxy_password"));

const withoutText = (change: PlannedChange, path: string): PlannedChange =>
  change.view.field === path ? { ...change, view: { ...change.view, secret: true } } : change;
