import type { RoleInstance, Step } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { type Expression, isTemplate, type Source, type SourceDict, type Template } from "../core/value.ts";
import { isCertainIn } from "./certainty.ts";
import type { Analyse, FreeVariable, Report, TextOptions } from "./check-options.ts";
import { collectFacts, type KnownNames, playNames } from "./known-names.ts";
import { templatesIn } from "./node.ts";
import { loopNames, type Visit, type VisitedPlay } from "./visit.ts";

/**
 * Reports variables that are needed for certain and that nothing defines: no inventory, play, role, file, loop,
 * registered result or fact. Where something that is known only in the run might define them, nothing is said.
 */
export const checkVariables = (plays: readonly VisitedPlay[], options: TextOptions, report: Report): void => {
  const facts = collectFacts(plays, options);
  if (facts.open) return;
  for (const visited of plays) {
    const known = playNames(visited, options, report);
    if (known.open) continue;
    const site: Site = {
      names: new Map([...facts.names, ...known.names]),
      analyse: options.analyse,
      report,
      followed: new Set(),
    };
    for (const visit of visited.visits) checkVisit(visit, site, options);
  }
};

interface Site {
  /** Every name with all its definitions; a name that comes to be in the run has none of them. */
  readonly names: KnownNames;
  readonly analyse: Analyse;
  readonly report: Report;
  readonly followed: Set<Template>;
}

const checkVisit = ({ step, loopNames: outer, certain }: Visit, site: Site, options: TextOptions): void => {
  if (step.kind === "block" || step.keywords.ignoreErrors !== null || isNever(step)) return;
  const local = new Map(site.names);
  for (const layer of scopeLayers(step))
    for (const [key, value] of layer) local.set(String(key), [...(local.get(String(key)) ?? []), value]);
  for (const name of [...outer, ...loopNames(step)]) local.set(name, []);
  const own: Site = { ...site, names: local };
  const guards = new Set<string>();
  for (const [index, condition] of step.keywords.when.entries()) {
    if (index === 0 && step.keywords.loop === null) checkText(condition, own, guards);
    for (const { name, guarded } of site.analyse(condition).variables) if (guarded) guards.add(name);
  }
  if (!certain) return;
  for (const text of certainTexts(step, options)) checkText(text, own, guards);
};

/** Tasks that run only when they are asked for by tag may rely on what comes with that. */
const isNever = (step: Step): boolean => step.keywords.tags.includes("never");

const scopeLayers = (step: Step): readonly SourceDict[] => {
  const layers: SourceDict[] = [...step.keywords.vars];
  if (step.kind === "block") return layers;
  for (let role: RoleInstance | null = step.role; role !== null; role = role.parent)
    layers.push(role.defaults, role.vars, role.params);
  return layers;
};

/** What is rendered for certain when the step is reached: not its name, nor what is looked at afterwards or lazily. */
function* certainTexts(step: Step, options: TextOptions): Generator<Template | Expression> {
  if (step.kind === "block") return;
  const { keywords } = step;
  if (keywords.loop !== null) yield* templatesIn(keywords.loop.items);
  // A loop may be empty, and then nothing else of the task is looked at.
  if (keywords.loop !== null && !isFullList(keywords.loop.items)) return;
  if (step.kind === "task" || step.kind === "include") yield* templatesIn(step.args);
  for (const source of [keywords.delegateTo, keywords.becomeUser, keywords.become, ...keywords.environment])
    yield* templatesIn(source);
  if (step.kind === "task") yield* options.fileTexts(step);
}

const isFullList = (items: Source): boolean => Array.isArray(items) && items.length > 0;

const checkText = (text: Template | Expression, site: Site, guards: ReadonlySet<string>): void => {
  for (const variable of site.analyse(text).variables) {
    if (variable.guarded || guards.has(variable.name) || !isCertainIn(text, variable.name)) continue;
    const definitions = site.names.get(variable.name);
    if (definitions !== undefined) followDefinition(definitions, site, guards);
    else if (!isMagic(variable.name)) undefinedVariable(variable, site);
  }
};

/** A variable whose only definition is a template needs in turn what that template needs. */
const followDefinition = (definitions: readonly Source[], site: Site, guards: ReadonlySet<string>): void => {
  const [only] = definitions;
  if (definitions.length !== 1 || !isTemplate(only) || site.followed.has(only)) return;
  site.followed.add(only);
  checkText(only, site, guards);
};

const undefinedVariable = (variable: FreeVariable, site: Site): void => {
  const near = suggest(variable.name, [...site.names.keys(), ...MAGIC]);
  const hint =
    near === null
      ? "define it in the play, a role's defaults or the inventory, or give it a default(…)"
      : `did you mean ${near}?`;
  site.report({
    code: "E_UNDEFINED",
    message: `"${variable.name}" is defined nowhere`,
    at: variable.at,
    hint,
  });
};

/** Variables that are always there. */
const MAGIC = [
  "inventory_hostname",
  "inventory_hostname_short",
  "inventory_dir",
  "inventory_file",
  "group_names",
  "groups",
  "hostvars",
  "play_hosts",
  "playbook_dir",
  "role_name",
  "role_names",
  "role_path",
  "omit",
  "vars",
];

const isMagic = (name: string): boolean => /^_?ansible_/.test(name) || MAGIC.includes(name);
