"""Holds a study definition against CDISC's USDM API schema (OpenAPI 3.1, so JSON Schema 2020-12).

    malar export tulip-2 --usdm --out tulip-2.json
    python validation/usdm/validate.py USDM_API.json tulip-2.json > validation/usdm/output.txt

Needs `jsonschema`. The schema is `Deliverables/API/USDM_API.json` of cdisc-org/DDF-RA (MIT).
"""

import json
import sys
from importlib.metadata import version

from jsonschema import Draft202012Validator

api, *studies = sys.argv[1:]
schemas = json.load(open(api))["components"]["schemas"]
schema = {"$ref": "#/components/schemas/Wrapper-Input", "components": {"schemas": schemas}}
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
print(f"jsonschema {version('jsonschema')}, {len(schemas)} schemas")
wrong = 0
for path in studies:
    study = json.load(open(path))
    errors = sorted(validator.iter_errors(study), key=lambda e: list(map(str, e.absolute_path)))
    wrong += len(errors)
    print(f"{path.rsplit('/', 1)[-1]}: USDM {study['usdmVersion']}, {len(errors)} errors")
    for error in errors[:20]:
        print("  ", "/".join(map(str, error.absolute_path)), error.message[:200])

# A validator that finds nothing wrong with anything says nothing: each of these must be refused.
study = json.load(open(studies[0]))
broken = []
for change in ("arms", "encounters", "scheduleTimelines"):
    copy = json.loads(json.dumps(study))
    copy["study"]["versions"][0]["studyDesigns"][0][change][0].pop("id")
    broken.append(not validator.is_valid(copy))
print(f"{sum(broken)} of {len(broken)} broken copies refused")
sys.exit(bool(wrong) or not all(broken))
