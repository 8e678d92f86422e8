import type { Unit } from "./compile-expression.ts";
import { compileRoot, type Root } from "./compile-template.ts";
import type { Host } from "./environment.ts";
import { createLocate } from "./locate.ts";
import { PyError } from "./objects.ts";
import { parseTemplate } from "./parse-statement.ts";
import { checkNames, usesOfTemplate } from "./variables.ts";

/** Another template, asked for by `from`; null where the host has none of that name. */
export const loadTemplate = (name: string, from: Unit, host: Host): Root | null => {
  if (host.load === null) throw new PyError("Refused", "other templates cannot be loaded from here");
  const source = host.load(name, from.path);
  if (source === null) return null;
  const known = COMPILED.get(source);
  if (known !== undefined && known.unit.settings === from.settings) return known;
  const settings = from.settings;
  const locate = createLocate({ ...source, at: null });
  const text = withoutLastNewline(source.text);
  const statements = parseTemplate(text, settings, locate);
  checkNames(usesOfTemplate(statements, locate));
  const root = compileRoot(statements, { path: source.path, text, settings, locate });
  COMPILED.set(source, root);
  return root;
};

/** Compiled templates live as long as the host keeps their text: a loop that includes one compiles it once. */
const COMPILED: WeakMap<object, Root> = new WeakMap();

/** Jinja2 drops one line feed at the end of what it reads. */
export const withoutLastNewline = (text: string): string => {
  const unified = text.replace(/\r\n?/g, "\n");
  return unified.endsWith("\n") ? unified.slice(0, -1) : unified;
};
