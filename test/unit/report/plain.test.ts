import { expect, test } from "vitest";
import type { HostRecap, RunEvent } from "../../../src/core/event.ts";
import { createPalette } from "../../../src/report/palette.ts";
import { createPlainSink } from "../../../src/report/plain.ts";
import { label, result } from "./events.ts";

const NONE: HostRecap = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
};

const shown = (events: readonly RunEvent[], verbosity = 0, columns: number | null = null): string => {
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  const sink = createPlainSink({ palette: createPalette(false), verbosity, columns, write });
  for (const event of events) sink(event);
  return text;
};

test("A run reads as Ansible's default output does, with headings 80 columns wide.", () => {
  const text = shown([
    { kind: "run-started", time: 0, playbook: "site.yaml", mode: "apply" },
    { kind: "play-started", time: 0, play: "Load balancers", hosts: ["lb1", "lb2"] },
    { kind: "task-started", time: 0, task: label("base : Packages") },
    { kind: "host-started", time: 0, host: "lb1", task: label("base : Packages") },
    result(),
    result({ host: "lb2", status: "changed" }),
    { kind: "task-started", time: 0, task: label("haproxy : reload", { handler: true }) },
    result({ status: "skipped" }),
  ]);
  expect(text).toBe(`
PLAY [Load balancers] **********************************************************

TASK [base : Packages] *********************************************************
ok: [lb1]
changed: [lb2]

RUNNING HANDLER [haproxy : reload] *********************************************
skipping: [lb1]
`);
});

test("Headings fill the terminal but for one column, and keep three stars where a name is longer.", () => {
  const play = (name: string): RunEvent => ({ kind: "play-started", time: 0, play: name, hosts: [] });
  expect(shown([play("lbs")], 0, 30)).toBe(`\nPLAY [lbs] ${"*".repeat(19)}\n`);
  expect(shown([play("x".repeat(40))], 0, 30)).toBe(`\nPLAY [${"x".repeat(40)}] ***\n`);
});

test("The recap has the columns of Ansible's, and below it the time and the round trips.", () => {
  const text = shown([
    {
      kind: "recap",
      time: 0,
      hosts: { lb1: { ...NONE, ok: 24, skipped: 3 }, lb2: { ...NONE, ok: 7, changed: 2, failed: 1 } },
      stats: {},
      roundTrips: { lb1: 1, lb2: 12 },
      seconds: 0.324,
    },
  ]);
  expect(text).toBe(`
PLAY RECAP *********************************************************************
lb1                        : ok=24   changed=0    unreachable=0    failed=0    skipped=3    rescued=0    ignored=0
lb2                        : ok=7    changed=2    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0

0.32 s, 13 round trips to 2 nodes, at most 12 to one of them
`);
});

test("A run that ended before it met a host has no recap.", () => {
  expect(shown([{ kind: "recap", time: 0, hosts: {}, stats: {}, roundTrips: {}, seconds: 0 }])).toBe("");
});

test("A loop's items are printed, and the whole again only where it failed.", () => {
  const task = label("Users");
  const items = [result({ task, item: "ann" }), result({ task, item: "bob", status: "changed" })];
  expect(shown([...items, result({ task, status: "changed" })])).toBe(
    "ok: [lb1] => (item=ann)\nchanged: [lb1] => (item=bob)\n",
  );
  const broken = result({ task, item: "cyd", status: "failed", msg: "no such group" });
  const whole = result({ task, status: "failed", msg: "one or more items failed" });
  expect(shown([broken, whole])).toBe(
    "failed: [lb1] (item=cyd) => no such group\nfatal: [lb1]: FAILED! => one or more items failed\n",
  );
  expect(shown([...items, result({ task: label("Next"), status: "ok" })])).toContain("\nok: [lb1]\n");
});

test("A failure shows what the command said, once, and what to do; an ignored one says so.", () => {
  const failed = result({
    status: "failed",
    msg: "the command exited with 2",
    hint: "install haproxy first",
    ignored: true,
    result: { cmd: ["haproxy", "-c"], rc: 2, stdout: "", stderr: "line 1\nline 2\n", changed: true },
  });
  expect(shown([failed])).toBe(`fatal: [lb1]: FAILED! => the command exited with 2
    cmd: haproxy -c
    stderr: line 1
            line 2
  hint: install haproxy first
...ignoring
`);
  expect(shown([result({ status: "unreachable", msg: "connection refused", result: null })])).toBe(
    "fatal: [lb1]: UNREACHABLE! => connection refused\n",
  );
});

test("What check mode could not decide is named as such and counted at the end.", () => {
  const waits = result({ status: "would-follow", msg: "waits for base : Packages" });
  const recap: RunEvent = {
    kind: "recap",
    time: 0,
    hosts: { lb1: NONE },
    stats: {},
    roundTrips: { lb1: 1 },
    seconds: 61,
  };
  const started: RunEvent = { kind: "run-started", time: 0, playbook: "site.yaml", mode: "check" };
  expect(shown([started, waits, recap])).toBe(`CHECK MODE: nothing is changed; results are what a run would do
would follow: [lb1] (waits for base : Packages)

PLAY RECAP *********************************************************************
lb1                        : ok=0    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

1 min 01 s, 1 round trip to 1 node
1 result waits for changes that check mode does not make ("would follow")
`);
});

test("debug prints its message as Ansible does, and -v prints every result.", () => {
  const debug = label("Say", { module: "ansible.builtin.debug" });
  const said = result({ task: debug, result: { changed: false, msg: "hi", list: [1, {}] } });
  expect(shown([said])).toBe(`ok: [lb1] => {
    "list": [
        1,
        {}
    ],
    "msg": "hi"
}
`);
  expect(shown([result({ result: { rc: 0, changed: false, cmd: ["a", "b"] } })], 1)).toBe(
    'ok: [lb1] => {"changed": false, "cmd": ["a", "b"], "rc": 0}\n',
  );
});

test("With --diff the changes stand below the host's line, without it there are none.", () => {
  const changed = result({ status: "changed", changes: [{ field: "mode", before: "0644", after: "0600" }] });
  expect(shown([{ ...changed, diff: true }, changed])).toBe(
    "changed: [lb1]\n    mode: 0644 -> 0600\nchanged: [lb1]\n",
  );
});

test("Delegation, warnings and plays without hosts are told.", () => {
  expect(
    shown([
      { kind: "warning", time: 0, host: null, message: "the pattern db matches nothing" },
      { kind: "warning", time: 0, host: "lb2", message: "the clock is 40 s off" },
      { kind: "no-hosts", time: 0, play: "Databases", pattern: "db" },
      result({ delegatedTo: "lb2" }),
    ]),
  ).toBe(`[WARNING]: the pattern db matches nothing
[WARNING]: lb2: the clock is 40 s off

PLAY [Databases] ***************************************************************
skipping: no hosts matched db
ok: [lb1 -> lb2]
`);
});
