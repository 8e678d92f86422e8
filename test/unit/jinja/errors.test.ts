import { describe, expect, test } from "vitest";
import { LbplayErrors, type Place } from "../../../src/core/error.ts";
import { compileExpression, compileTemplate, STRING_SETTINGS } from "../../../src/jinja/environment.ts";
import { bareHost, evaluate, hostWith, render, scopeWith, told } from "./stage.ts";

describe("an undefined variable", () => {
  test("is named with its place and with what was probably meant", () => {
    expect(told(() => render("a\nb {{ haproxy_prot }}\n", { haproxy_port: 80 }))).toEqual([
      "E_UNDEFINED",
      "'haproxy_prot' is undefined",
      "site.j2:2:6",
      "Did you mean 'haproxy_port'?",
    ]);
  });

  test("as a dict's key is named with the keys that are there", () => {
    expect(told(() => render("{{ lb.adress }}", { lb: { address: "10.0.0.1" } }))).toEqual([
      "E_UNDEFINED",
      "'dict object' has no attribute 'adress'",
      "site.j2:1:4",
      "Did you mean 'address'?",
    ]);
  });

  test("is reported where it is used, not where it is passed through", () => {
    expect(told(() => render("{% set x = missing %}\n\n{{ x }}"))).toEqual([
      "E_UNDEFINED",
      "'missing' is undefined",
      "site.j2:1:12",
      null,
    ]);
  });

  test("inside a loop, a macro, a test and a filter is reported at its own place", () => {
    const places = [
      "{% for x in [1] %}{{ no }}{% endfor %}",
      "{% macro m() %}{{ no }}{% endmacro %}{{ m() }}",
      "{{ no is odd }}",
      "{{ no | upper }}",
      "{{ 'a' ~ no }}",
      "{{ 1 in no }}",
      "{% if no %}{% endif %}",
    ].map((text) => told(() => render(text))[2]);
    expect(places).toEqual([
      "site.j2:1:22",
      "site.j2:1:19",
      "site.j2:1:4",
      "site.j2:1:4",
      "site.j2:1:10",
      "site.j2:1:9",
      "site.j2:1:7",
    ]);
  });

  test("that a variable's own rendering lacks comes with that rendering's error", () => {
    const scope = {
      get: () => {
        render("{{ inner }}");
        return undefined;
      },
      names: () => [],
    };
    const template = compileTemplate({
      path: "outer.j2",
      text: "{{ outer | default('d') }}{{ outer }}",
      at: null,
    });
    expect(told(() => template.render(scope, bareHost))).toEqual([
      "E_UNDEFINED",
      "'inner' is undefined",
      "site.j2:1:4",
      null,
    ]);
  });
});

describe("a syntax error", () => {
  test.each([
    ["{{ 1 + }}", "expected an expression, got the end of the print statement", "site.j2:1:8", null],
    ["a\n{% fro x in y %}", "unknown tag 'fro'", "site.j2:2:4", "Did you mean 'for'?"],
    ["{% if x %}\nb", "the 'if' block is never closed", "site.j2:1:4", "Close it with '{% endif %}'."],
    [
      "{% for x in y %}{% endif %}",
      "unexpected 'endif': the 'for' block here wants 'endfor' or 'else'",
      "site.j2:1:20",
      null,
    ],
    ["{% endif %}", "'endif' closes nothing: no block is open here", "site.j2:1:4", null],
    ["{{ x ", "'{{' is never closed", "site.j2:1:1", "Close it with '}}'."],
    ["{{ 'x }}", "the string is never closed", "site.j2:1:4", "Close it with '."],
    ["{# x", "the comment is never closed", "site.j2:1:1", "Close it with '#}'."],
    ["{{ (1] }}", "unexpected ']', expected ')'", "site.j2:1:6", null],
    ["{% do x %}", "unknown tag 'do'", "site.j2:1:4", "Ansible does not enable 'do'; use '{% set _ = … %}'."],
    ["{{ a b }}", "expected the end of the print statement, found 'b'", "site.j2:1:6", null],
    ["{% set true = 1 %}", "cannot assign to 'true'", "site.j2:1:8", null],
  ])("in %j says what, where and how to mend it", (text, message, place, hint) => {
    expect(told(() => render(text))).toEqual(["E_TEMPLATE_SYNTAX", message, place, hint]);
  });
});

describe("an unknown filter or test", () => {
  test("is reported before anything is rendered", () => {
    expect(
      told(() =>
        compileTemplate({ path: "site.j2", text: "{% if false %}{{ x|uper }}{% endif %}", at: null }),
      ),
    ).toEqual(["E_UNKNOWN_FILTER", "there is no filter 'uper'", "site.j2:1:20", "Did you mean 'upper'?"]);
    expect(told(() => compileExpression({ source: "x is defned", at: null }))).toEqual([
      "E_UNKNOWN_TEST",
      "there is no test 'defned'",
      "expression:1:6",
      "Did you mean 'defined'?",
    ]);
  });

  test("named in an argument of map or select counts too", () => {
    expect(told(() => render("{{ x | map('uper') | list }}"))[0]).toBe("E_UNKNOWN_FILTER");
    expect(told(() => render("{{ x | selectattr('a', 'equalt', 1) }}"))[3]).toBe("Did you mean 'equalto'?");
  });

  test("beside others comes with them", () => {
    const compile = (): unknown =>
      compileTemplate({ path: "site.j2", text: "{{ a|one }}{{ b is two }}{{ c|three }}", at: null });
    expect(compile).toThrow(LbplayErrors);
    try {
      compile();
    } catch (error) {
      expect(error instanceof LbplayErrors ? error.errors.map(({ code }) => code) : []).toEqual([
        "E_UNKNOWN_FILTER",
        "E_UNKNOWN_FILTER",
        "E_UNKNOWN_TEST",
      ]);
    }
  });

  test("that the template asks for beforehand is no mistake", () => {
    expect(render("{% if 'nosuch' is filter %}{{ 1|nosuch }}{% else %}without{% endif %}")).toBe("without");
  });
});

describe("an error while rendering", () => {
  test.each([
    ["{{ 1 + 'a' }}", "unsupported operand type(s) for +: 'int' and 'str'", "site.j2:1:4"],
    ["{{ 1 / 0 }}", "division by zero", "site.j2:1:4"],
    [
      "{{ 'x' | password_hash('bcrypt') }}",
      "password_hash knows sha512, sha256 and md5, not 'bcrypt': use sha512, which every Linux knows",
      "site.j2:1:10",
    ],
    ["{{ 5() }}", "'int' object is not callable", "site.j2:1:4"],
    ["{% for a, b in [1] %}{% endfor %}", "'int' object is not iterable", "site.j2:1:16"],
    ["{{ 'x' | upper(1) }}", "'upper' takes at most 0 arguments, 1 given", "site.j2:1:10"],
    ["{{ 'x' | center(witdh=1) }}", "'center' has no argument 'witdh'", "site.j2:1:10"],
    ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "the template calls itself without end", null],
  ])("in %j says what and where", (text, message, place) => {
    const [code, said, at] = told(() => render(text));
    expect([code, said]).toEqual(["E_TEMPLATE", message]);
    if (place !== null) expect(at).toBe(place);
  });

  test("in an included template has its place there", () => {
    const host = hostWith({ "part.j2": "x\n{{ nope }}", "bad.j2": "{{" });
    expect(told(() => render("{% include 'part.j2' %}", {}, host))).toEqual([
      "E_UNDEFINED",
      "'nope' is undefined",
      "part.j2:2:4",
      null,
    ]);
    expect(told(() => render("{% include 'bad.j2' %}", {}, host))[2]).toBe("bad.j2:1:1");
    expect(told(() => render("a {% include 'gone.j2' %}", {}, host))).toEqual([
      "E_TEMPLATE_NOT_FOUND",
      "template 'gone.j2' was not found",
      "site.j2:1:14",
      null,
    ]);
  });
});

describe("the place of an error in a string of a YAML file", () => {
  const yaml = [
    "- name: One",
    "  debug:",
    "    msg: |",
    "      first {{ fine }}",
    "      second {{ missing }}",
    '- debug: { msg: "x {{ missing }}" }',
    "",
  ].join("\n");
  const source = { path: "site.yaml", text: yaml };
  const place = (text: string, at: Place): string | null | undefined =>
    told(() =>
      compileTemplate({ path: "site.yaml", text, at }, STRING_SETTINGS).renderNative(
        scopeWith({ fine: 1 }),
        bareHost,
      ),
    )[2];

  test("is that of the line in a block of several", () => {
    expect(
      place("first {{ fine }}\nsecond {{ missing }}\n", { source, line: 3, column: 10, length: 1 }),
    ).toBe("site.yaml:5:17");
  });

  test("is that inside the quotes of a single line", () => {
    expect(place("x {{ missing }}", { source, line: 6, column: 17, length: 1 })).toBe("site.yaml:6:23");
  });
});

test("a bare expression's error has the place of the expression", () => {
  const source = { path: "site.yaml", text: "  when: port == 80 and nope\n" };
  const at = { source, line: 1, column: 9, length: 1 };
  expect(
    told(() =>
      compileExpression({ source: "port == 80 and nope", at }).truth(scopeWith({ port: 80 }), bareHost),
    ),
  ).toEqual(["E_UNDEFINED", "'nope' is undefined", "site.yaml:1:24", null]);
  expect(told(() => evaluate("a ==")).slice(0, 2)).toEqual([
    "E_TEMPLATE_SYNTAX",
    "expected an expression, found its end",
  ]);
});
