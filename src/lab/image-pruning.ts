import { readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { labsWithFiles, readRecord } from "./state.ts";

/** An image on disk. */
export interface StoredImage {
  readonly directory: string;
  /** When a lab last asked for it, in milliseconds since the epoch. */
  readonly usedAt: number;
}

/** An image that no lab has and none has asked for in this time is not kept. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** The images that nobody misses. */
export const forsakenImages = (
  images: readonly StoredImage[],
  inUse: ReadonlySet<string>,
  now: number,
): readonly string[] =>
  images
    .filter(({ directory, usedAt }) => !inUse.has(directory) && now - usedAt > KEPT_MS)
    .map(({ directory }) => directory);

/** Removes images of old package sets and old recipes; 330 MB each and no use to anybody. */
export const pruneImages = async (stateRoot: string, imagesDirectory: string, now: number): Promise<void> => {
  const inUse = new Set<string>();
  for (const lab of await labsWithFiles(stateRoot)) {
    const record = await readRecord(stateRoot, lab);
    for (const layer of record?.nodes.flatMap(({ layers }) => layers) ?? []) inUse.add(dirname(layer));
  }
  const images: StoredImage[] = [];
  for (const name of await readdir(imagesDirectory).catch(() => [])) {
    const directory = join(imagesDirectory, name);
    // Unfinished ones have their own clean-up.
    if (/^[0-9a-f]{16}$/.test(name)) images.push({ directory, usedAt: (await stat(directory)).mtimeMs });
  }
  for (const directory of forsakenImages(images, inUse, now))
    await rm(directory, { recursive: true, force: true });
};
