import { expect, test } from "vitest";
import { listingText, type PlayListing } from "../../../src/report/lists.ts";

const plays: readonly PlayListing[] = [
  {
    name: "First",
    pattern: "lbs",
    tags: ["site"],
    hosts: ["lb1", "lb2"],
    tasks: [
      { name: "Say", tags: ["b", "a", "site"] },
      { name: "haproxy : Install", tags: ["site"] },
    ],
  },
  { name: "web", pattern: "web", tags: [], hosts: ["web1"], tasks: [{ name: "fail", tags: [] }] },
];

/** The expected texts are ansible-playbook 2.14's own for the same plays. */
test("Hosts are listed as ansible-playbook lists them.", () => {
  expect(listingText("p.yml", plays, { hosts: true, tasks: false, tags: false })).toBe(`
playbook: p.yml

  play #1 (lbs): First\tTAGS: [site]
    pattern: ['lbs']
    hosts (2):
      lb1
      lb2

  play #2 (web): web\tTAGS: []
    pattern: ['web']
    hosts (1):
      web1
`);
});

test("Tasks and tags are listed as ansible-playbook lists them, tags sorted and once.", () => {
  expect(listingText("p.yml", plays, { hosts: false, tasks: true, tags: false })).toBe(`
playbook: p.yml

  play #1 (lbs): First\tTAGS: [site]
    tasks:
      Say\tTAGS: [a, b, site]
      haproxy : Install\tTAGS: [site]

  play #2 (web): web\tTAGS: []
    tasks:
      fail\tTAGS: []
`);
  expect(listingText("p.yml", plays, { hosts: false, tasks: false, tags: true })).toBe(`
playbook: p.yml

  play #1 (lbs): First\tTAGS: [site]
      TASK TAGS: [a, b, site]

  play #2 (web): web\tTAGS: []
      TASK TAGS: []
`);
});
