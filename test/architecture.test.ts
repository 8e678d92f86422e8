import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Schema } from "../src/core/schema.ts";
import { tasks } from "../src/tasks/registry.ts";

// What keeps the layers apart. Each rule says why it is there; what breaks it is listed by file.

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Layers that may import siblings; everybody may import core. `*` is everything. */
const EDGES: Readonly<Record<string, { readonly to: readonly string[]; readonly why: string }>> = {
  core: { to: [], why: "the vocabulary knows nobody who speaks it" },
  jinja: { to: [], why: "a template language that is tested without playbooks" },
  config: { to: [], why: "files are understood without running anything" },
  transport: { to: [], why: "ways to a node know nothing of what is done there" },
  tasks: {
    to: ["lb"],
    why: "modules are pure; haproxy_config and keepalived_config render the pair's model",
  },
  engine: { to: ["jinja"], why: "is given modules, transports and reporters, so that each is tested alone" },
  lb: { to: [], why: "the pair's model is pure and used by modules and commands alike" },
  probe: { to: [], why: "a client that counts knows nothing of what it watches" },
  roll: {
    to: ["lb", "probe"],
    why: "decides with the pair's model in which order nodes are changed, while a client counts; the engine is handed to it",
  },
  lab: {
    to: ["probe"],
    why: "nodes to try things on, for tests and for people; nothing that runs on a real pair needs it",
  },
  drill: {
    to: ["lb", "probe"],
    why: "breaks a pair on purpose and judges what a client saw by the pair's model; nodes and labs are handed to it",
  },
  report: { to: ["drill"], why: "shows events and the results of drills, decides nothing" },
  cli: { to: ["*"], why: "the one place that knows all layers and hands them to each other" },
  build: { to: ["*"], why: "scripts around the product, never part of it" },
};

/** The layers that may import a library. */
const HOMES: Readonly<Record<string, { readonly in: readonly string[]; readonly why: string }>> = {
  yaml: { in: ["config"], why: "YAML 1.1 as Ansible reads it is settled in one place" },
  ssh2: { in: ["transport"], why: "it accepts any host key unless told otherwise" },
  listr2: { in: ["report"], why: "it takes over streams and signals unless held" },
  diff: { in: ["report"], why: "it can take seconds unless given a time limit" },
  picocolors: { in: ["report"], why: "whether to colour is decided once" },
  commander: { in: ["cli"], why: "command lines are understood in one place" },
  zx: { in: ["lab", "build"], why: "its quoting is bash's, which no node's sh understands" },
  ajv: { in: ["build"], why: "validators are compiled when lbplay is built" },
  esbuild: { in: ["build"], why: "it is not there at run time" },
  tsx: { in: ["build"], why: "it is not there at run time" },
};

/** What the outside world offers, and the layers that may not use it. */
const EFFECTS: readonly {
  readonly what: string;
  readonly pattern: RegExp;
  readonly except: (file: string) => boolean;
  readonly why: string;
}[] = [
  {
    what: "the process",
    pattern: /(?<![\w"'`.#])process(\.[a-z]|\[)|from "(node:)?process"/,
    except: (file) => layerOf(file) === "build" || file === "src/cli/main.ts",
    why: "arguments, environment, streams, signals and exit codes enter and leave through cli/main.ts",
  },
  {
    what: "the console",
    pattern: /(?<![\w"'`.#])console\.(debug|error|info|log|table|trace|warn)\b/,
    except: () => false,
    why: "output goes through a write that was handed in, so that it can be tested and redacted",
  },
  {
    what: "the clock",
    pattern: /\bDate\.now\b|\bnew Date\(\)/,
    except: (file) => ["build", "cli"].includes(layerOf(file)) || isProgram(file),
    why: "time is a parameter",
  },
  {
    what: "chance",
    pattern: /\bMath\.random\b/,
    except: (file) => layerOf(file) === "cli",
    why: "randomness is a parameter",
  },
  {
    what: "the file system, programs or the network",
    pattern: /from "node:(fs|fs\/promises|child_process|net|tls|http|https|dgram|dns)"/,
    except: (file) => !["core", "tasks", "lb", "jinja", "report"].includes(layerOf(file)),
    why: "these layers are pure: what they say of check mode would not be true otherwise",
  },
  {
    what: "state that outlives a call",
    pattern: /^(export )?(let|var) /m,
    except: () => false,
    why: "two runs in one process must not see each other",
  },
  {
    what: "a note to do something later",
    pattern: /\b(TODO|FIXME|XXX)\b/,
    except: () => false,
    why: "an issue is where it belongs",
  },
];

/** Programs that another process starts: what stands beside cli/main.ts. */
const isProgram = (file: string): boolean => file.endsWith("-main.ts");

const LONGEST_FILE = 400;

const files = (directory: string): readonly string[] =>
  readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((file) => file.endsWith(".ts") && !/\.generated\.|\.d\.ts$/.test(file))
    .toSorted();

const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Code without comments; what looks like a comment inside a string follows a colon (https://) or no blank. */
const codeOf = (file: string): string =>
  textOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ""))
    .replaceAll(/(^|\s)\/\/.*$/gm, "$1");

const layerOf = (file: string): string => file.split("/")[1] ?? "";

/** What a file imports: static imports (at a line's beginning, as they are formatted), re-exports, dynamic and type imports. */
const importsOf = (file: string): readonly string[] =>
  [
    ...codeOf(file).matchAll(
      /^(?:import|export)\b[^;"]*?\bfrom "([^"\n]+)"|^import "([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm,
    ),
  ].flatMap(([, from, plain, dynamic]) => from ?? plain ?? dynamic ?? []);

const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

const sources = files("src");

test("Layers import core, themselves and the few siblings that are written down.", () => {
  const broken = sources.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith("."))
      .map((name) => relative(ROOT, resolve(ROOT, dirname(file), name)))
      .filter((target) => target !== "package.json")
      .flatMap((target) => {
        const from = layerOf(file);
        const to = layerOf(target);
        const edge = EDGES[from];
        if (edge === undefined) return [`${file}: ${from} is no layer`];
        const allowed = target.startsWith("src/") && [from, "core", ...edge.to].includes(to);
        return allowed || edge.to.includes("*") ? [] : [`${file} imports ${target}: ${edge.why}`];
      }),
  );
  expect(broken).toEqual([]);
});

test("Each library is imported in its home only.", () => {
  const broken = sources.flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
      .flatMap((name) => {
        const home = HOMES[packageOf(name)];
        if (home === undefined) return [`${file} imports ${name}, which no layer is the home of`];
        return home.in.includes(layerOf(file)) ? [] : [`${file} imports ${name}: ${home.why}`];
      }),
  );
  expect(broken).toEqual([]);
});

test.each(EFFECTS)("No layer but those that must uses $what ($why).", ({ pattern, except }) => {
  const broken = sources.filter((file) => !except(file)).filter((file) => pattern.test(codeOf(file)));
  expect(broken).toEqual([]);
});

test(`No file has more than ${LONGEST_FILE} lines, and none is a drawer for all sorts.`, () => {
  const all = [...sources, ...files("test")];
  const long = all.filter((file) => textOf(file).split("\n").length - 1 > LONGEST_FILE);
  const drawers = all.filter((file) => /(^|[/-])(utils?|helpers?|misc|common)(\.ts|\/)/.test(file));
  const odd = all.filter((file) => /[^a-z0-9./-]/.test(file));
  expect({ long, drawers, odd }).toEqual({ long: [], drawers: [], odd: [] });
});

/** Where a schema's parameters are not described; parts of a parameter are described with it or by themselves. */
const undescribed = (schema: Schema, path: string): readonly string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    (property.description ?? "").trim() === "" ? [`${path}.${name}`] : [],
  );

test("Every module says what it is for, and describes each of its parameters.", () => {
  expect(tasks.flatMap((task) => undescribed(task.schema, task.name))).toEqual([]);
  expect(tasks.filter((task) => task.summary.trim() === "" || task.example.trim() === "")).toEqual([]);
});

test("Modules have distinct names, and are listed in the alphabet's order.", () => {
  const names = tasks.flatMap((task) => [task.name, ...task.aliases]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(tasks.map((task) => task.name)).toEqual(tasks.map((task) => task.name).toSorted());
});

test("The map in src/README.md names every folder of src, and no other.", () => {
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const named = [...textOf("src/README.md").matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(folders.toSorted());
  expect(Object.keys(EDGES).toSorted()).toEqual(folders.toSorted());
});
