import { TransportError } from "../core/transport.ts";
import type { NodeSession } from "./session.ts";

/** Work on a node that must not take longer; the connection of one that does is given up. No limit waits. */
export const within = async <T>(
  session: NodeSession,
  limitMs: number | undefined,
  work: Promise<T>,
): Promise<T> => {
  if (limitMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${session.name} did not answer within ${limitMs / 1000} s`;
      reject(new TransportError({ fault: "timeout", message }));
      session.reset().catch(() => undefined);
    }, limitMs);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
