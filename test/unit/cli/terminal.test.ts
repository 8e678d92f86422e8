import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ask, Interrupted } from "../../../src/cli/terminal.ts";

/** A terminal's two ends; what is typed is echoed by whoever reads, as in raw mode. */
const createTerminal = (isTTY: boolean) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  return { streams: { input, output }, type: (text: string) => input.write(text), shown: () => shown };
};

test("A secret answer is not echoed.", async () => {
  const { streams, type, shown } = createTerminal(true);
  const answer = ask({ text: "BECOME password: ", secret: true }, streams);
  type("s3cret\r");
  expect(await answer).toBe("s3cret");
  expect(shown()).toBe("BECOME password: \n");
});

test("Any other answer is.", async () => {
  const { streams, type, shown } = createTerminal(true);
  const answer = ask({ text: "Continue? ", secret: false }, streams);
  type("yes\r");
  expect(await answer).toBe("yes");
  expect(shown()).toContain("yes");
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s at a question means that the user wants out.", async (_, key) => {
  const { streams, type } = createTerminal(true);
  const answer = ask({ text: "BECOME password: ", secret: true }, streams);
  type(key);
  await expect(answer).rejects.toBeInstanceOf(Interrupted);
});

test("Where nobody can answer that is said, with the way without questions.", async () => {
  const { streams } = createTerminal(false);
  await expect(ask({ text: "BECOME password: ", secret: true }, streams)).rejects.toMatchObject({
    code: "E_NO_TERMINAL",
    message: 'nobody can answer "BECOME password:": the input is no terminal',
  });
});
