import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { must } from "./command.ts";
import { labId } from "./names.ts";

/** An IPv4 range: first address as a number, and the length of its prefix. */
interface Range {
  readonly first: number;
  readonly bits: number;
}

const toNumber = (address: string): number =>
  address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);

/** The destinations of `ip -4 -o route show table all`; the default route is not one. */
export const parseRoutes = (text: string): readonly Range[] =>
  text.split("\n").flatMap((line) => {
    const match = /^(?:\w+ )?(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?(?: |$)/.exec(line);
    const address = match?.[1];
    return address === undefined ? [] : [{ first: toNumber(address), bits: Number(match?.[2] ?? "32") }];
  });

const overlaps = (a: Range, b: Range): boolean => {
  const size = 2 ** (32 - Math.min(a.bits, b.bits));
  return Math.floor(a.first / size) === Math.floor(b.first / size);
};

/** The /24 networks of 10.64.0.0/10 in an order of their own for each lab, without those that a route covers. */
export const candidates = function* (routes: readonly Range[], seed: number): Generator<string> {
  for (let step = 0; step < 64 * 256; step += 1) {
    // 40503 is odd, so the multiples visit each of the 2^14 networks once.
    const index = (seed + step * 40503) % (64 * 256);
    const [a, b] = [64 + Math.floor(index / 256), index % 256];
    const range: Range = { first: toNumber(`10.${a}.${b}.0`), bits: 24 };
    if (!routes.some((route) => overlaps(route, range))) yield labId(a, b);
  }
};

/** Where the labs' subnets are recorded: one file per id, which holds the lab's name. */
const reservations = (stateRoot: string): string => join(stateRoot, "subnets");

/** The ids that are reserved under a lab's name. */
export const reservedBy = async (stateRoot: string, lab: string): Promise<readonly string[]> => {
  const all = await allReservations(stateRoot);
  return all.filter(({ owner }) => owner === lab).map(({ id }) => id);
};

/** Every reservation of this state directory. */
export const allReservations = async (
  stateRoot: string,
): Promise<readonly { readonly id: string; readonly owner: string }[]> => {
  const names = await readdir(reservations(stateRoot)).catch(() => []);
  const ids = names.filter((name) => /^[0-9a-f]{4}$/.test(name));
  return Promise.all(
    ids.map(async (id) => ({
      id,
      owner: await readFile(join(reservations(stateRoot), id), "utf8").catch(() => ""),
    })),
  );
};

/**
 * The id of a subnet that no route of the host and no other lab uses, recorded on disk before anything is made in it.
 * The seed only spreads the labs over the range.
 */
export const reserveSubnet = async (stateRoot: string, lab: string, seed: number): Promise<string> => {
  const [mine] = await reservedBy(stateRoot, lab);
  if (mine !== undefined) return mine;
  await mkdir(reservations(stateRoot), { recursive: true });
  const routes = parseRoutes(await must(["ip", "-4", "-o", "route", "show", "table", "all"]));
  // A link is there with its text or not at all, and only one process can make it.
  const note = join(reservations(stateRoot), `${lab}.new`);
  await writeFile(note, lab);
  for (const id of candidates(routes, seed)) {
    const taken = await link(note, join(reservations(stateRoot), id)).then(
      () => false,
      () => true,
    );
    if (taken) continue;
    await rm(note);
    return id;
  }
  throw new LbplayError({ code: "E_LAB_SUBNET", message: "no free /24 network in 10.64.0.0/10" });
};

/** Gives a subnet back. */
export const releaseSubnet = (stateRoot: string, id: string): Promise<void> =>
  rm(join(reservations(stateRoot), id), { force: true });
