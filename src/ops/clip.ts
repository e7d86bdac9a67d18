import { nonDifferentiable, operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Clip.html; `min` and `max` are optional scalar inputs. */
export const Clip = operator({
  domain: "",
  attributes: {},
  arity: [1, 3],
  infer: likeFirst,
  vjp: nonDifferentiable("Clip is used only inside gradients and optimizers"),
  cost: perOutput(2),
});
