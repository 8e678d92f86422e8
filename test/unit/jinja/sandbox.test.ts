import { expect, test } from "vitest";
import type { Value } from "../../../src/core/value.ts";
import { compileTemplate } from "../../../src/jinja/environment.ts";
import { bareHost, evaluate, hostWith, render, scopeWith, told } from "./stage.ts";

test.each([
  "{{ ''.__class__ }}",
  "{{ ''['__class__'] }}",
  "{{ [].__class__.__mro__ }}",
  "{{ x | attr('__init__') }}",
  "{{ x | map(attribute='__class__') | list }}",
  "{{ range.__globals__ }}",
  "{{ lookup.__self__ }}",
])("Python's inner workings are refused: %s", (text) => {
  expect(told(() => render(text, { x: ["a"] }))[0]).toBe("E_TEMPLATE_REFUSED");
});

test.each([
  "constructor",
  "prototype",
  "__proto__",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "kind",
  "length",
  "text",
  "behaviour",
  "call",
  "size",
  "entries",
  "forEach",
  "push",
  "map",
])("JavaScript's %s is no attribute of anything a template holds", (name) => {
  const objects = [
    "{}",
    "[]",
    "(1,)",
    "''",
    "1",
    "1.0",
    "true",
    "none",
    "range(1)",
    "dict",
    "namespace()",
    "x",
    "('a'|e)",
  ];
  const seen = objects.map((object) => {
    try {
      return evaluate(`(${object})['${name}'] is defined`, { x: { a: 1 } });
    } catch {
      return false;
    }
  });
  expect(seen).toEqual(objects.map(() => false));
});

test("a dict's own key may have any name", () => {
  expect(
    render("{{ d['__class__'] }} {{ d.constructor }}", { d: { __class__: "k", constructor: "c" } }),
  ).toBe("k c");
});

test("format() reaches no attributes", () => {
  expect(told(() => render("{{ '{0.__class__}'.format(1) }}"))[0]).toBe("E_TEMPLATE_REFUSED");
});

test.each([
  ["{{ lookup('file', '/etc/shadow') }}", "lookups are not available here"],
  ["{% include '/etc/passwd' %}", "other templates cannot be loaded from here"],
  ["{{ 'a: 1' | from_yaml }}", "YAML cannot be read from here"],
  ["{{ '/etc' is directory }}", "files cannot be looked at from here"],
  ["{{ '~' | expanduser }}", "files cannot be looked at from here"],
  [
    "{{ 'x' | vault('y') }}",
    "the filter 'vault' is not available: keep secrets in files encrypted with ansible-vault",
  ],
])("what the host does not give is refused: %s", (text, message) => {
  expect(told(() => render(text)).slice(0, 2)).toEqual(["E_TEMPLATE_REFUSED", message]);
});

test.each([
  "{{ 'x' * 10000000000 }}",
  "{{ 10 ** 10000000 }}",
  "{{ range(1000000000) | list }}",
  "{{ range(100) | product(range(100), range(100), range(100)) | list }}",
])("what would only fill the memory is refused: %s", (text) => {
  expect(told(() => render(text))[0]).toBe("E_TEMPLATE");
});

test("templates that include each other without end are stopped", () => {
  const host = hostWith({ "a.j2": "{% include 'b.j2' %}", "b.j2": "{% include 'a.j2' %}" });
  expect(told(() => render("{% include 'a.j2' %}", {}, host)).slice(0, 2)).toEqual([
    "E_TEMPLATE",
    "templates include each other without end",
  ]);
});

test("methods that change a list or dict change the template's copy alone", () => {
  const list: Value = [1, [2]];
  const scope = { get: (name: string) => (name === "l" ? list : undefined), names: () => ["l"] };
  const text = "{% set _ = l.append(3) %}{% set _ = l[1].append(4) %}{{ l }}";
  expect(compileTemplate({ path: "x", text, at: null }).render(scope, bareHost)).toBe("[1, [2, 4], 3]");
  expect(list).toEqual([1, [2]]);
});

test("text that comes from a variable is never rendered", () => {
  const template = compileTemplate({ path: "x", text: "{{ x }}{{ y | join }}", at: null });
  expect(template.render(scopeWith({ x: "{{ 1 + 1 }}", y: ["{% if %}"] }), bareHost)).toBe(
    "{{ 1 + 1 }}{% if %}",
  );
});
