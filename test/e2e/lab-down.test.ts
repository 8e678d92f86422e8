import { spawn } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hierarchies } from "../../src/lab/cgroup.ts";
import { must, poll, run } from "../../src/lab/command.ts";
import { imageLayers } from "../../src/lab/image.ts";
import { type Lab, labDown, labDownAll, labUp } from "../../src/lab/lab.ts";
import { gatewayAddress, hostNames, subnetPrefix } from "../../src/lab/names.ts";
import { allReservations, reservedBy } from "../../src/lab/subnet.ts";
import { STATE_ROOT, testPlace } from "./lab-fixture.ts";
import { NO_TRACES, tracesOf } from "./lab-traces.ts";

const NOTHING = { nodes: null, packages: [], groupVars: {} } as const;

describe("labs beside each other", () => {
  const [one, two] = [testPlace("one"), testPlace("two")];
  const wish = { ...NOTHING, nodes: [{ name: "lb1", role: "lb" }] } as const;
  afterAll(async () => {
    await labDown(one);
    await labDown(two);
  });

  let second: Lab;

  test("have subnets of their own, and one goes without the other", async () => {
    const [firstUp, secondUp] = [labUp(one, wish), labUp(two, wish)];
    const first = await firstUp;
    second = await secondUp;
    const [a, b] = [first.site.record.id, second.site.record.id];
    expect(a).not.toBe(b);
    expect((await readFile("/proc/sys/net/ipv4/ip_forward", "utf8")).trim()).toBe("1");
    // Each node's systemd needs eight or so inotify instances: with the kernel's 128, every further node booted in part.
    const instances = Number(await readFile("/proc/sys/fs/inotify/max_user_instances", "utf8"));
    expect(instances).toBeGreaterThanOrEqual(8192);
    const routes = await must(["ip", "-4", "route"]);
    expect(routes).toContain(`${subnetPrefix(a)}.0/24 dev ${hostNames(a).bridge}`);
    expect(routes).toContain(`${subnetPrefix(b)}.0/24 dev ${hostNames(b).bridge}`);

    expect(await labDown(one)).toBe(true);
    expect(await tracesOf(STATE_ROOT, one.name, a)).toEqual(NO_TRACES);
    expect((await labUp(two, NOTHING)).changed).toBe(false);
    expect((await run(["ip", "route", "get", gatewayAddress(b)])).stdout).toContain("local");
  });

  test("go all at once, without those of another state directory", async () => {
    const stateRoot = await mkdtemp("/var/tmp/lbplay-state-");
    const image = dirname(second.site.record.nodes[0]?.layers.at(-1) ?? "");
    await mkdir(join(stateRoot, "images"));
    await symlink(image, join(stateRoot, "images", basename(image)));
    const [red, blue] = [
      { ...testPlace("red"), stateRoot },
      { ...testPlace("blue"), stateRoot },
    ];
    const ids = (await Promise.all([labUp(red, wish), labUp(blue, wish)])).map(({ site }) => site.record.id);
    expect(await labDownAll(red)).toEqual([blue.name, red.name]);
    for (const [index, { name }] of [red, blue].entries()) {
      expect(await tracesOf(stateRoot, name, ids[index] ?? "")).toEqual(NO_TRACES);
    }
    expect(await labDownAll(red)).toEqual([]);
    await rm(stateRoot, { recursive: true });
    expect((await labUp(two, NOTHING)).changed).toBe(false);
  });
});

describe("down", () => {
  const nodes = [
    { name: "lb1", role: "lb" },
    { name: "lb2", role: "lb" },
  ] as const;

  test("leaves no trace, twice in a row", async () => {
    const place = testPlace("down");
    const { site } = await labUp(place, { ...NOTHING, nodes });
    const { id } = site.record;
    const traces = await tracesOf(STATE_ROOT, place.name, id);
    // The search must be able to find each of them; mounts are in the nodes' own namespaces all the time.
    const found = Object.entries(traces).filter(([, list]) => list.length > 0);
    expect(found.map(([kind]) => kind)).toEqual([
      "links",
      "tables",
      "processes",
      "groups",
      "files",
      "nspawn",
    ]);
    expect(await labDown(place)).toBe(true);
    expect(await tracesOf(STATE_ROOT, place.name, id)).toEqual(NO_TRACES);
    expect(await labDown(place)).toBe(false);
    if ((await allReservations(STATE_ROOT)).length > 0) return;
    for (const setting of ["ip_forward", "max_user_instances"])
      await expect(access(`${STATE_ROOT}/${setting}.before`)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("removes a lab with a frozen, a killed and an unplugged node", async () => {
    const place = testPlace("broken");
    const { site } = await labUp(place, { ...NOTHING, nodes });
    await must(["ip", "link", "set", `vb-lb2-${site.record.id}`, "down"]);
    const group = `${(await hierarchies()).unified}/${hostNames(site.record.id).cgroup}/lb1/cgroup.freeze`;
    await must(["sh", "-c", `echo 1 > ${group}`]);
    expect(await labDown(place)).toBe(true);
    expect(await tracesOf(STATE_ROOT, place.name, site.record.id)).toEqual(NO_TRACES);
  });

  /** Runs `up` in a process of its own and kills that when a sign of progress is seen; the lab's id. */
  const upKilledAt = async (
    name: string,
    sign: (id: string) => Promise<boolean>,
    packages = "",
  ): Promise<string> => {
    const words = ["--import", "tsx", "test/e2e/lab-up-main.ts", STATE_ROOT, name, "lb1,lb2", packages];
    const child = spawn("node", words, { stdio: "ignore" });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const seen = await poll(
      async () => {
        const [id] = await reservedBy(STATE_ROOT, name);
        return (await sign(id ?? "")) ? (id ?? "") : null;
      },
      { everyMs: 2, forMs: 60_000 },
    );
    child.kill("SIGKILL");
    await ended;
    expect(seen).not.toBe(null);
    return seen ?? "";
  };
  const exists = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  const group = (part: string) => async (id: string) =>
    id !== "" && exists(`${(await hierarchies()).unified}/${hostNames(id).cgroup}/${part}`);
  const signs: Readonly<Record<string, (id: string) => Promise<boolean>>> = {
    "has a subnet": async (id) => id !== "",
    "has a bridge": async (id) => id !== "" && exists(`/sys/class/net/${hostNames(id).bridge}`),
    "starts its proxy": group("apt-proxy"),
    "starts a node": group("lb1"),
    "has a cable": async (id) => id !== "" && exists(`/sys/class/net/vb-lb1-${id}`),
    "has a booting node": group("lb2/payload/system.slice"),
  };

  test.each(Object.entries(signs))(
    "leaves no trace of an up that was killed when it %s",
    async (title, sign) => {
      const place = testPlace(`cut-${title.replaceAll(" ", "-")}`.slice(0, 20));
      const id = await upKilledAt(place.name, sign);
      expect(await labDown(place)).toBe(true);
      expect(await tracesOf(STATE_ROOT, place.name, id)).toEqual(NO_TRACES);
    },
  );

  test("leaves no half-built image of an up that was killed while building one", async () => {
    const place = testPlace("cut-image");
    const context = { ...place, hierarchies: await hierarchies() };
    const [layer = ""] = await imageLayers(context, ["hello"]);
    await rm(dirname(layer), { recursive: true });
    const unfinished = `${dirname(layer)}.unfinished`;
    await upKilledAt(place.name, () => exists(`${unfinished}/root/etc`), "hello");
    await labDown(place);
    expect(await exists(unfinished)).toBe(false);
    expect(await run(["pgrep", "-f", unfinished])).toMatchObject({ stdout: "" });
    expect(await imageLayers(context, ["hello"])).toHaveLength(2);
  });
});
