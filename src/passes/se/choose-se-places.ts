import { checkChoice } from "../../base/check-options.ts";
import { SenetError } from "../../base/errors.ts";
import { listOf } from "../../base/format.ts";
import { namePattern } from "../../base/name-pattern.ts";
import { type Graph, storedValues } from "../../ir/graph.ts";
import { checkFloat32 } from "../graph/check-float32.ts";
import { findSEPlaces, type PlaceKind, placeKinds, type SEPlace } from "./find-se-places.ts";
import { matchSE } from "./match-se.ts";
import { stagesOf } from "./stages-of.ts";

/** Which of a network's places are meant. */
export interface PlaceChoice {
  /** Default `"auto"`: residual branches; where there are none, concatenations; where there are none, convolutions. */
  readonly place?: "auto" | PlaceKind;
  /** Of these only those whose block's name begins with what fits this pattern, as whole parts: `"layer3|layer4"`. Default all. */
  readonly where?: string;
  /**
   * Only places in these stages. Stages are counted by the size of the map, from 2, as the paper counts those of ResNet:
   * 2 is the first that has a place. Default all.
   */
  readonly stages?: readonly number[];
}

/** A place with its block's name. */
export interface NamedPlace extends SEPlace {
  readonly name: string;
  readonly stage: number;
}

/** Names listed in a message; further ones are counted. */
const NAMED = 8;

/**
 * The selected places of a network, in the graph's order.
 *
 * @throws SenetError `graph` where there are no such places, listing those that exist; `usage` for a pattern or stages that match none
 */
export function choosePlaces(graph: Graph, choice: PlaceChoice): NamedPlace[] {
  const kind = choice.place ?? "auto";
  checkChoice("Insertion of SE blocks: expected `place`", kind, ["auto", ...placeKinds]);
  const places = ofKind(graph, kind);
  const stages = stagesOf(places.map(({ value }) => value));
  const names = namesFor(graph, places);
  const named = places.map((place, i) => ({ ...place, name: names[i], stage: stages[i] }));
  const { where, stages: wanted } = choice;
  const fits = where === undefined ? () => true : namePattern(where);
  const placed = named.filter(({ name }) => fits(name));
  if (placed.length === 0) {
    throw new SenetError(
      "usage",
      `${graph.name}: expected \`where\` to fit the name of a place for an SE block, found "${where}", which fits none of ${listOf(
        named.map(({ name }) => name),
        NAMED,
      )}; correct it.`,
    );
  }
  const chosen = wanted ? placed.filter(({ stage }) => wanted.includes(stage)) : placed;
  if (chosen.length > 0) return chosen;
  throw new SenetError(
    "usage",
    `${graph.name}: expected \`stages\` among those that have places for SE blocks (${listOf([...new Set(placed.map(({ stage }) => `${stage}`))], NAMED)}), found ${wanted?.join(", ") || "none"}; correct them.`,
  );
}

/** In the order in which `auto` prefers them. */
const preferred = ["residual", "concat", "conv"] as const;

function ofKind(graph: Graph, kind: "auto" | PlaceKind): SEPlace[] {
  const maps = graph.nodes.flatMap(({ op, outputs }) => (op === "Conv" ? outputs : []));
  if (!maps.some(({ dtype }) => dtype === "float32"))
    checkFloat32(maps, `Insertion of SE blocks into ${graph.name}`);
  if (maps.length === 0) {
    throw new SenetError(
      "graph",
      `${graph.name}: expected a network with convolutions to put SE blocks into, found none; take another model.`,
    );
  }
  const all = findSEPlaces(graph);
  const counts = new Map(placeKinds.map((one) => [one, all.filter((place) => place.kind === one).length]));
  const wanted = kind === "auto" ? preferred.find((one) => counts.get(one)) : kind;
  const places = all.filter((place) => place.kind === wanted);
  if (places.length > 0) return places;
  const blocks = matchSE(graph).length;
  const others = placeKinds
    .filter((one) => counts.get(one))
    .map((one) => `${counts.get(one)} of kind ${one}`);
  const besides = blocks > 0 ? ` besides its ${blocks} SE blocks` : "";
  const what = kind === "auto" ? "any kind" : `kind ${kind}`;
  const advice = others.length > 0 ? "choose another `place`" : "take another model";
  throw new SenetError(
    "graph",
    `${graph.name}: expected a place of ${what} for an SE block, found ${others.join(", ") || "none"}${besides}; ${advice}.`,
  );
}

/** Names for the blocks at the places; no parameter of the graph has such a name yet. */
function namesFor(graph: Graph, places: readonly SEPlace[]): string[] {
  const taken = new Set<string>();
  for (const { name = "" } of storedValues(graph)) {
    for (let end = name.indexOf("."); end >= 0; end = name.indexOf(".", end + 1))
      taken.add(name.slice(0, end));
  }
  return places.map((place) => {
    const module = moduleOf(place);
    const wanted = module === "" ? "se" : `${module}.se`;
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
    taken.add(name);
    return name;
  });
}

/** The path of the module that a place belongs to. A concatenation of all features so far may be in the layer after. */
function moduleOf({ kind, at, value }: SEPlace): string {
  const inLayer = kind === "residual" && at.op === "Concat" ? value.producer : undefined;
  return inLayer ? inLayer.scope.split(".").slice(0, -1).join(".") : at.scope;
}
