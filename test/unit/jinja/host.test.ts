import { describe, expect, test } from "vitest";
import { LbplayError } from "../../../src/core/error.ts";
import { dict, type Value } from "../../../src/core/value.ts";
import { filterNames, testNames } from "../../../src/jinja/call.ts";
import { compileExpression, compileTemplate, STRING_SETTINGS } from "../../../src/jinja/environment.ts";
import { bareHost, evaluate, hostWith, render, renderString, scopeWith, told } from "./stage.ts";

describe("lookups", () => {
  const asked: unknown[] = [];
  const host = {
    ...bareHost,
    lookup: (
      plugin: string,
      terms: readonly Value[],
      options: ReadonlyMap<Value, Value>,
    ): readonly Value[] => {
      asked.push([plugin, terms, options]);
      if (plugin === "bad") throw new LbplayError({ code: "E_LOOKUP", message: "no such file" });
      if (plugin === "none") return [];
      return plugin === "dicts" ? [dict({ a: 1 })] : terms;
    },
  };

  test("get terms and options, and join what they find with commas", () => {
    expect(evaluate("lookup('ansible.builtin.file', 'a', 'b', rstrip=false)", {}, host)).toBe("a,b");
    expect(asked.at(-1)).toEqual(["file", ["a", "b"], new Map([["rstrip", false]])]);
  });

  test.each([
    ["query('env', 'a', 'b')", ["a", "b"]],
    ["q('env', 'a')", ["a"]],
    ["lookup('env', 'a', wantlist=True)", ["a"]],
    ["lookup('dicts', 'x')", dict({ a: 1 })],
    ["lookup('none')", []],
    ["query('bad', errors='ignore')", []],
    ["lookup('bad', errors='warn')", null],
  ])("%s", (source, expected) => {
    expect(evaluate(source, {}, host)).toEqual(expected);
  });

  test("fail with the plugin's error unless told to ignore it", () => {
    expect(told(() => evaluate("lookup('bad')", {}, host))[0]).toBe("E_LOOKUP");
  });
});

describe("time and chance come from the host", () => {
  test.each([
    ["now().year", 2024],
    ["now(utc=true).strftime('%Y-%m-%dT%H:%M:%SZ')", "2024-02-29T12:30:05Z"],
    ["now(fmt='%H:%M')", "12:30"],
    ["'%Y' | strftime", "2024"],
    ["(now() - ('2024-02-28 12:30:05' | to_datetime)).days", 1],
    ["now().timestamp()", 1709209805],
    ["100 | random", 50],
    ["['a', 'b', 'c', 'd'] | random", "c"],
    ["'pw' | password_hash('sha512', rounds=1000) | length", 118],
  ])("%s", (source, expected) => {
    const value = evaluate(source);
    expect(typeof value === "object" && value !== null && "value" in value ? value.value : value).toBe(
      expected,
    );
  });

  test("local time is what the host says it is", () => {
    expect(
      evaluate("now(fmt='%H:%M') ~ ' ' ~ ('%H %z' | strftime(0))", {}, { ...bareHost, utcOffset: () => 120 }),
    ).toBe("14:30 02 +0200");
  });
});

test("YAML is read by the host", () => {
  const host = {
    ...bareHost,
    parseYaml: (text: string) => dict({ text }),
    parseYamlAll: (text: string) => [text],
  };
  expect(evaluate("('a: 1' | from_yaml).text ~ ('b' | from_yaml_all)[0]", {}, host)).toBe("a: 1b");
});

test("questions about files of the controller go to the host", () => {
  const kinds = new Map<string, "file" | "directory">([
    ["/f", "file"],
    ["/d", "directory"],
  ]);
  const files = {
    kindOf: (path: string) => kinds.get(path) ?? null,
    realPath: (path: string) => `/real${path}`,
    home: () => "/root",
    workingDirectory: () => "/work",
    glob: () => ["/f"],
  };
  const source =
    "['/f' is file, '/d' is directory, '/x' is exists, '/f' is link, 'a/../b' | realpath, '~/x' | expanduser, '*' | fileglob, '/a' is same_file('/a')]";
  expect(evaluate(source, {}, { ...bareHost, files })).toEqual([
    true,
    true,
    false,
    false,
    "/real/work/b",
    "/root/x",
    ["/f"],
    true,
  ]);
});

describe("a lone variable that is a number", () => {
  const scope = { ...scopeWith({ port: 80 }), isLiteral: () => false };

  test("keeps its type where it stands literally in a file", () => {
    expect(renderString("{{ port }}", { port: 80 })).toBe(80);
  });

  test("becomes text where its value was rendered, as in Ansible", () => {
    const template = compileTemplate({ path: "x", text: "{{ port }}", at: null }, STRING_SETTINGS);
    expect(template.renderNative(scope, bareHost)).toBe("80");
  });
});

test("a condition that holds a template is rendered and then evaluated", () => {
  const condition = compileExpression({ source: "{{ name }} == 'lb1'", at: null });
  expect(condition.truth(scopeWith({ name: "host", host: "lb1" }), bareHost)).toBe(true);
  expect(condition.variables.map(({ name }) => name)).toEqual(["name"]);
});

test("all of Jinja2's and Ansible's names are known", () => {
  expect([filterNames.length, testNames.length].map((count) => count > 60)).toEqual([true, true]);
  for (const name of ["to_nice_yaml", "ipaddr", "password_hash", "groupby", "d", "urlsplit"])
    expect(filterNames).toContain(name);
  for (const name of ["defined", "version", "match", "==", "is_abs", "subset"])
    expect(testNames).toContain(name);
});

describe("rendering takes time in proportion to its output", () => {
  const text =
    "{% macro line(s) %}server {{ s.name }} {{ s.address }}:{{ s.port }} check weight {{ s.weight | default(100) }}{% endmacro %}" +
    "{% for s in servers | sort(attribute='name') %}{% if loop.changed(s.port) %}# {{ s.port }}\n{% endif %}{{ line(s) }}\n{% endfor %}" +
    "{% set ns = namespace(n=0) %}{% for s in servers %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}";
  const servers = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `s${index}`,
      address: "10.0.0.1",
      port: 80 + (index % 3),
    }));
  const seconds = (count: number): number => {
    const template = compileTemplate({ path: "x", text, at: null });
    const scope = scopeWith({ servers: servers(count) });
    const start = performance.now();
    template.render(scope, bareHost);
    return (performance.now() - start) / 1000;
  };

  test("so that ten times the servers take at most some thirty times as long", () => {
    seconds(1000);
    const few = Math.min(seconds(1000), seconds(1000), seconds(1000));
    const many = Math.min(seconds(10_000), seconds(10_000));
    expect(many).toBeLessThan(Math.max(few, 0.005) * 30);
  });
});

test("a template that a loop includes is loaded each time but compiled once", () => {
  const host = hostWith({ "x.j2": "{{ i }}," });
  expect(render("{% for i in range(2000) %}{% include 'x.j2' %}{% endfor %}", {}, host)).toMatch(
    /1998,1999,$/,
  );
});
