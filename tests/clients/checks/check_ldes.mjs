// The event stream, replicated twice: how many members, of which kinds, and how many of the second are other than those of the first.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
// The modules are in the folder that it is run in, not beside this file.
const client = pathToFileURL(resolve("node_modules/ldes-client/dist/lib/client.js"));
const { replicateLDES, intoConfig } = await import(client);

async function members(url) {
  const found = new Map();
  const reader = replicateLDES(intoConfig({ url, noShape: true })).stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const member = read.value;
    const object = member.quads.find((quad) => quad.predicate.value === "https://www.w3.org/ns/activitystreams#object");
    found.set(object.object.value, `${member.id.value} ${member.quads.length}`);
  }
  return found;
}

const url = process.argv[2];
const first = await members(`${url}/feed`);
const second = await members(`${url}/feed`);
const kinds = [...first.keys()].map((iri) => iri.split("/").at(-2));
const count = (kind) => kinds.filter((other) => other === kind).length;
const changed = [...second].filter(([iri, told]) => first.get(iri) !== told).length + Math.abs(first.size - second.size);
console.log(JSON.stringify({ entries: first.size, datasets: count("dataset"), repositories: count("repository"), changed }));
process.exit(0);
