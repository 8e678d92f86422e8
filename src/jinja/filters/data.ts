import { getItem } from "../attributes.ts";
import {
  isMapping,
  isSequence,
  type MutableDict,
  type Obj,
  PyError,
  Text,
  Tuple,
  textOf,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { lookup, store } from "../python/compare.ts";
import { fromJsonText, toJsonText } from "../python/json.ts";
import { needText, optionalInt } from "../python/method-arguments.ts";
import { iterate, truth } from "../python/operators.ts";
import { repr, str } from "../python/print.ts";
import { typeOf } from "../python/type.ts";
import { toYamlText } from "../python/yaml.ts";
import type { YamlStyle } from "../python/yaml-nodes.ts";
import { type Definition, define, type Given } from "./define.ts";
import { flatten } from "./flatten.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

const JSON_ARGUMENTS = [
  "indent",
  "sort_keys",
  "separators",
  "ensure_ascii",
  "vault_to_text",
  "preprocess_unsafe",
] as const;

const jsonText = (value: Obj, args: Given, nice: boolean): string => {
  const [indent, sortKeys, separators, ascii] = args;
  const pair = separators === undefined || separators === null ? null : iterate(separators).map(str);
  return toJsonText(value, {
    indent: indent === undefined ? (nice ? 4 : null) : jsonIndent(indent),
    sortKeys: truth(sortKeys ?? nice),
    asciiOnly: truth(ascii ?? true),
    separators: pair === null ? (nice ? [",", ": "] : null) : [pair[0] ?? ", ", pair[1] ?? ": "],
  });
};

const jsonIndent = (indent: Obj): number | string | null =>
  indent === null ? null : (textOf(indent) ?? optionalInt(indent, 0));

const YAML_ARGUMENTS = [
  "indent",
  "width",
  "sort_keys",
  "default_style",
  "explicit_start",
  "explicit_end",
] as const;

/** libyaml's limits: fewer than 2 or more than 9 spaces count as 2, a width within two levels as 80. */
const yamlStyle = (args: Given, spaces: number, flow: boolean | null): YamlStyle => {
  const [indent, width, sortKeys, style, start, end] = args;
  const asked = optionalInt(indent, spaces);
  const best = asked > 1 && asked < 10 ? asked : 2;
  const wide = optionalInt(width, 80);
  return {
    indent: best,
    width: wide >= 0 && wide <= best * 2 ? 80 : wide < 0 ? Number.MAX_SAFE_INTEGER : wide,
    flow,
    sortKeys: truth(sortKeys ?? true),
    scalarStyle: style === undefined || style === null || str(style) === "" ? null : str(style),
    explicitStart: truth(start ?? false),
    explicitEnd: truth(end ?? false),
  };
};

const fromYaml = define("from_yaml", [], (value, _, { host }) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text === null) return value;
  if (host.parseYaml === null) throw new PyError("Refused", "YAML cannot be read from here");
  return host.parseYaml(text);
});

const fromYamlAll = define("from_yaml_all", [], (value, _, { host }) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text === null) return value;
  if (host.parseYamlAll === undefined || host.parseYamlAll === null) {
    throw new PyError("Refused", "YAML documents cannot be read from here");
  }
  return host.parseYamlAll(text);
});

const dictToItems = define("dict2items", ["key_name", "value_name"], (value, [keyName, valueName]) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isMapping(value))
    throw new PyError("FilterError", `dict2items requires a dictionary, got ${typeOf(value)} instead.`);
  return [...value].map(
    ([key, item]) =>
      new Map<Obj, Obj>([
        [keyName ?? "key", key],
        [valueName ?? "value", item],
      ]),
  );
});

const itemsToDict = define("items2dict", ["key_name", "value_name"], (value, [keyName, valueName]) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isSequence(value))
    throw new PyError("FilterError", `items2dict requires a list, got ${typeOf(value)} instead.`);
  const made: MutableDict = new Map();
  for (const item of value) {
    const [key, content] = [keyName ?? "key", valueName ?? "value"].map((name) =>
      isMapping(item) ? lookup(item, name) : undefined,
    );
    if (key === undefined || content === undefined) {
      const names = `'${str(keyName ?? "key")}' and '${str(valueName ?? "value")}'`;
      throw new PyError(
        "FilterError",
        `items2dict requires each dictionary in the list to contain the keys ${names}, got ${repr(item)} instead.`,
      );
    }
    store(made, key, content);
  }
  return made;
});

const extract = define("extract", ["container!", "morekeys"], (value, [container, more]) => {
  const keys =
    more === undefined || more === null ? [] : isSequence(more) && !(more instanceof Tuple) ? more : [more];
  return [value, ...keys].reduce((found, key) => getItem(found, key), given(container));
});

const subelements = define("subelements", ["subelements!", "skip_missing"], (value, [path, skip]) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isMapping(value) && !isSequence(value)) {
    throw new PyError("FilterError", "obj must be a list of dicts or a nested dict");
  }
  const elements = isMapping(value) ? [...value.values()] : value;
  const text = path === undefined ? null : textOf(path);
  const steps = text === null ? iterate(given(path)) : text.split(".");
  return elements.flatMap((element) =>
    inner(element, steps, truth(skip ?? false)).map((item) => tuple([element, item])),
  );
});

const inner = (element: Obj, steps: readonly Obj[], skipMissing: boolean): readonly Obj[] => {
  let found = element;
  for (const step of steps) {
    if (!isMapping(found)) {
      throw new PyError(
        "FilterError",
        `the key ${str(step)} should point to a dictionary, got '${str(found)}'`,
      );
    }
    const next: Obj | undefined = lookup(found, step);
    if (next === undefined) {
      if (skipMissing) return [];
      throw new PyError("FilterError", `could not find ${repr(step)} key in iterated item ${repr(found)}`);
    }
    found = next;
  }
  if (!isSequence(found)) {
    throw new PyError(
      "FilterError",
      `the key ${repr(steps.at(-1) ?? null)} should point to a list, got ${repr(found)}`,
    );
  }
  return found;
};

const rekey = define("rekey_on_member", ["key!", "duplicates"], (value, [key, duplicates]) => {
  const onDuplicate = duplicates === undefined ? "error" : str(duplicates);
  if (onDuplicate !== "error" && onDuplicate !== "overwrite") {
    throw new PyError(
      "FilterError",
      `duplicates parameter to rekey_on_member has unknown value: ${onDuplicate}`,
    );
  }
  const items = isMapping(value) ? [...value.values()] : iterate(value);
  const made: MutableDict = new Map();
  for (const item of items) {
    if (!isMapping(item)) throw new PyError("FilterError", "List item is not a valid dict");
    const member = lookup(item, given(key));
    if (member === undefined) throw new PyError("FilterError", `Key ${str(given(key))} was not found`);
    if (onDuplicate === "error" && lookup(made, member) !== undefined) {
      throw new PyError("FilterError", `Key ${str(member)} is not unique, cannot correctly turn into dict`);
    }
    store(made, member, item);
  }
  return made;
});

const mandatory = define("mandatory", ["msg"], (value, [message]) => {
  if (!(value instanceof Undefined)) return value;
  if (message !== undefined && message !== null) throw new PyError("FilterError", str(message));
  const name = value.variable === null ? "" : `'${value.variable}' `;
  throw new PyError("FilterError", `Mandatory variable ${name} not defined.`);
});

const ternary = define("ternary", ["true_val!", "false_val!", "none_val"], (value, [yes, no, none]) => {
  if (value === null && none !== undefined && none !== null) return none;
  return given(truth(value) ? yes : no);
});

/** Ansible's names for what its variables are. */
const typeDebug = (value: Obj): string => {
  if (value instanceof Text && value.flavour === "native") return "NativeJinjaText";
  return typeOf(value);
};

/** Ansible's filters on data: JSON, YAML, dicts and lists. */
export const dataFilters: readonly Definition[] = [
  define("to_json", JSON_ARGUMENTS, (value, args) => jsonText(value, args, false)),
  define("to_nice_json", JSON_ARGUMENTS, (value, args) => jsonText(value, args, true)),
  define("from_json", [], (value) => fromJsonText(needText(demanded(value), "the JSON object"))),
  define("to_yaml", [...YAML_ARGUMENTS, "default_flow_style"], (value, args) => {
    const flow = args[YAML_ARGUMENTS.length];
    return toYamlText(value, yamlStyle(args, 2, flow === undefined || flow === null ? null : truth(flow)));
  }),
  define("to_nice_yaml", YAML_ARGUMENTS, (value, args) => toYamlText(value, yamlStyle(args, 4, false))),
  fromYaml,
  fromYamlAll,
  dictToItems,
  itemsToDict,
  extract,
  subelements,
  rekey,
  mandatory,
  ternary,
  define("flatten", ["levels", "skip_nulls"], (value, [levels, skip]) =>
    flatten(
      iterate(value),
      levels === undefined || levels === null ? null : optionalInt(levels, 0),
      truth(skip ?? true),
    ),
  ),
  define("type_debug", [], typeDebug),
];

const demanded = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  return value;
};
