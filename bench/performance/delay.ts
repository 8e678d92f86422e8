import { connect, createServer, type Socket } from "node:net";

/** A way to a server that takes longer; `port` is on loopback. */
export interface DelayedWay {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Forwards connections to a server and back, each byte `roundTripMs / 2` late: a network of that round-trip time. */
export const delayedWay = (
  to: { readonly host: string; readonly port: number },
  roundTripMs: number,
): Promise<DelayedWay> =>
  new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
      for (const socket of [near, far]) {
        open.add(socket);
        socket.on("close", () => open.delete(socket));
      }
      carry(near, far, roundTripMs / 2);
      carry(far, near, roundTripMs / 2);
    });
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") return reject(new Error("no port"));
      resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            for (const socket of open) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });

const carry = (from: Socket, to: Socket, delayMs: number): void => {
  const later = (what: () => void): void => {
    setTimeout(() => {
      if (!to.destroyed) what();
    }, delayMs);
  };
  from.on("data", (chunk) => later(() => to.write(chunk)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => later(() => to.destroy()));
  from.on("close", () => later(() => to.destroy()));
};
