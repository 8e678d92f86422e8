import type { Unit } from "./compile-expression.ts";
import { compileRoot, type Root } from "./compile-template.ts";
import { createLocate } from "./locate.ts";
import { PyError } from "./objects.ts";
import { parseTemplate } from "./parse-statement.ts";
import type { Run } from "./run.ts";
import { checkNames, usesOfTemplate } from "./variables.ts";

/** Another template, asked for by `from`; null where the host has none of that name. */
export const loadTemplate = (name: string, from: Unit, run: Run): Root | null => {
  const { host } = run;
  if (host.load === null) throw new PyError("Refused", "other templates cannot be loaded from here");
  const source = host.load(name, from.path);
  if (source === null) return null;
  const known = run.templates.get(source);
  if (known !== undefined && known.unit.settings === from.settings) return known;
  const settings = from.settings;
  const locate = createLocate({ ...source, at: null });
  const text = withoutLastNewline(source.text);
  const statements = parseTemplate(text, settings, locate);
  checkNames(usesOfTemplate(statements, locate));
  const root = compileRoot(statements, { path: source.path, text, settings, locate });
  run.templates.set(source, root);
  return root;
};

/** Jinja2 drops one line feed at the end of what it reads. */
export const withoutLastNewline = (text: string): string => {
  const unified = text.replace(/\r\n?/g, "\n");
  return unified.endsWith("\n") ? unified.slice(0, -1) : unified;
};
