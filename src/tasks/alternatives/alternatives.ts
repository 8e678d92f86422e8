import type { Action, Touched } from "../../core/action.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type Alternative, type AlternativesFacts, alternativesFacts, type Group } from "./facts.ts";
import { type AlternativesParams, type Subcommand, schema } from "./schema.ts";

/** Offers a program as one of several for a command, and makes it the one in use. */
export const alternatives = defineState<AlternativesParams, AlternativesFacts, PlannedChange>({
  kind: "state",
  name: "alternatives",
  aliases: ["community.general.alternatives"],
  summary:
    "Offers a program as one of several for the same command (update-alternatives), and makes it the one in use.",
  schema,
  example: `- community.general.alternatives:
    name: iptables
    path: /usr/sbin/iptables-nft
`,
  inspect: alternativesFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  was: (params, facts) =>
    diff(params, facts).kind === "blocked" ? {} : { msg: messages(params, facts).join(" ") },
});

function diff(params: AlternativesParams, facts: AlternativesFacts): Plan<PlannedChange> {
  if (facts.kind === "missing") {
    return {
      kind: "blocked",
      reason: "there is no update-alternatives (Debian: dpkg, RPM systems: alternatives)",
    };
  }
  const { group, program } = facts;
  const present = presentIn(params, group);
  if (params.state === "absent") return planOf(present === null ? [] : [removal(params)]);
  const installs = mustInstall(params, present);
  if (installs && !program)
    return { kind: "blocked", reason: `Specified path ${params.path} does not exist` };
  const link = params.link ?? group?.link ?? null;
  if (installs && link === null) {
    return { kind: "blocked", reason: `there are no alternatives ${params.name} yet: give link` };
  }
  return planOf([
    ...(installs ? [installation(params, present, link ?? "")] : []),
    ...(mustSelect(params, group) ? [selection(params, group)] : []),
    ...(mustReset(params, group) ? [reset(params, group)] : []),
  ]);
}

const presentIn = ({ path }: AlternativesParams, group: Group | null): Alternative | null =>
  group?.alternatives.find((one) => one.path === path) ?? null;

const mustInstall = ({ priority, subcommands }: AlternativesParams, present: Alternative | null): boolean =>
  present === null ||
  (priority !== null && priority !== present.priority) ||
  (subcommands !== null && !sameSubcommands(subcommands, present.subcommands));

const sameSubcommands = (one: readonly Subcommand[], other: readonly Subcommand[]): boolean => {
  const texts = (list: readonly Subcommand[]) =>
    list.map(({ name, path, link }) => `${name} ${path} ${link}`).sort();
  return JSON.stringify(texts(one)) === JSON.stringify(texts(other));
};

const mustSelect = ({ state, path }: AlternativesParams, group: Group | null): boolean =>
  state === "selected" && group?.current !== path;

const mustReset = ({ state }: AlternativesParams, group: Group | null): boolean =>
  state === "auto" && group?.mode === "manual";

const installation = (
  params: AlternativesParams,
  present: Alternative | null,
  link: string,
): PlannedChange => {
  const { name, path } = params;
  const priority = params.priority ?? present?.priority ?? 50;
  const subcommands = params.subcommands ?? present?.subcommands ?? [];
  return {
    view: {
      field: `alternative ${path} of ${name}`,
      before: present === null ? null : shown(present.priority, present.subcommands),
      after: shown(priority, subcommands),
    },
    actions: [
      update(
        "--install",
        link,
        name,
        path,
        String(priority),
        ...subcommands.flatMap((one) => ["--slave", one.link, one.name, one.path]),
      ),
    ],
  };
};

const shown = (priority: number, subcommands: readonly Subcommand[]): string =>
  [`priority ${priority}`, ...subcommands.map(({ link, path }) => `${link} to ${path}`)].join(", ");

/** In automatic mode a program of the highest priority is selected as soon as it is offered, yet not held. */
const selection = ({ name, path }: AlternativesParams, group: Group | null): PlannedChange => ({
  view: { field: `selected ${name}`, before: group?.current ?? null, after: path },
  actions: [update("--set", name, path)],
});

const reset = ({ name }: AlternativesParams, group: Group | null): PlannedChange => ({
  view: { field: `mode of ${name}`, before: group?.mode ?? null, after: "auto" },
  actions: [update("--auto", name)],
});

const removal = ({ name, path }: AlternativesParams): PlannedChange => ({
  view: { field: `alternative ${path} of ${name}`, before: "offered", after: null },
  actions: [update("--remove", name, path)],
});

const update = (...words: readonly string[]): Action => ({
  kind: "run",
  argv: ["update-alternatives", ...words],
  touches: [{ kind: "lasting", what: `update-alternatives ${words.join(" ")} was run` } satisfies Touched],
});

/** What Ansible says of what is to be done. */
const messages = (params: AlternativesParams, facts: AlternativesFacts): readonly string[] => {
  if (facts.kind === "missing") return [];
  const { name, path, state } = params;
  const present = presentIn(params, facts.group);
  if (state === "absent") return present === null ? [] : [`Remove alternative '${path}' from '${name}'.`];
  return [
    ...(mustInstall(params, present) ? [`Install alternative '${path}' for '${name}'.`] : []),
    ...(mustSelect(params, facts.group) ? [`Set alternative '${path}' for '${name}'.`] : []),
    ...(mustReset(params, facts.group) ? [`Set alternative to auto for '${name}'.`] : []),
  ];
};
