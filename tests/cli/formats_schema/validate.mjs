// usage: validate.mjs sarif|cyclonedx|2020:SCHEMA FILE...: each FILE against the published schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const Ajv = require("ajv").default;
const Ajv2020 = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const [kind, ...files] = process.argv.slice(2);
if (files.length === 0) throw new Error("no file");
const modules = join(dirname(new URL(import.meta.url).pathname), "node_modules");
// patterns of the SARIF schema are no Unicode ones
const options = { strict: false, allErrors: true, unicodeRegExp: false };
let validate;
if (kind === "sarif") {
    const ajv = new Ajv2020(options);
    addFormats(ajv);
    validate = ajv.compile(read(join(modules, "@microsoft/sarif-multitool-linux/sarif-2.1.0.json")));
} else if (kind === "cyclonedx") {
    const folder = join(modules, "@cyclonedx/cyclonedx-library/res/schema");
    const ajv = new Ajv(options);
    addFormats(ajv);
    ajv.addFormat("iri-reference", true);
    ajv.addFormat("idn-email", true);
    for (const name of ["spdx", "jsf-0.82", "cryptography-defs"])
    {
        const { $id, ...schema } = read(join(folder, `${name}.SNAPSHOT.schema.json`));
        ajv.addSchema(schema, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    }
    validate = ajv.compile(read(join(folder, "bom-1.6.SNAPSHOT.schema.json")));
} else if (kind.startsWith("2020:")) {
    const ajv = new Ajv2020({ allErrors: true });
    addFormats(ajv);
    validate = ajv.compile(read(kind.slice(5)));
} else throw new Error(`unknown kind ${kind}`);
let failed = 0;
for (const file of files) {
    const text = readFileSync(file, "utf8");
    const documents = file.endsWith(".ndjson") ? text.trimEnd().split("\n") : [text];
    for (const document of documents) {
        if (validate(JSON.parse(document))) continue;
        failed++;
        console.log(`${file}: ${JSON.stringify(validate.errors.slice(0, 3), null, 1)}`);
    }
}
process.exit(failed === 0 ? 0 : 1);
