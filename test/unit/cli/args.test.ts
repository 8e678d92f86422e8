import { expect, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/args.ts";
import type { RunOptions } from "../../../src/cli/run-options.ts";
import { LbplayError } from "../../../src/core/error.ts";

const DEFAULTS: RunOptions = {
  playbooks: ["site.yaml"],
  inventories: ["inventory"],
  check: false,
  diff: false,
  limit: null,
  shard: null,
  tags: [],
  skipTags: [],
  startAtTask: null,
  step: false,
  listing: null,
  syntaxCheck: false,
  extraVars: [],
  forks: 20,
  connection: {
    connection: null,
    user: null,
    privateKeyFile: null,
    sshCommonArgs: null,
    hostKeyChecking: null,
    timeoutSeconds: 10,
    become: false,
    becomeUser: null,
    becomeMethod: null,
  },
  credentials: {
    askConnection: false,
    askBecome: false,
    connectionFile: null,
    becomeFile: null,
    askVault: false,
    vaultFiles: [],
    vaultIds: [],
  },
  forceHandlers: false,
  breakLock: false,
  allowUnfit: false,
  maxOutageMs: null,
  noLint: null,
  proveFailover: false,
  verbosity: 0,
  output: "auto",
  report: null,
  exitCode: false,
};

const parse = (line: string) => parseCommandLine(line.split(" ").filter((word) => word !== ""));

const faultOf = (line: string): unknown => {
  try {
    parse(line);
    return "no error";
  } catch (error) {
    if (!(error instanceof LbplayError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
};

test("A bare run has the defaults.", () => {
  expect(parse("run site.yaml -i inventory")).toEqual({ kind: "run", options: DEFAULTS });
});

test("Everything that ansible-playbook's users type is understood, short and long.", () => {
  const line =
    "run a.yml b.yml -i one -i lb1,lb2, -C -D -l lb1:!lb2 -t x,y -t z --skip-tags slow --start-at-task Install --step " +
    "-e a=1 -e @vars.yml -f 3 -b --become-user www --become-method su -u admin -K -k --vault-password-file v " +
    "--vault-id prod@prompt --ask-vault-pass --private-key id -c openssh -T 5 --ssh-common-args=-Jbastion " +
    "--force-handlers -vv -v --shard 2/4 --output json --report r.html --exit-code --break-lock --allow-unfit --max-outage 500ms --no-lint known --prove-failover --host-key-checking accept-new";
  expect(parse(line)).toEqual({
    kind: "run",
    options: {
      playbooks: ["a.yml", "b.yml"],
      inventories: ["one", "lb1,lb2,"],
      check: true,
      diff: true,
      limit: "lb1:!lb2",
      shard: { index: 2, count: 4 },
      tags: ["x", "y", "z"],
      skipTags: ["slow"],
      startAtTask: "Install",
      step: true,
      listing: null,
      syntaxCheck: false,
      extraVars: ["a=1", "@vars.yml"],
      forks: 3,
      connection: {
        connection: "openssh",
        user: "admin",
        privateKeyFile: "id",
        sshCommonArgs: "-Jbastion",
        hostKeyChecking: "accept-new",
        timeoutSeconds: 5,
        become: true,
        becomeUser: "www",
        becomeMethod: "su",
      },
      credentials: {
        askConnection: true,
        askBecome: true,
        connectionFile: null,
        becomeFile: null,
        askVault: true,
        vaultFiles: ["v"],
        vaultIds: ["prod@prompt"],
      },
      forceHandlers: true,
      breakLock: true,
      allowUnfit: true,
      maxOutageMs: 500,
      noLint: "known",
      proveFailover: true,
      verbosity: 3,
      output: "json",
      report: "r.html",
      exitCode: true,
    },
  });
});

test("Several listings may be asked for at once.", () => {
  expect(parse("run site.yaml -i inventory --list-hosts --list-tags")).toEqual({
    kind: "run",
    options: { ...DEFAULTS, listing: { hosts: true, tasks: false, tags: true } },
  });
});

test("An inventory is listed unless a host or the graph is asked for.", () => {
  const options = {
    inventories: ["i"],
    action: { kind: "list" },
    vars: false,
    yaml: false,
    limit: null,
    credentials: DEFAULTS.credentials,
  };
  expect(parse("inventory -i i")).toEqual({ kind: "inventory", options });
  expect(parse("inventory -i i --list -y -l lb1")).toEqual({
    kind: "inventory",
    options: { ...options, yaml: true, limit: "lb1" },
  });
  expect(parse("inventory -i i --host lb1")).toEqual({
    kind: "inventory",
    options: { ...options, action: { kind: "host", host: "lb1" } },
  });
  expect(parse("inventory -i i --graph --vars lbs")).toEqual({
    kind: "inventory",
    options: { ...options, action: { kind: "graph", group: "lbs" }, vars: true },
  });
});

test("What follows a node of lab ssh belongs to the command there.", () => {
  expect(parse("lab ssh --name x lb1 ip -4 addr --help")).toEqual({
    kind: "lab",
    options: {
      provider: "embedded",
      name: "x",
      stateRoot: "/var/lib/lbplay",
      action: { kind: "ssh", node: "lb1", command: ["ip", "-4", "addr", "--help"] },
    },
  });
  expect(parse("lab ssh lb1 -- ip -4 addr")).toMatchObject({
    options: { action: { command: ["ip", "-4", "addr"] } },
  });
  expect(parse("lab ssh lb1 -- --")).toMatchObject({ options: { action: { command: ["--"] } } });
});

test("The lab's nodes, packages and faults are understood.", () => {
  const lab = (action: object) => ({
    kind: "lab",
    options: { provider: "embedded", name: null, stateRoot: "/srv/lab", action },
  });
  expect(parse("lab up --state /srv/lab --nodes lb1,lb2:haproxy --packages curl,jq --fresh")).toEqual(
    lab({ kind: "up", nodes: ["lb1", "lb2:haproxy"], packages: ["curl", "jq"], fresh: true }),
  );
  expect(parse("lab unplug lb1 --state /srv/lab")).toEqual(
    lab({ kind: "fault", fault: "unplug", node: "lb1" }),
  );
  expect(parse("lab down --state /srv/lab")).toEqual(lab({ kind: "down" }));
  expect(parse("lab inventory --state /srv/lab")).toEqual(lab({ kind: "inventory" }));
});

test("Who makes a lab's nodes is said before the action or behind it.", () => {
  for (const line of ["lab --provider vagrant freeze lb1", "lab freeze lb1 --provider vagrant"]) {
    expect(parse(line)).toMatchObject({
      options: { provider: "vagrant", action: { kind: "fault", fault: "freeze", node: "lb1" } },
    });
  }
  expect(parse("lab --provider vagrant ssh lb1 ls --provider embedded")).toMatchObject({
    options: { provider: "vagrant", action: { command: ["ls", "--provider", "embedded"] } },
  });
});

test.each([
  ["runn site.yaml", "unknown command 'runn'", "Did you mean run? (see lbplay --help)"],
  ["run site.yaml -i x --chekc", "unknown option '--chekc'", "Did you mean --check? (see lbplay run --help)"],
  ["run -i x", "missing required argument 'playbook'", "see lbplay run --help"],
  [
    "run site.yaml -i x -f 0",
    "option '-f, --forks <number>' argument '0' is invalid. Expected a whole number from 1.",
    "see lbplay run --help",
  ],
  [
    "run site.yaml -i x -K --become-password-file f",
    "option '--become-password-file <file>' cannot be used with option '-K, --ask-become-pass'",
    "see lbplay run --help",
  ],
  [
    "lab --provider vagrant inventory --name x",
    "--name is for the embedded lab, and cannot be used with --provider vagrant",
    "which machines are meant follows from the working directory's Vagrantfile (see lbplay lab --help)",
  ],
  [
    "lab up --provider lxc",
    "option '--provider <name>' argument 'lxc' is invalid. Allowed choices are embedded, vagrant.",
    "see lbplay lab --help",
  ],
  ["lab unplug", "missing required argument 'node'", "see lbplay lab --help"],
  [
    "inventory -i x lbs",
    "a group (lbs) is only understood with --graph",
    "give --graph, or --host for the variables of one host",
  ],
])("%s is refused with what to do.", (line, message, hint) => {
  expect(faultOf(line)).toEqual({ code: "E_USAGE", message, hint });
});

test("Help is shown when it is asked for, and as a mistake where a command is missing.", () => {
  expect(parse("--help")).toMatchObject({ kind: "show", exitCode: 0 });
  expect(parse("")).toMatchObject({ kind: "show", exitCode: 2 });
  expect(parse("lab")).toMatchObject({ kind: "show", exitCode: 2 });
  const shown = parse("run --help");
  expect(shown.kind === "show" && shown.text.startsWith("Usage: lbplay run [options] <playbook...>\n")).toBe(
    true,
  );
});
