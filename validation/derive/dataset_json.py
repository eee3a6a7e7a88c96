"""Our Dataset-JSON against CDISC's model of version 1.1, in its JSON and NDJSON forms.

    malar run tulip-2 --replicates 1 --patients 24 --seed 7 --out run --export dataset-json
    malar export run --format ndjson --out ndjson
    python validation/derive/dataset_json.py dataset.yaml run/export/0001 ndjson/0001 > validation/derive/dataset_json.txt

`dataset.yaml` is the model in LinkML from github.com/cdisc-org/DataExchange-DatasetJson (folder `schema`). It is not kept here: the repository names no
licence that we could find. Attributes, which of them are required, their patterns, types and permitted values become a JSON Schema, and rows are held
against the number and the types of their columns, which the model says in words.
"""

import hashlib
import importlib.metadata
import json
import pathlib
import sys

import jsonschema
import yaml

text = pathlib.Path(sys.argv[1]).read_bytes()
model = yaml.safe_load(text)
classes, enums = model["classes"], model["enums"]
PLAIN = {"string": {"type": "string"}, "integer": {"type": "integer"}, "boolean": {"type": "boolean"}, "uriorcurie": {"type": "string"}}


def attribute(spec):
    """The JSON Schema of one attribute."""
    kind = (spec or {}).get("range", "string")
    if kind in enums:
        schema = {"enum": list(enums[kind]["permissible_values"])}
    elif kind == "Row":
        schema = {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}
    elif kind in classes:
        schema = of_class(kind)
    else:
        schema = dict(PLAIN[kind])
    for ours, theirs in [("pattern", "pattern"), ("minimum", "minimum_value")]:
        if spec and theirs in spec:
            schema[ours] = spec[theirs]
    return {"type": "array", "items": schema} if spec and spec.get("multivalued") else schema


def of_class(name):
    """The JSON Schema of a class: nothing beside its attributes."""
    attributes = classes[name]["attributes"]
    required = [key for key, spec in attributes.items() if spec and spec.get("required")]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": {k: attribute(s) for k, s in attributes.items()}}


def row_errors(columns, rows):
    """Rows with another length than the columns, or a value of another type."""
    allowed = {"string": str, "integer": int, "double": (int, float), "float": (int, float), "decimal": str, "boolean": bool}
    for k, row in enumerate(rows):
        if len(row) != len(columns):
            yield f"row {k}: {len(row)} values for {len(columns)} columns"
        for column, value in zip(columns, row):
            if value is not None and not isinstance(value, allowed[column["dataType"]]):
                yield f"row {k}, {column['name']}: {value!r} is no {column['dataType']}"


schema = of_class("Dataset")
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
print(f"model {model['id']}, sha256 {hashlib.sha256(text).hexdigest()}, jsonschema {importlib.metadata.version('jsonschema')}")
wrong = 0
paths = [path for folder in sys.argv[2:] for path in sorted(pathlib.Path(folder).iterdir())]
for path in paths:
    if path.suffix == ".json":
        data = json.loads(path.read_text())
    elif path.suffix == ".ndjson":
        head, *rows = [json.loads(line) for line in path.read_text().splitlines()]
        data = {**head, "rows": rows}
    else:
        continue
    errors = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(data)]
    errors += list(row_errors(data["columns"], data["rows"]))
    if data["records"] != len(data["rows"]):
        errors.append(f"{data['records']} records, {len(data['rows'])} rows")
    wrong += len(errors)
    print(f"{path.name}: {data['name']}, {len(data['rows'])} rows, {len(data['columns'])} columns, {len(errors)} errors")
    for error in errors[:5]:
        print("   ", error)
sys.exit(bool(wrong))
