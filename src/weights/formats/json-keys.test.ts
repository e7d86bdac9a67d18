import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonKeys } from "./json-keys.ts";

test("keeps the order of the text, where JSON.parse moves numbers to the front", () => {
  const json = '{"b": {"x": "a,{\\"}"}, "10": [1, {"y": 2}], "2": "c", "\\u0061": 0}';
  expect(jsonKeys(json)).toEqual({ top: ["b", "10", "2", "a"], duplicate: undefined });
  expect(Object.keys(JSON.parse(json))).toEqual(["2", "10", "b", "a"]);
});

test("finds a key given twice, at any depth and however it is spelt", () => {
  expect(jsonKeys('{"a": 1, "\\u0061": 2}').duplicate).toBe("a");
  expect(jsonKeys('{"a": [0, {"b": 1, "c": 2, "b": 3}]}').duplicate).toBe("b");
  expect(jsonKeys('{"a": {"b": 1}, "c": {"b": 2, "a": ["b", "b"]}}').duplicate).toBeUndefined();
});

test("finds the keys of any object, and the duplicate when one is appended", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(2), (object, space) => {
      const json = JSON.stringify(object, null, space);
      expect([...jsonKeys(json).top]).toEqual(Object.keys(object));
      expect(jsonKeys(json).duplicate).toBeUndefined();
      const first = Object.keys(object)[0];
      expect(jsonKeys(`${json.slice(0, -1)}, ${JSON.stringify(first)}: 0}`).duplicate).toBe(first);
    }),
  );
});
