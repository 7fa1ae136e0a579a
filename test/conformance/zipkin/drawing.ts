import type { Page } from "playwright-core";

/** What a picture of the dependency graph shows. */
export interface Drawing {
  /** Filled discs. */
  readonly nodes: number;
  /** Whether something is drawn in every column between the first and the last node. */
  readonly joined: boolean;
}

/** The part of the browser's own interface that is needed here. */
interface Image2d {
  readonly width: number;
  readonly height: number;
}
declare const createImageBitmap: (file: Blob) => Promise<Image2d>;
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(kind: "2d"): {
    drawImage(image: Image2d, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8Array };
  } | null;
};

/** Pixels from the top that belong to the filter box. */
const TOP = 100;

/** Reads a PNG in the browser, which has a decoder. */
export function drawing(page: Page, png: Buffer): Promise<Drawing> {
  return page.evaluate(readPicture, { png: png.toString("base64"), top: TOP });
}

/** Runs in the page, so it can use nothing from outside itself. */
async function readPicture({ png, top }: { png: string; top: number }): Promise<Drawing> {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  if (context === null) throw new Error("the browser has no 2d canvas");
  context.drawImage(image, 0, 0);
  const { width, height } = image;
  const { data } = context.getImageData(0, 0, width, height);
  const discs: number[] = [];
  const drawn: boolean[] = [];
  for (let x = 0; x < width; x++) {
    let blue = 0;
    for (let y = top; y < height; y++) {
      const at = (y * width + x) * 4;
      const [red = 0, green = 0, blueness = 0] = data.subarray(at, at + 3);
      if (red < 200) drawn[x] = true;
      // The fill of a node; labels are much darker, the dots on a link much smaller.
      if (red < 90 && green > 90 && green < 160 && blueness > 130) blue++;
    }
    if (blue >= 8) discs.push(x);
  }
  const starts = discs.filter((x, i) => x - (discs[i - 1] ?? Number.NEGATIVE_INFINITY) > 5);
  let joined = starts.length > 1;
  for (let x = starts[0] ?? 0; x < (starts.at(-1) ?? 0); x++) joined &&= drawn[x] === true;
  return { nodes: starts.length, joined };
}
