import { describe, expect, test } from "vitest";
import {
  checkNames,
  defaultLabName,
  gatewayAddress,
  hostNames,
  labId,
  nodeAddresses,
  roleOf,
  STANDARD_NODES,
  subnetPrefix,
  vethName,
  vipAddress,
} from "../../../src/lab/names.ts";

describe("the names of a lab", () => {
  test("all follow from its subnet", () => {
    const id = labId(95, 7);
    expect(id).toBe("5f07");
    expect(subnetPrefix(id)).toBe("10.95.7");
    expect(gatewayAddress(id)).toBe("10.95.7.1");
    expect(vipAddress(id)).toBe("10.95.7.100");
    expect(hostNames(id)).toEqual({ bridge: "lbp5f07", table: "lbplay_5f07", cgroup: "lbplay/5f07" });
  });

  test("fit into an interface's name even for the longest node", () => {
    checkNames("lab", [{ name: "client9", role: "client" }]);
    expect(vethName("client9", "5f07").length).toBeLessThanOrEqual(15);
  });

  test("differ between checkouts and stay for one", () => {
    expect(defaultLabName("/srv/one")).toBe(defaultLabName("/srv/one"));
    expect(defaultLabName("/srv/one")).not.toBe(defaultLabName("/srv/two"));
    checkNames(defaultLabName("/srv/one"), []);
  });

  test("give each node an address by its role and place", () => {
    expect([...nodeAddresses(STANDARD_NODES, "5f07")]).toEqual([
      ["lb1", "10.95.7.11"],
      ["lb2", "10.95.7.12"],
      ["web1", "10.95.7.31"],
      ["web2", "10.95.7.32"],
      ["client", "10.95.7.71"],
    ]);
  });

  test("tell a node's role", () => {
    expect(["lb1", "web2", "client", "db"].map(roleOf)).toEqual(["lb", "web", "client", "client"]);
  });
});

describe("names that cannot be", () => {
  const node = (name: string) => ({ name, role: "lb" }) as const;

  test.each([
    ["a lab with a slash", "a/b", []],
    ["a lab with capitals", "Lab", []],
    ["a lab without a name", "", []],
    ["a node that is too long for its interface", "lab", [node("balancer1")]],
    ["a node with a hyphen", "lab", [node("lb-1")]],
    ["a node twice", "lab", [node("lb1"), node("lb1")]],
    ["more nodes than addresses", "lab", Array.from({ length: 21 }, (_, index) => node(`lb${index}`))],
  ] as const)("are refused: %s", (_, lab, nodes) => {
    expect(() => checkNames(lab, nodes)).toThrow(expect.objectContaining({ code: "E_LAB_NAME" }));
  });
});
