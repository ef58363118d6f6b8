import { execFileSync } from "node:child_process";
import { PATIENCE_MS } from "../support/time.js";

/** What a strict XML parser (Python's expat) finds in a document. */
export interface Parsed {
  error: string | null;
  elements: Record<string, number>;
  attributes: string[];
  texts: string[];
}

const PARSER = `
import json, sys
from xml.parsers import expat
def parse(document):
    found = {"error": None, "elements": {}, "attributes": [], "texts": []}
    def start(name, attributes):
        found["elements"][name] = found["elements"].get(name, 0) + 1
        found["attributes"] += attributes.keys()
        if name == "text": found["texts"].append("")
    def data(text):
        if found["texts"]: found["texts"][-1] += text
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.CharacterDataHandler = data
    try:
        parser.Parse(document.encode("utf-8"), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        found["error"] = str(error)
    return found
json.dump([parse(document) for document in json.load(sys.stdin)], sys.stdout)
`;

/** Parses all documents at once: one Python process for them all. */
export function parseXml(documents: string[]): Parsed[] {
  const answer = execFileSync("python3", ["-c", PARSER], {
    input: JSON.stringify(documents),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: PATIENCE_MS,
  });
  return JSON.parse(answer) as Parsed[];
}
