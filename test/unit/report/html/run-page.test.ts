import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import type { HostRecap, RunEvent } from "../../../../src/core/event.ts";
import { pageText } from "../../../../src/report/html/page.ts";
import { type RunSubject, runPage } from "../../../../src/report/html/run-page.ts";
import { createRunRecorder } from "../../../../src/report/html/run-record.ts";
import { label, result } from "../events.ts";
import { all, type Parsed, parsed, rowsOf, textOf } from "./parsed.ts";

const NONE: HostRecap = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

const SUBJECT: RunSubject = {
  playbooks: ["site.yaml"],
  asked: [["Limited to", "lb"]],
  by: "ann@desk",
  ended: null,
};

const started: RunEvent = { kind: "run-started", time: 1000, playbook: "site.yaml", mode: "apply" };
const play: RunEvent = { kind: "play-started", time: 1000, play: "Load balancers", hosts: ["lb1", "lb2"] };

const recap = (hosts: Readonly<Record<string, Partial<HostRecap>>>, time = 3000): RunEvent => ({
  kind: "recap",
  time,
  hosts: Object.fromEntries(Object.entries(hosts).map(([host, own]) => [host, { ...NONE, ...own }])),
  stats: {},
  roundTrips: Object.fromEntries(Object.keys(hosts).map((host) => [host, 2])),
  seconds: 2,
});

const htmlOf = (events: readonly RunEvent[], subject: Partial<RunSubject> = {}): string => {
  const { see, record } = createRunRecorder();
  for (const event of events) see(event);
  const redact = (text: string): string => text.replaceAll("hunter2", "[redacted]");
  return pageText(runPage(record(), { ...SUBJECT, ...subject }), { version: "0.1.0", time: 0, redact });
};

const pageOf = (events: readonly RunEvent[], subject: Partial<RunSubject> = {}): Parsed =>
  parsed(htmlOf(events, subject));

const verdict = (page: Parsed): string =>
  all(page, ({ attributes }) => attributes.get("class")?.startsWith("verdict ") === true)
    .map(textOf)
    .join();

test("The hosts' table is the recap, and results stand at their tasks in the play's order of hosts.", () => {
  const task = label("base : Packages");
  const page = pageOf([
    started,
    play,
    { kind: "task-started", time: 1100, task },
    result({ task, host: "lb2", status: "changed", time: 1300, duration: 200 }),
    result({ task, host: "lb1", status: "ok", time: 1400, duration: 300 }),
    recap({ lb1: { ok: 1 }, lb2: { ok: 1, changed: 1 } }),
  ]);
  expect(rowsOf(page, "Results by host")).toEqual([
    {
      Host: "lb1",
      ok: "1",
      changed: "0",
      unreachable: "0",
      failed: "0",
      skipped: "0",
      rescued: "0",
      ignored: "0",
      "round trips": "2",
    },
    {
      Host: "lb2",
      ok: "1",
      changed: "1",
      unreachable: "0",
      failed: "0",
      skipped: "0",
      rescued: "0",
      ignored: "0",
      "round trips": "2",
    },
  ]);
  const [row] = all(page, ({ attributes }) => attributes.get("class") === "row");
  expect(row === undefined ? "" : textOf(row)).toBe("base : Packages site.yaml:3✓lb1: ok●lb2: changed300 ms");
  expect(verdict(page)).toBe("✓Done1 task changed something on lb2.");
});

test("Differences are shown without --diff, but never those of a secret or of a task that says diff: false.", () => {
  const change = { field: "/etc/motd", before: "one\ntwo\n", after: "one\nhunter2 <b>\n" };
  const refused = label("Refused");
  const secret = label("Secret");
  const text = textOf(
    pageOf([
      started,
      play,
      result({ status: "changed", changes: [change] }),
      result({
        task: refused,
        status: "changed",
        diffRefused: true,
        changes: [{ ...change, after: "a\nrefused\n" }],
      }),
      result({
        task: secret,
        status: "changed",
        changes: [{ ...change, field: "password", after: "a\nsecret text\n", secret: true }],
      }),
      recap({ lb1: { ok: 3, changed: 3 } }),
    ]),
  );
  expect(text).toContain("-two+[redacted] <b>");
  expect(text).toContain("/etc/motdnot shown: the task says diff: false");
  expect(text).toContain("password[redacted]");
  expect(text).not.toMatch(/hunter2|refused\n|secret text/);
});

test("A failure is told first, with what the command said and a link to its task; one that is ignored is not.", () => {
  const failed = label("Check");
  const page = pageOf([
    started,
    play,
    result({ task: label("Try"), status: "failed", ignored: true, msg: "it is ignored" }),
    result({
      task: failed,
      status: "failed",
      msg: "non-zero return code",
      result: { rc: 2, stderr: "no such backend" },
    }),
    recap({ lb1: { failed: 1, ignored: 1 } }),
  ]);
  const [section] = all(page, (one) => one.tag === "section" && textOf(one).startsWith("What to look at"));
  expect(section === undefined ? "" : textOf(section)).toBe(
    "What to look at✗lb1: failed Checknon-zero return coderc: 2stderr: no such backend",
  );
  const [link] = all(page, ({ tag }) => tag === "a");
  const target = link?.attributes.get("href")?.slice(1) ?? "";
  expect(
    all(page, ({ attributes }) => attributes.get("id") === target)
      .map(textOf)
      .join(),
  ).toContain("Check");
  expect(verdict(page)).toBe("✗Failed1 task failed on lb1.");
});

test("A run that ended early says why; one that met nobody says so; check mode says that nothing was changed.", () => {
  expect(verdict(pageOf([started], { ended: "lb1 is locked by bob" }))).toBe(
    "✗Ended earlylb1 is locked by bob",
  );
  expect(verdict(pageOf([started, { kind: "no-hosts", time: 1, play: "x", pattern: "db" }, recap({})]))).toBe(
    "●Nothing was runNo play matched a host.",
  );
  const waits = result({ task: label("Reload"), status: "would-follow", msg: "waits" });
  const checked = pageOf([
    { ...started, mode: "check" } as RunEvent,
    play,
    result({ status: "changed" }),
    waits,
    recap({ lb1: { changed: 1 } }),
  ]);
  expect(verdict(checked)).toBe(
    "iWould change1 task would change something on lb1; 1 more result would follow from that.",
  );
});

test("How a pair was rolled is told step by step, and what its client saw is drawn and told in figures.", () => {
  const roll = (
    step: string,
    time: number,
    more: Partial<Extract<RunEvent, { kind: "roll" }>> = {},
  ): RunEvent => ({
    kind: "roll",
    time,
    group: "lb",
    host: null,
    step,
    status: "ok",
    message: `${step} it is`,
    data: null,
    ...more,
  });
  const seen = {
    requests: 1200,
    failed: 8,
    longestGapMs: 41.5,
    from: 1200,
    to: 2800,
    windows: [{ from: 1500, ms: 41.5, failed: 8 }],
  };
  const page = pageOf([
    started,
    play,
    roll("plan", 1100),
    roll("gate", 1600, { host: "lb2", status: "failed" }),
    result({ time: 1700, duration: 400 }),
    roll("continuity", 2800, { data: seen }),
    recap({ lb1: { ok: 1 } }),
  ]);
  expect(rowsOf(page, "What a client saw of the virtual address")).toEqual([
    { "Virtual address of": "lb", Requests: "1200", Failed: "8", "Longest time without an answer": "42 ms" },
  ]);
  const steps = all(page, ({ attributes }) => attributes.get("class") === "steps")
    .map(textOf)
    .join();
  expect(steps).toBe(
    "+0.100 s✓plan: plan it is+0.600 s✗gate on lb2: gate it is+1.800 s✓continuity: continuity it is",
  );
  expect(
    rowsOf(page, "What each host was at, over time, as a table").filter(({ Lane }) => Lane === "lb: answers"),
  ).toEqual([
    { From: "+0.200 s", For: "300 ms", Lane: "lb: answers", What: "answered (1200 requests in all)" },
    { From: "+0.500 s", For: "42 ms", Lane: "lb: answers", What: "8 failed" },
    { From: "+0.541 s", For: "1.26 s", Lane: "lb: answers", What: "answered (1200 requests in all)" },
  ]);
});

test("A run of thousands of tasks with large changes is a page of bounded size, written in bounded time.", () => {
  const text = Array.from({ length: 2_000 }, (_, line) => `line ${line}\n`).join("");
  const events = Array.from({ length: 2_000 }, (_, index): readonly RunEvent[] => {
    const task = label(`Task ${index}`, { id: `t${index}` });
    const changes = [{ field: `/etc/file${index}`, before: null, after: text }];
    return [
      { kind: "task-started", time: index * 10, task },
      ...["lb1", "lb2", "web1", "web2"].map((host) =>
        index % 2 === 0
          ? result({ task, host, time: index * 10 + 9, duration: 9 })
          : result({ task, host, time: index * 10 + 9, duration: 9, status: "changed", changes }),
      ),
    ];
  }).flat();
  const began = performance.now();
  const html = htmlOf([started, play, ...events, recap({ lb1: { ok: 2_000 } }, 20_000)]);
  expect(performance.now() - began).toBeLessThan(25_000);
  expect(html.length).toBeLessThan(12_000_000);
  expect(html).toContain("left out: there are more changes than a page can show");
  expect(() => parsed(html)).not.toThrow();
});
