import { expect, test } from "vitest";
import { median, quantile, shuffle, spreadOf } from "./statistics.ts";

test("the median is the middle value, or the mean of the two middle ones", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("a quantile is a value that occurred", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile(values, 1)).toBe(100);
  expect(quantile([7], 0.5)).toBe(7);
});

test("a spread holds the smallest, middle and largest value", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
});

test("a shuffled list has the same items in the order of the random numbers", () => {
  const random = [0.9, 0.1, 0.5];
  let at = 0;
  expect(shuffle(["a", "b", "c"], () => random[at++] ?? 0)).toEqual(["b", "c", "a"]);
});
