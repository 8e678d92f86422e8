import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { parse, stringify } from "yaml";
import { runProgram } from "../../../src/cli/program.ts";
import type { RunEvent } from "../../../src/core/event.ts";
import { recordIo } from "../cli/io.ts";
import { ROLES } from "../lb/argument-specs.ts";
import type { FileBlock } from "./pages.ts";

// A site that has what an example leaves out: the files of the example's page up to and with the example, on top of
// a small pair.

const HOME = fileURLToPath(new URL("../../../roles/", import.meta.url));

/** What every example may count on. Variables of a group beat those of all. */
const BASE: Readonly<Record<string, unknown>> = {
  "hosts.yaml": {
    lb: { hosts: { lb1: { ansible_host: "192.0.2.11" }, lb2: { ansible_host: "192.0.2.12" } } },
  },
  "group_vars/all/base.yml": {
    lb_vip: "192.0.2.100",
    vault_tls_passphrase: "k7Rw2mXq",
    vault_stats_password: "k7Rw2mXq",
    vault_vrrp_password: "k7Rw2mXq",
    example_facts: { os_family: "Debian", virtualization_type: "kvm", service_mgr: "systemd" },
    haproxy_backends: [{ name: "app", servers: [{ name: "web1", address: "192.0.2.21", port: 80 }] }],
  },
};

/** The role that a variable belongs to: the longest name that it begins with. */
const roleOf = (variable: string, roles: readonly string[]): string | null =>
  roles
    .filter((role) => variable.startsWith(`${role}_`))
    .toSorted((a, b) => b.length - a.length)
    .at(0) ?? null;

/** The roles that an example sets variables of. */
const rolesOf = ({ text }: FileBlock): readonly string[] =>
  (text.match(/^\w+(?=:)/gm) ?? []).flatMap((name) => roleOf(name, ROLES) ?? []);

/** A play with the roles that an example sets variables of, and the one that the others are there for. */
const playOf = (example: FileBlock): unknown => [
  { hosts: "lb", become: true, serial: 1, roles: [...new Set([...rolesOf(example), "haproxy"])] },
];

const write = (directory: string, path: string, content: string): void => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
};

/** Lays an example's site out in a directory of its own for as long as it is used. */
const withSite = async <T>(
  example: FileBlock,
  pageFiles: readonly FileBlock[],
  use: (directory: string) => Promise<T>,
): Promise<T> => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-example-"));
  try {
    for (const [path, data] of Object.entries({ ...BASE, "site.yaml": playOf(example) }))
      write(directory, path, stringify(data));
    // The page's other files of its kind do not belong to it: each is a choice of its own.
    const before = pageFiles.filter(
      ({ line, path }) => line < example.line && !path.startsWith("group_vars/lb"),
    );
    for (const { path, text } of [...before, example]) write(directory, path, text);
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** What examples look up. */
const ENVIRONMENT = { STATS_PASSWORD: "k7Rw2mXq" };

/** A command of lbplay in a directory. */
export const program = async (
  directory: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
  const { io, stdout, stderr } = recordIo(directory, { env: { ...ENVIRONMENT, ...more } });
  return { code: await runProgram(words, io), stdout: stdout(), stderr: stderr() };
};

/** What lbplay says of an example's site when it reads it: with its playbook where the example is one. */
export const syntaxOf = (
  example: FileBlock,
  pageFiles: readonly FileBlock[],
): Promise<{ readonly code: number; readonly stderr: string }> =>
  withSite(example, pageFiles, async (directory) => {
    const playbook =
      /^[\w-]+\.yaml$/.test(example.path) && example.path !== "hosts.yaml" ? example.path : "site.yaml";
    const { code, stderr } = await program(directory, [
      "run",
      playbook,
      "-i",
      "hosts.yaml",
      "--syntax-check",
    ]);
    return { code, stderr };
  });

/** What the roles haproxy and keepalived hand to their modules, by host. */
export type Params = Readonly<Record<string, Readonly<Record<"haproxy" | "keepalived", unknown>>>>;

/**
 * Lays out, for as long as the tests of a file run, roles that only check their arguments, and show what they would hand
 * to their modules.
 */
export const withShownRoles = (): (() => string) => {
  let home: string | null = null;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "lbplay-roles-"));
    for (const role of ROLES) layOutRole(home, role);
  });
  afterAll(() => {
    if (home !== null) rmSync(home, { recursive: true, force: true });
  });
  return () => {
    if (home === null) throw new Error("the roles are there in tests only");
    return home;
  };
};

/** Runs an example's site with the roles of `withShownRoles`; all else is lbplay's own. */
export const paramsOf = (
  example: FileBlock,
  pageFiles: readonly FileBlock[],
  home: string,
): Promise<Params> =>
  withSite(example, pageFiles, async (directory) => {
    const roles = [...new Set([...rolesOf(example), "logging", "tls", ...SHOWN])];
    const play = {
      hosts: "all",
      connection: "local",
      gather_facts: false,
      roles,
    };
    write(directory, "params.yaml", stringify([play]));
    // In check mode, since a run locks its nodes, and both are this machine.
    const words = ["run", "params.yaml", "-i", "hosts.yaml", "--check", "--output", "json"];
    const { code, stdout, stderr } = await program(directory, words, { ANSIBLE_ROLES_PATH: home });
    const results = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as RunEvent)
      .filter((event) => event.kind === "host-result");
    if (code !== 0)
      throw new Error([stderr, ...results.map(({ status, msg }) => `${status}: ${msg}`)].join("\n"));
    const shown: Record<string, Record<string, unknown>> = {};
    for (const event of results.filter(({ task }) => task.module === "debug")) {
      const role = event.task.name.split(" : ")[0] ?? "";
      shown[event.host] = {
        ...shown[event.host],
        [role]: withoutNull((event.result as { msg: unknown }).msg),
      };
    }
    return shown as Params;
  });

/** Roles whose modules' parameters are shown. */
const SHOWN = ["haproxy", "keepalived"];

const layOutRole = (home: string, role: string): void => {
  for (const part of ["defaults/main.yml", "vars/main.yml", "meta/argument_specs.yml"]) {
    const path = `${role}/${part}`;
    if (!existsSync(HOME + path)) continue;
    // No machine is asked: facts are what an example may count on.
    const text = readFileSync(HOME + path, "utf8").replaceAll("ansible_facts[", "example_facts[");
    write(home, path, text);
  }
  if (SHOWN.includes(role))
    write(home, `${role}/tasks/main.yml`, stringify([{ debug: { msg: handedOver(role) } }]));
};

/** The parameters of a role's own module as its task gives them; what the task omits is null. */
const handedOver = (role: string): Readonly<Record<string, string>> => {
  const tasks = parse(readFileSync(`${HOME}${role}/tasks/main.yml`, "utf8"), { version: "1.1" });
  const task = tasks.find((step: object) => `${role}_config` in step)[`${role}_config`];
  const entries = Object.entries<string>(task).filter(([key]) => key !== "dest");
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value.replace("default(omit, true)", "default(none, true)")]),
  );
};

const withoutNull = (params: unknown): unknown =>
  Object.fromEntries(Object.entries(params as object).filter(([, value]) => value !== null && value !== ""));
