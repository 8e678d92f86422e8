import { type ArgumentFault, faultText, pathText } from "../core/argument-spec/findings.ts";
import { type ArgumentSpec, isFlagged, optionsOf, UNDECIDED } from "../core/argument-spec/option.ts";
import { specFaults } from "../core/argument-spec/spec-faults.ts";
import { validateArguments } from "../core/argument-spec/validate.ts";
import type { Place } from "../core/error.ts";
import type { Definition, KnownValues } from "../core/known-values.ts";
import type { TaskStep } from "../core/play.ts";
import { remembered } from "../core/remembered.ts";
import {
  isDict,
  isList,
  isTemplate,
  type Source,
  type SourceDict,
  type Template,
  type Value,
} from "../core/value.ts";
import { shortName } from "./catalog.ts";
import type { CheckOptions, Report } from "./check-options.ts";
import { masked } from "./files.ts";
import { collectFacts, playHosts, playNames } from "./known-names.ts";
import { isLiteral, nodeOf, placeOf, type YamlNode } from "./node.ts";
import { type Origin, originOf } from "./origins.ts";
import { argumentsOf, loopNames, type Visit, type VisitedPlay } from "./visit.ts";

/**
 * Reports arguments of roles that are for certain not as the role's spec says: what is known of the variables of each
 * host before the run is validated like the run does it, and the rest is left to the run.
 */
export const checkRoleArguments = (
  plays: readonly VisitedPlay[],
  options: CheckOptions,
  report: Report,
): void => {
  const { known } = options;
  const facts = collectFacts(plays, options);
  if (known === undefined || facts.open) return;
  for (const visited of plays) {
    const hosts = playHosts(visited.play, options);
    const names = playNames(visited, options, () => {});
    // A play that may end before a role says nothing of the role's arguments.
    if (hosts === null || names.open || visited.visits.some(endsEarly)) continue;
    const uncertain = new Set([...facts.names.keys(), ...promptedOrIncluded(visited)]);
    for (const host of options.limited?.(hosts) ?? hosts)
      for (const visit of visited.visits.filter(isValidation)) {
        const { step } = visit;
        if (step.kind !== "task") continue;
        const loops = new Set([...visit.loopNames, ...loopNames(step)]);
        const values = known({
          play: visited.play,
          host,
          role: step.role,
          keywords: step.keywords,
          params: visit.params,
          files: names.files,
          uncertain: (name) => uncertain.has(name) || loops.has(name),
        });
        checkArguments({ step, values, options, report });
      }
  }
};

const endsEarly = ({ step }: Visit): boolean => step.kind === "meta" && step.action.startsWith("end_");

/** Names whose values come at the prompt, or with a role that the whole play sees once it is included. */
const promptedOrIncluded = ({ play, included }: VisitedPlay): readonly string[] => [
  ...play.varsPrompt.map(({ name }) => name),
  ...included
    .filter((role) => role.public)
    .flatMap(({ instance }) => [...instance.defaults.keys(), ...instance.vars.keys()].map(String)),
];

/** A validation that is reached for certain, and whose failure is one. */
const isValidation = ({ step, certain, rescued, handler }: Visit): boolean =>
  step.kind === "task" &&
  shortName(step.module) === "validate_argument_spec" &&
  certain &&
  !rescued &&
  !handler &&
  step.keywords.loop === null &&
  step.keywords.ignoreErrors === null &&
  step.keywords.failedWhen === null &&
  !step.keywords.tags.includes("never");

interface Site {
  readonly step: TaskStep;
  readonly values: KnownValues;
  readonly options: CheckOptions;
  readonly report: Report;
}

const checkArguments = (site: Site): void => {
  const args = argumentsOf(site.step.args);
  const spec = decided(args.get("argument_spec") ?? null, site.values);
  if (!isDict<Value>(spec) || spec === UNDECIDED || !isSound(spec)) return;
  const provided = args.get("provided_arguments") ?? new Map();
  if (!isDict<Source>(provided)) return;
  const given = new Map<Value, Value>();
  const judged = new Map(spec);
  for (const [name] of optionsOf(spec)) {
    const variable = site.values.variable(name);
    if (variable.kind === "defined") given.set(name, resolved(variable.definition.source, site.values, []));
    else if (variable.kind === "unknown") judged.delete(name);
  }
  for (const [name, source] of provided) given.set(name, resolved(source, site.values, []));
  for (const { faults } of validateArguments(judged, given))
    for (const fault of faults) if (!isUndecidedName(fault, spec)) tell(fault, spec, provided, site);
};

/** Whether arguments can be validated by a spec at all. */
const isSound = remembered((spec: ArgumentSpec): boolean => specFaults(spec).length === 0);

/** What is passed as a parameter, but whose variable was taken out above, is no unknown one. */
const isUndecidedName = ({ path, kind }: ArgumentFault, spec: ArgumentSpec): boolean =>
  kind === "unknown" && path.length === 1 && spec.has(path[0] ?? "");

/** A source with its templates rendered, undecided where only the run can tell. A lone variable is looked into. */
const resolved = (source: Source, values: KnownValues, following: readonly Source[]): Value => {
  if (isTemplate(source)) {
    const rendered = values.render(source);
    if (rendered !== undefined) return rendered;
    const behind = loneVariable(source, values);
    if (behind === null || following.includes(behind.source)) return UNDECIDED;
    return resolved(behind.source, values, [...following, behind.source]);
  }
  if (isList<Source>(source)) return source.map((item) => resolved(item, values, following));
  if (isDict<Source>(source))
    return new Map([...source].map(([key, item]) => [key, resolved(item, values, following)]));
  return source as Value; // what is neither template, list nor dict is a plain value
};

/** The definition behind `{{ name }}`, where that is known. */
const loneVariable = (template: Template, values: KnownValues): Definition | null => {
  const name = /^\s*\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}\s*$/.exec(template.source)?.[1];
  const variable = name === undefined ? null : values.variable(name);
  return variable?.kind === "defined" ? variable.definition : null;
};

/**
 * A spec without what is not decided in it: descriptions and defaults that look at facts. What holds no template is
 * handed on as it is, since a large spec is looked at for each host.
 */
const decided = (source: Source, values: KnownValues): Value => {
  if (isLiteral(source)) return source;
  if (isDict<Source>(source)) {
    const parts = [...source].map(([key, item]) => [key, decided(item, values)] as const);
    return new Map(parts.filter(([, item]) => item !== UNDECIDED));
  }
  return stripped(resolved(source, values, []));
};

const stripped = (value: Value): Value =>
  isDict<Value>(value) && value !== UNDECIDED
    ? new Map([...value].filter(([, item]) => item !== UNDECIDED).map(([key, item]) => [key, stripped(item)]))
    : value;

const tell = (fault: ArgumentFault, spec: ArgumentSpec, provided: SourceDict, site: Site): void => {
  const { step, values, options, report } = site;
  const { at, secret } = locate(fault, provided, site);
  const [name = ""] = fault.path;
  const subject = `${aboutOf(step)}${pathText(fault.path)}`;
  const text = faultText(secret ? { ...fault, found: fault.found === null ? null : "a secret" } : fault);
  const missing = fault.path.length === 1 && values.variable(name).kind === "absent" && !provided.has(name);
  report({
    code: "E_ROLE_ARGUMENT",
    message: (options.redact ?? ((told: string) => told))(`${subject}: ${text}`),
    at: at === null ? step.at : hides(spec, fault.path) ? hidden(at) : at,
    hint:
      fault.hint ?? (missing ? "define it in the inventory, in the play or where the role is used" : null),
  });
};

/** Lines around a value that is not to be shown are not shown, either. */
const hidden = (at: Place): Place => ({
  ...at,
  source: { path: at.source.path, text: masked(at.source.text) },
});

/** Whether a `no_log` option is on a path. */
const hides = (spec: ArgumentSpec, [step, ...rest]: readonly string[]): boolean => {
  if (step === undefined) return false;
  const option = spec.get(step);
  if (!isDict<Value>(option)) return hides(spec, rest);
  const inner = option.get("options");
  return isFlagged(option, "no_log") || (isDict<Value>(inner) && hides(inner, rest));
};

/** `role haproxy: ` */
const aboutOf = ({ args, role }: TaskStep): string => {
  const about = argumentsOf(args).get("validate_args_context");
  const isRole = isDict<Source>(about) && about.get("type") === "role";
  return isRole && role !== null ? `role ${role.name}: ` : "";
};

/** Where a path of the arguments was written: in the definition that counts, behind lone variables if need be. */
const locate = (
  { kind, path: [name = "", ...path] }: ArgumentFault,
  provided: SourceDict,
  { values }: Site,
): { readonly at: Place | null; readonly secret: boolean } => {
  const first = values.variable(name);
  let vars = provided.has(name) ? provided : first.kind === "defined" ? first.definition.vars : null;
  let source: Source | undefined = vars?.get(name);
  let origin: Origin | null = vars === null ? null : originOf(vars, name);
  let rest: readonly string[] = path;
  for (let hops = 0; hops < DEEPEST && source !== undefined; hops += 1) {
    const { template, left } = templateOn(source, rest);
    const behind = template === null ? null : loneVariable(template, values);
    const found = template === null ? undefined : nameIn(template);
    if (behind === null || found === undefined || originOf(behind.vars, found) === null) break;
    ({ vars, source } = behind);
    origin = originOf(vars, found);
    rest = left;
  }
  if (origin === null) return { at: null, secret: false };
  const { node, exact } = nodeAt(origin.node, rest);
  const key = rest.length === 0 ? origin.keyAt : placeOf(origin.node, rest);
  return { at: kind === "value" && exact && node.kind === "scalar" ? node.at : key, secret: isSecret(node) };
};

/** Deeper than any sane chain of variables that stand for each other. */
const DEEPEST = 10;

const nameIn = (template: Template): string | undefined => /[A-Za-z_]\w*/.exec(template.source)?.[0];

/** The node at a path, or the nearest above it that there is. */
const nodeAt = (
  node: YamlNode,
  [step, ...rest]: readonly string[],
): { readonly node: YamlNode; readonly exact: boolean } => {
  if (step === undefined) return { node, exact: true };
  const inner =
    node.kind === "map"
      ? nodeOf(node, step)
      : node.kind === "list"
        ? (node.items[Number(step)] ?? null)
        : null;
  return inner === null ? { node, exact: false } : nodeAt(inner, rest);
};

/** What was encrypted is shown otherwise than it is read, or is an envelope; and so is what holds such a value. */
const isSecret = (node: YamlNode): boolean => {
  if (node.kind === "list") return node.items.some(isSecret);
  if (node.kind === "map") return node.entries.some((entry) => isSecret(entry.node));
  const [first = ""] = node.text.split("\n");
  const line = node.at.source.text.split("\n")[node.at.line - 1] ?? "";
  return first.startsWith("$ANSIBLE_VAULT") || !line.includes(first);
};

/** The template that a path leads into, with the part of the path behind it. */
const templateOn = (
  source: Source,
  path: readonly string[],
): { readonly template: Template | null; readonly left: readonly string[] } => {
  if (isTemplate(source)) return { template: source, left: path };
  const [step, ...rest] = path;
  const next: Source | undefined =
    step === undefined
      ? undefined
      : isDict<Source>(source)
        ? source.get(step)
        : isList<Source>(source)
          ? source[Number(step)]
          : undefined;
  return next === undefined ? { template: null, left: path } : templateOn(next, rest);
};
