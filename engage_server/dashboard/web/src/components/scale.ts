/** Where a value stands in a picture: what is drawn here needs a straight scale and no more of a library. */
export type Scale = (value: number) => number;
type Range = readonly [low: number, high: number];

/** Maps one range on the other, ends on ends. */
export function scaleOf([low, high]: Range, [from, to]: Range): Scale {
  const step = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * step;
}

/** The path of an SVG through the points, lifted where one is missing. */
export function pathOf(points: readonly (readonly [x: number, y: number] | null)[]): string {
  let isDown = false;
  return points
    .map((point) => {
      const command = point && `${isDown ? "L" : "M"}${point[0].toFixed(2)},${point[1].toFixed(2)}`;
      isDown = point !== null;
      return command ?? "";
    })
    .join("");
}
