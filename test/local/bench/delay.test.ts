import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { delayedWay } from "../../../bench/performance/delay.ts";

test("what is sent comes there and back, in order, and as late as asked for", async () => {
  const server = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const way = await delayedWay({ host: "127.0.0.1", port: address.port }, 200);
  onTestFinished(async () => {
    await way.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const text = "0123456789".repeat(20_000);
  const began = performance.now();
  let first = 0;
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: way.port });
    let back = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      first ||= performance.now() - began;
      back += part;
      if (back.length >= text.length) socket.end();
    });
    socket.on("close", () => resolve(back));
    socket.on("error", reject);
    socket.write(text);
  });
  expect(answer).toBe(text);
  expect(first).toBeGreaterThanOrEqual(195);
});
