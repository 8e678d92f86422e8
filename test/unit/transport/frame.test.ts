import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFrameReader, type Frame, scriptText } from "../../../src/transport/frame.ts";

const NONCE = "0123456789abcdef0123456789abcdef";

describe("the frame reader", () => {
  it("cuts any contents out of any pieces", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ content: fc.uint8Array({ maxLength: 60 }), code: fc.nat(255) }), {
          maxLength: 6,
        }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        (answers, sizes) => {
          const frames = answers.map(
            ({ content, code }, number): Frame => ({ number, code, content: Buffer.from(content) }),
          );
          expect(readInPieces(streamOf(frames), sizes)).toEqual(frames);
        },
      ),
    );
  });

  it("is not misled by contents that look like the beginning of a mark", () => {
    const contents = [
      NONCE,
      `${NONCE} `,
      `${NONCE} x`,
      NONCE.slice(0, 31),
      `${NONCE}${NONCE} 1`,
      `${NONCE} 1\n`,
    ];
    const frames = contents.map((text, number): Frame => ({ number, code: 0, content: Buffer.from(text) }));
    for (const size of [1, 2, 7, 1000]) expect(readInPieces(streamOf(frames), [size])).toEqual(frames);
  });

  it("keeps what came after the last mark for the message of a lost node", () => {
    const reader = createFrameReader(NONCE);
    reader.push(Buffer.from(`a${NONCE} 1 0\nsegmentation`));
    reader.push(Buffer.from(" fault"));
    expect(reader.rest().toString()).toBe("segmentation fault");
  });
});

describe("the text of a script", () => {
  it("never writes the nonce where the script could see it", () => {
    const text = scriptText(NONCE, 3, { script: "set", stdin: null, persistent: false }).toString();
    expect(text).toBe(
      `( eval set ) 9>&- </dev/null\nprintf '${NONCE} 3 %d\\n' $?; printf '${NONCE} 3 0\\n' >&2\n`,
    );
  });

  it("refuses a NUL, which no shell can hold", () => {
    const script = { script: "echo \0", stdin: null, persistent: false };
    expect(() => scriptText(NONCE, 1, script)).toThrow("a shell script cannot hold a NUL");
  });
});

const streamOf = (frames: readonly Frame[]): Buffer =>
  Buffer.concat(
    frames.flatMap(({ number, code, content }) => [content, Buffer.from(`${NONCE} ${number} ${code}\n`)]),
  );

const readInPieces = (stream: Buffer, sizes: readonly number[]): readonly Frame[] => {
  const reader = createFrameReader(NONCE);
  const frames: Frame[] = [];
  let at = 0;
  for (let piece = 0; at < stream.length; piece += 1) {
    const size = sizes[piece % sizes.length] ?? 1;
    frames.push(...reader.push(Buffer.from(stream.subarray(at, at + size))));
    at += size;
  }
  return frames;
};
