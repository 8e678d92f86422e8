import { labUp } from "../../src/lab/lab.ts";
import { roleOf } from "../../src/lab/names.ts";

/** Brings a lab up in a process of its own, which a test kills half-way. Words: state directory, name, nodes, packages. */
const [stateRoot = "", name = "", nodes = "", packages = ""] = process.argv.slice(2);
const list = (text: string): readonly string[] => text.split(",").filter((word) => word !== "");
await labUp(
  { name, stateRoot, platform: process.platform, onProgress: console.log, now: Date.now },
  {
    nodes: list(nodes).map((node) => ({ name: node, role: roleOf(node) })),
    packages: list(packages),
    groupVars: {},
  },
);
