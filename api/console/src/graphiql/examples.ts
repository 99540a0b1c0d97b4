// The documents of samples/graphql, as they are when the bundle is built: each is run by a test.
import { parse, type TypeNode } from "graphql";

export interface Example {
  name: string;
  purpose: string;
  text: string;
  variables: string; // JSON to be filled in; empty if it takes none
}

const documents = import.meta.glob<string>("../../../../samples/graphql/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});

export const EXAMPLES: Example[] = Object.entries(documents)
  .map(([path, text]) => ({
    name: path.replace(/^.*\/|\.graphql$/g, ""),
    purpose: purposeOf(text),
    text,
    variables: variablesOf(text),
  }))
  .sort((one, other) => one.name.localeCompare(other.name));

export function exampleNamed(name: string): Example {
  const found = EXAMPLES.find((each) => each.name === name);
  if (!found) throw new Error(`samples/graphql has no ${name}.graphql`);
  return found;
}

// Of the comment that each begins with, the sentences before those about variables.
function purposeOf(text: string): string {
  const comment = text.split("\n").filter((line) => line.startsWith("#"));
  return comment
    .map((line) => line.slice(1).trim())
    .join(" ")
    .replace(/\s*Variables:.*$/, "");
}

function variablesOf(text: string): string {
  const asked = parse(text).definitions.flatMap((each) =>
    each.kind === "OperationDefinition" ? (each.variableDefinitions ?? []) : [],
  );
  const given = asked.map((each) => [each.variable.name.value, placeholder(each.type)]);
  return given.length ? JSON.stringify(Object.fromEntries(given), null, 2) : "";
}

function placeholder(type: TypeNode): unknown {
  if (type.kind !== "NonNullType") return null;
  if (type.type.kind === "ListType") return [];
  return { Int: 0, Float: 0, Boolean: false, Long: 0 }[type.type.name.value] ?? "";
}
