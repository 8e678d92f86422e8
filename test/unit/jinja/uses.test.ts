import { describe, expect, test } from "vitest";
import { compileExpression, compileTemplate } from "../../../src/jinja/environment.ts";

/** Free variables as `a.b`, with `?` after those that may be missing. */
const needs = (text: string): readonly string[] =>
  compileTemplate({ path: "x", text, at: null }).variables.map(
    ({ name, path, guarded }) => [name, ...path].join(".") + (guarded ? "?" : ""),
  );

describe("the variables that a template needs", () => {
  test.each([
    ["{{ a }}{{ b.c.d }}{{ b['e'] }}{{ a }}", ["a", "b.c.d", "b.e"]],
    ["{% for x in xs if x.ok %}{{ x.y }}{{ loop.index }}{{ z }}{% endfor %}", ["xs", "z"]],
    ["{% set a = b %}{{ a }}", ["b"]],
    ["{{ a }}{% set a = 1 %}{{ a }}", ["a"]],
    ["{% macro m(p, q=d) %}{{ p }}{{ q }}{{ r }}{% endmacro %}{{ m(s) }}", ["d", "r", "s"]],
    ["{% with a = b %}{{ a }}{% endwith %}{{ a }}", ["b", "a"]],
    ["{{ range(3) }}{{ lookup('env', e) }}{{ dict(a=f) }}", ["e", "f"]],
    ["{{ a.split(',') }}{{ d.items() }}", ["a", "d"]],
    ["{{ a[b].c }}", ["a", "b"]],
    ["{{ {'k': a, b: [c]} }}{{ (d, e)[1:f] }}", ["a", "b", "c", "d", "e", "f"]],
    ["{% from 'x' import m as n %}{{ n() }}{% import y as z %}{{ z.a }}", ["y"]],
    ["{% set ns = namespace(a=b) %}{% set ns.c = d %}", ["b", "d"]],
  ])("%s", (text, expected) => {
    expect(needs(text)).toEqual(expected);
  });
});

describe("a variable may be missing where every use is behind a guard", () => {
  test.each([
    ["{{ a | default(1) }}", ["a?"]],
    ["{{ a.b | d(c) }}", ["a.b?", "c"]],
    ["{{ a | default(1) }}{{ a }}", ["a"]],
    ["{% if a is defined %}{{ a }}{{ a.b }}{% endif %}", ["a?", "a.b?"]],
    ["{% if a is defined %}{{ a }}{% endif %}{{ a }}", ["a"]],
    ["{% if a is not defined %}x{% else %}{{ a }}{% endif %}", ["a?"]],
    ["{% if a is undefined %}x{% elif a %}{{ a }}{% endif %}", ["a?"]],
    ["{{ a if a is defined else b }}", ["a?", "b"]],
    ["{{ a is defined and a.b == 1 }}", ["a?", "a.b?"]],
    ["{{ a is undefined or a }}", ["a?"]],
    ["{{ a is defined or a }}", ["a"]],
    ["{{ not a is undefined and a }}", ["a?"]],
    ["{{ a.b is defined and a.b.c }}", ["a.b?", "a.b.c?"]],
    ["{{ a.b is defined and a.c }}", ["a.b?", "a.c"]],
  ])("%s", (text, expected) => {
    expect(needs(text)).toEqual(expected);
  });
});

test("filters, tests and lookups are listed with their places", () => {
  const compiled = compileExpression({
    source: "xs | map('upper') | select('match', 'a') is sequence and query('env', 'HOME')",
    at: null,
  });
  const shown = (uses: readonly { name: string; at: { column: number } | null }[]): readonly string[] =>
    uses.map(({ name, at }) => `${name}@${at?.column}`);
  expect(shown(compiled.filters)).toEqual(["select@21", "map@6", "upper@10"]);
  expect(shown(compiled.tests)).toEqual(["sequence@45", "match@28"]);
  expect(shown(compiled.lookups)).toEqual(["env@64"]);
});
