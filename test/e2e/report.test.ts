import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shownStatus } from "../../src/cli/status-shown.ts";
import type { HostResultEvent } from "../../src/core/event.ts";
import { pairHealth } from "../../src/lb/live/pair-health.ts";
import { drillPage } from "../../src/report/html/drill-page.ts";
import { pageText } from "../../src/report/html/page.ts";
import { statusPage } from "../../src/report/html/status-page.ts";
import { dead, node } from "../unit/lb/live/nodes.ts";
import { DRILL } from "../unit/report/drill-example.ts";
import { barriersOf, openFile, overflowOf, startBrowser, tableOf, WIDTHS } from "./browser.ts";
import { type Finished, lbplay, recapOf, runEvents } from "./lbplay.ts";

// Reports as browsers show them. The run and the lint are real, on this machine; what status shows of a pair was recorded
// from a real one; the drill is the example of its other outputs.

let directory = "";
let browser: Browser;
let run: Awaited<ReturnType<typeof runEvents>>;
let lint: Finished;

const SECRET = "hunter2&more";

const SITE = `- name: Two hosts
  hosts: all
  gather_facts: false
  vars: { password: "${SECRET}" }
  tasks:
    - name: A directory
      file: { path: "{{ playbook_dir }}/{{ inventory_hostname }}", state: directory }
    - name: A file of many lines
      copy:
        dest: "{{ playbook_dir }}/{{ inventory_hostname }}/haproxy.cfg"
        content: |
          global
            maxconn 100
          frontend web
            bind 192.0.2.10:80 # ${"a very long remark that no phone has room for ".repeat(4)}
      notify: Reload
    - { name: Look, ping: }
    - { name: Look again, ping: }
    - { name: And again, ping: }
    - name: A password
      copy: { dest: "{{ playbook_dir }}/{{ inventory_hostname }}/password", content: "{{ password }}\\n" }
      no_log: true
    - name: Say
      debug: { msg: "<b>${"unbroken".repeat(30)}</b>" }
    - name: Fail on the second
      command: "test {{ inventory_hostname }} = one"
  handlers:
    - { name: Reload, command: "true" }
`;

const INVENTORY = "all:\n  vars: { ansible_connection: local }\n  hosts: { one: , two: }\n";

const HAPROXY = `global
  maxconn 100
defaults
  mode http
frontend web
  bind 192.0.2.10:80
  default_backend app
backend app
  server web1 192.0.2.21:80
`;

const pathOf = (name: string): string => join(directory, `${name}.html`);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbplay-report-"));
  await mkdir(join(directory, "lb1"));
  await writeFile(join(directory, "site.yaml"), SITE);
  await writeFile(join(directory, "hosts.yaml"), INVENTORY);
  await writeFile(join(directory, "lb1", "haproxy.cfg"), HAPROXY);
  const here = { cwd: directory, env: { LBPLAY_STATE_DIR: directory } };
  run = await runEvents(["site.yaml", "-i", "hosts.yaml", "--report", "run.html"], here);
  lint = await lbplay(["lint", "lb1", "--output", "json", "--report", "lint.html"], here);
  const nodes = [node("lb1"), dead("lb2")];
  const page = statusPage([shownStatus({ name: "lb", nodes, health: pairHealth(nodes) })]);
  const setting = { version: "0.1.0", time: Date.now(), redact: (text: string) => text };
  await writeFile(pathOf("status"), pageText(page, setting));
  await writeFile(pathOf("drill"), pageText(drillPage(DRILL), setting));
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

describe.each(["run", "lint", "status", "drill"])("The report of %s", (report) => {
  test.each(["light", "dark"] as const)(
    "fits a phone, a laptop and a wall, asks for nothing and shuts nobody out, in the %s scheme.",
    async (colorScheme) => {
      const { page, noise } = await openFile(browser, pathOf(report), { width: WIDTHS.phone, colorScheme });
      await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
      for (const width of Object.values(WIDTHS)) {
        await page.setViewportSize({ width, height: 900 });
        expect({ width, overflow: await overflowOf(page) }).toEqual({ width, overflow: 0 });
        // A wall shows what a laptop does, with wider margins.
        const barriers = width === WIDTHS.wide ? [] : await barriersOf(page);
        expect({ width, barriers }).toEqual({ width, barriers: [] });
      }
      expect(noise).toEqual([]);
      await page.context().close();
    },
  );
});

test("The report of a run tells what its events tell: recap, every task with every result, and no secret.", async () => {
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 1, stderr: "" });
  const { page } = await openFile(browser, pathOf("run"), { width: WIDTHS.laptop, colorScheme: "light" });
  const { hosts, roundTrips } = recapOf(run.events);
  const wanted = Object.entries(hosts).map(([host, recap]) => ({
    Host: host,
    ...Object.fromEntries(Object.entries(recap).map(([name, count]) => [name, String(count)])),
    "round trips": String(roundTrips[host]),
  }));
  expect(await tableOf(page, "Results by host")).toEqual(wanted);
  const shown: readonly string[] =
    await page.evaluate(`[...document.querySelectorAll(".rows .row")].flatMap((row) =>
    [...row.querySelectorAll(".badge span:last-child")].map((badge) => row.querySelector(".name").textContent.trim() + " | " + badge.textContent))`);
  const told = run.events
    .filter((event): event is HostResultEvent => event.kind === "host-result" && event.item === null)
    .map(
      ({ task, host, status }) =>
        `${task.handler ? "Handler: " : ""}${task.name} ${task.at} | ${host}: ${status}`,
    );
  expect(shown.filter((line) => told.includes(line)).toSorted()).toEqual(told.toSorted());
  const text: string = await page.evaluate("document.documentElement.outerHTML");
  expect(text).toContain("+  maxconn 100");
  expect(text).not.toMatch(/hunter2/);
  await page.context().close();
});

test("The report of a lint tells the findings of its JSON, in their order.", async () => {
  const { page } = await openFile(browser, pathOf("lint"), { width: WIDTHS.laptop, colorScheme: "light" });
  const json = JSON.parse(lint.stdout) as {
    summary: { error: number };
    pairs: { findings: { rule: string; severity: string; message: string }[] }[];
  };
  const shown = await page.evaluate(`[...document.querySelectorAll(".finding")].map((finding) => ({
    rule: finding.querySelector("h3 code").textContent,
    severity: finding.querySelector(".badge span:last-child").textContent,
    message: finding.querySelector("h3").firstChild.textContent.trim(),
  }))`);
  const wanted = json.pairs.flatMap(({ findings }) =>
    findings.map(({ rule, severity, message }) => ({ rule, severity, message })),
  );
  expect(wanted.length).toBeGreaterThan(3);
  expect(shown).toEqual(wanted);
  await page.context().close();
});

test("The report of a drill tells the figures of its JSON for each fault, and draws each timeline.", async () => {
  const { page } = await openFile(browser, pathOf("drill"), { width: WIDTHS.laptop, colorScheme: "light" });
  const shown = await tableOf(page, "Faults");
  expect(shown.map(({ Fault }) => Fault)).toEqual(DRILL.faults.map(({ title }) => title));
  expect(shown.map((row) => row["Outage max"])).toEqual(
    DRILL.faults.map(({ figures }) => (figures === null ? "–" : `${Math.round(figures.outageMaxMs)} ms`)),
  );
  expect(shown.map((row) => row["Failed requests"])).toEqual(
    DRILL.faults.map(({ figures }) => (figures === null ? "–" : `${figures.failed} of ${figures.requests}`)),
  );
  const pictures: readonly { name: string; drawn: number; height: number }[] =
    await page.evaluate(`[...document.querySelectorAll("svg[role=img]")].map((picture) => ({
      name: picture.querySelector("title").textContent,
      drawn: picture.querySelectorAll("rect").length,
      height: picture.getBoundingClientRect().height,
    }))`);
  const repeats = DRILL.faults.flatMap((fault) =>
    fault.repeats.map(({ number }) => `${fault.title}, repeat ${number}: from beginning to end`),
  );
  expect(
    pictures
      .map(({ name }) => name)
      .filter((name) => name.endsWith("to end"))
      .toSorted(),
  ).toEqual(repeats.toSorted());
  expect(pictures.filter(({ drawn }) => drawn < 10)).toEqual([]);
  await page.context().close();
});

test("On paper what is folded away stays away, and no part is cut off at the side.", async () => {
  const { page } = await openFile(browser, pathOf("run"), { width: 720, colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(`({
    ground: getComputedStyle(document.body).backgroundColor,
    folded: [...document.querySelectorAll("details:not([open])")].filter((part) => part.checkVisibility()).length,
    cut: [...document.querySelectorAll("pre")].filter((part) => part.scrollWidth > part.clientWidth).length,
  })`);
  expect(seen).toEqual({ ground: "rgb(255, 255, 255)", folded: 0, cut: 0 });
  await page.context().close();
});
