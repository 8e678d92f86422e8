import type { Place, SourceText } from "../core/error.ts";
import type { Dict, Expression, Value } from "../core/value.ts";
import { compileLoneExpression } from "./compile-expression.ts";
import { compileRoot } from "./compile-template.ts";
import { bareTemplate, parseConditionTemplate } from "./condition.ts";
import { withoutLastNewline } from "./load.ts";
import { createLocate } from "./locate.ts";
import { parseBareExpression, parseTemplate } from "./parse-statement.ts";
import { changesValues, toPlain } from "./plain.ts";
import { truth } from "./python/operators.ts";
import { renderNativeRoot, renderRoot } from "./render.ts";
import { createRun } from "./run.ts";
import {
  checkNames,
  type FreeVariable,
  type NameUse,
  usesOfExpression,
  usesOfTemplate,
} from "./variables.ts";

/** How a template's text is read. */
export interface JinjaSettings {
  /** Takes one line feed after a block tag off. */
  readonly trimBlocks: boolean;
  /** Takes the white space before a block tag off, if the tag stands first on its line. */
  readonly lstripBlocks: boolean;
  /** Keeps the line feed at the very end, as Ansible does for what it renders (though not for what that includes). */
  readonly keepTrailingNewline: boolean;
  /** Takes backslashes in strings inside `{{ }}` as they are, as Ansible does in playbooks but not in template files. */
  readonly rawBackslashes: boolean;
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  readonly newlineSequence: "\n" | "\r\n" | "\r";
}

/** Ansible's settings for a template file. */
export const FILE_SETTINGS: JinjaSettings = {
  trimBlocks: true,
  lstripBlocks: false,
  keepTrailingNewline: true,
  rawBackslashes: false,
  blockStart: "{%",
  blockEnd: "%}",
  variableStart: "{{",
  variableEnd: "}}",
  commentStart: "{#",
  commentEnd: "#}",
  newlineSequence: "\n",
};

/** Ansible's settings for a string of a playbook, inventory or variable file. */
export const STRING_SETTINGS: JinjaSettings = { ...FILE_SETTINGS, rawBackslashes: true };

/** The variables a template sees. */
export interface Scope {
  /**
   * The value of a variable, undefined where there is none. An LbplayError it throws reaches the user when the
   * variable is used; one with code E_UNDEFINED counts as "not defined" for `default()` and `is defined`.
   */
  readonly get: (name: string) => Value | undefined;
  /** All names, for "did you mean". */
  readonly names: () => Iterable<string>;
  /**
   * False for a variable whose value is itself a template: a lone `{{ port }}` keeps a number's type only where the
   * number stands there literally, as in Ansible. Absent means always true.
   */
  readonly isLiteral?: (name: string) => boolean;
}

/** What a template may reach outside itself; whatever is null is refused with an error that says so. */
export interface Host {
  /** The text of another template, for include, import and extends; null where there is none of that name. */
  readonly load: ((name: string, from: string | null) => SourceText | null) | null;
  /** Runs a lookup plugin. */
  readonly lookup: ((plugin: string, terms: readonly Value[], options: Dict) => readonly Value[]) | null;
  readonly now: () => Date;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  /** Reads YAML, for `from_yaml`. */
  readonly parseYaml: ((text: string) => Value) | null;
  /** Reads several YAML documents, for `from_yaml_all`; absent means it is refused. */
  readonly parseYamlAll?: ((text: string) => readonly Value[]) | null;
  /** The controller's files, for the tests `exists`, `file`, … and the filters `fileglob`, `realpath`, `expanduser`. */
  readonly files?: HostFiles | null;
  /** Minutes that local time is ahead of UTC at a moment; absent takes the process's time zone. */
  readonly utcOffset?: (at: Date) => number;
}

/** Questions about files of the controller. */
export interface HostFiles {
  /** What a path is, links followed unless `link` is asked for; null where there is nothing. */
  readonly kindOf: (path: string, followLinks: boolean) => "file" | "directory" | "link" | "other" | null;
  readonly realPath: (path: string) => string;
  readonly home: () => string;
  readonly workingDirectory: () => string;
  /** Regular files that match a shell pattern. */
  readonly glob: (pattern: string) => readonly string[];
}

/** A template's text and where that text stands. */
export interface TemplateSource extends SourceText {
  /** The place of the text's first character in a file; null means that the text is the whole file `path`. */
  readonly at: Place | null;
}

/** A template, ready to be rendered any number of times. */
export interface CompiledTemplate {
  /** As text: a template file's content. */
  readonly render: (scope: Scope, host: Host) => string;
  /** As Ansible gives a string of a playbook: lists, dicts and booleans come out as such. */
  readonly renderNative: (scope: Scope, host: Host) => Value;
  readonly variables: readonly FreeVariable[];
  readonly filters: readonly NameUse[];
  readonly tests: readonly NameUse[];
  readonly lookups: readonly NameUse[];
}

/** A bare expression, ready to be evaluated any number of times. */
export interface CompiledExpression {
  readonly evaluate: (scope: Scope, host: Host) => Value;
  /** As a condition (`when`, `until`, `failed_when`). */
  readonly truth: (scope: Scope, host: Host) => boolean;
  readonly variables: readonly FreeVariable[];
  readonly filters: readonly NameUse[];
  readonly tests: readonly NameUse[];
  readonly lookups: readonly NameUse[];
}

/**
 * Compiles a template.
 * Throws LbplayError E_TEMPLATE_SYNTAX, E_UNKNOWN_FILTER or E_UNKNOWN_TEST, or LbplayErrors for several unknown names.
 */
export const compileTemplate = (
  source: TemplateSource,
  settings: JinjaSettings = FILE_SETTINGS,
): CompiledTemplate => {
  const locate = createLocate(source);
  const statements = parseTemplate(withoutLastNewline(source.text), settings, locate);
  const uses = usesOfTemplate(statements, locate);
  checkNames(uses);
  const root = compileRoot(statements, { path: source.path, text: source.text, settings, locate });
  return {
    render: (scope, host) =>
      renderRoot(root, createRun({ scope, host, concat: "text", mayChange: root.mayChange })),
    renderNative: (scope, host) =>
      renderNativeRoot(root, createRun({ scope, host, concat: "native", mayChange: root.mayChange })),
    variables: uses.variables,
    filters: uses.filters,
    tests: uses.tests,
    lookups: uses.lookups,
  };
};

/** Compiles a bare expression; errors as for templates. One with `{{` in it is rendered first, as Ansible's conditions are. */
export const compileExpression = (expression: Expression): CompiledExpression => {
  const template = bareTemplate(expression);
  if (template !== null)
    return parseConditionTemplate(template, expression, STRING_SETTINGS, {
      template: compileTemplate,
      expression: compileExpression,
    });
  const source: TemplateSource = {
    path: expression.at?.source.path ?? "expression",
    text: expression.source,
    at: expression.at,
  };
  const locate = createLocate(source);
  const parsed = parseBareExpression(source.text, STRING_SETTINGS, locate);
  const uses = usesOfExpression(parsed, locate);
  checkNames(uses);
  const mayChange = changesValues(source.text);
  const run = compileLoneExpression(parsed, {
    path: source.path,
    text: source.text,
    settings: STRING_SETTINGS,
    locate,
  });
  return {
    evaluate: (scope, host) => run(createRun({ scope, host, concat: "native", mayChange }), toPlain),
    truth: (scope, host) => run(createRun({ scope, host, concat: "native", mayChange }), truth),
    variables: uses.variables,
    filters: uses.filters,
    tests: uses.tests,
    lookups: uses.lookups,
  };
};
