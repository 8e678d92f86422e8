import { parseArgs } from "node:util";
import { fromJson, type Json } from "../src/core/value.ts";
import { compileTemplate, type Host, type Scope } from "../src/jinja/environment.ts";
import { timed } from "./compare/command.ts";
import { table, takeTurns } from "./compare/turns.ts";

// Templates by lbplay and by the real Jinja2, each in a process that has started already, the same text coming out:
// npm run bench -- jinja [--times 200] [--rounds 7]

const { values } = parseArgs({
  options: { times: { type: "string", default: "200" }, rounds: { type: "string", default: "7" } },
});
const times = Number(values.times);

const TEMPLATE = `# {{ title | upper }}
{% macro check(server) %}check inter {{ server.inter | default(2000) }} fall {{ server.fall | default(3) }}{% endmacro %}
global
    maxconn {{ maxconn }}
{% for option in options | sort %}
    option {{ option }}
{% endfor %}
{% for backend in backends if backend.servers %}

backend {{ backend.name }}
    balance {{ backend.balance | default('roundrobin') }}
{% for server in backend.servers %}
    server {{ server.name }} {{ server.address }}:{{ server.port }} {{ check(server) }}{% if server.backup %} backup{% endif %}{{ '' }}
{% endfor %}
{% if not loop.last %}
    # {{ backend.servers | map(attribute='name') | join(', ') }}
{% endif %}
{% endfor %}
`;

const VARIABLES: Readonly<Record<string, Json>> = {
  title: "a load balancer",
  maxconn: 20000,
  options: ["httplog", "dontlognull", "redispatch", "forwardfor"],
  backends: Array.from({ length: 10 }, (_, backend) => ({
    name: `app${backend}`,
    servers: Array.from({ length: 10 }, (_none, server) => ({
      name: `web${server}`,
      address: `192.0.2.${server + 10}`,
      port: 8080 + backend,
      backup: server > 7,
    })),
  })),
};

const scope: Scope = {
  get: (name) => known.get(name),
  names: () => known.keys(),
};
const known = new Map(Object.entries(VARIABLES).map(([name, value]) => [name, fromJson(value)]));

const host: Host = {
  load: null,
  lookup: null,
  now: () => new Date(0),
  random: () => 0,
  parseYaml: null,
};

const source = { path: "haproxy.cfg.j2", text: TEMPLATE, at: null };

/** `times` renderings, compiled each time anew or once beforehand. */
const ours = (anew: boolean) => async (): Promise<number> => {
  const once = compileTemplate(source);
  once.render(scope, host);
  const started = performance.now();
  for (let turn = 0; turn < times; turn += 1) (anew ? compileTemplate(source) : once).render(scope, host);
  return performance.now() - started;
};

const wanted = compileTemplate(source).render(scope, host);

const theirs = (anew: boolean) => async (): Promise<number> => {
  const input = JSON.stringify({ template: TEMPLATE, variables: VARIABLES, times, compile: anew });
  const { output } = await timed(["python3", "bench/compare/render.py"], { input });
  // render.py writes it.
  const { milliseconds, text } = JSON.parse(output) as { milliseconds: number; text: string };
  if (text !== wanted) throw new Error(`the two differ:\n${wanted}\n${text}`);
  return milliseconds;
};

for (const [what, anew] of [
  ["rendering", false],
  ["compiling and rendering", true],
] as const) {
  const figures = await takeTurns(
    [
      { name: `Jinja2, ${what} ${times} times`, run: theirs(anew) },
      { name: `lbplay, ${what} ${times} times`, run: ours(anew) },
    ],
    Number(values.rounds),
  );
  process.stdout.write(`${table(figures)}\n`);
}
