import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { LbplayError } from "../core/error.ts";
import { poll } from "./command.ts";

/** How long to wait for another process that holds a lock: longer than an image takes to build. */
const PATIENCE_MS = 20 * 60_000;

/** null: another process holds it. */
const listen = (address: string): Promise<Server | null> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });

/**
 * An abstract socket's address stands for the lock: the kernel gives it to one process only and takes it back
 * when that process ends, however it ends, so there is no stale lock to break.
 */
const lockAddress = (stateRoot: string, name: string): string =>
  `\0lbplay-${createHash("sha256").update(`${stateRoot}\n${name}`).digest("hex").slice(0, 32)}`;

const release = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** Does something that no other process may do at the same time; `onWait` is called once if it has to wait. */
export const withLock = async <T>(
  lock: { readonly stateRoot: string; readonly name: string; readonly onWait: () => void },
  work: () => Promise<T>,
): Promise<T> => {
  const address = lockAddress(lock.stateRoot, lock.name);
  let server = await listen(address);
  if (server === null) {
    lock.onWait();
    server = await poll(() => listen(address), { everyMs: 200, forMs: PATIENCE_MS });
  }
  if (server === null) {
    throw new LbplayError({ code: "E_LAB_BUSY", message: `another process holds the lock '${lock.name}'` });
  }
  try {
    return await work();
  } finally {
    await release(server);
  }
};

/** Does something if no other process holds the lock; says whether it did. */
export const ifUnlocked = async (
  stateRoot: string,
  name: string,
  work: () => Promise<void>,
): Promise<boolean> => {
  const server = await listen(lockAddress(stateRoot, name));
  if (server === null) return false;
  try {
    await work();
    return true;
  } finally {
    await release(server);
  }
};
