"""Everything `malar convert` writes, checked by libSBML.

Each file is written by malar as SBML Level 3 and read by libSBML, whose consistency checks (all categories but units and modelling
practice) must find no error that libSBML does not also find in the file it was written from. Prints one line per kind of error.

Run: python check.py PATH_TO_MALAR FOLDER_OR_FILE... > check.txt (python-libsbml, used as a program, never linked)
Folders are searched for `*-sbml-*.xml` (the SBML semantic test suite) and `*.ant`.
"""
import collections
import pathlib
import subprocess
import sys
import tempfile

import libsbml

malar, *places = sys.argv[1:]
files = []
for place in map(pathlib.Path, places):
    files += sorted([*place.rglob("*-sbml-*.xml"), *place.rglob("*.ant")]) if place.is_dir() else [place]


def errors(document):
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.checkConsistency()
    found = [document.getError(i) for i in range(document.getNumErrors())]
    return {(e.getErrorId(), e.getShortMessage()) for e in found if e.getSeverity() >= libsbml.LIBSBML_SEV_ERROR}


written, refused, good, kinds = 0, [], 0, collections.defaultdict(list)
with tempfile.TemporaryDirectory() as folder:
    out = pathlib.Path(folder, "out.xml")
    for file in files:
        done = subprocess.run([malar, "convert", file, out], capture_output=True, text=True)
        if done.returncode:
            refused.append(f"{file.name}: {done.stderr.strip().splitlines()[0]}")
            continue
        written += 1
        found = errors(libsbml.readSBMLFromFile(str(out)))
        if found and file.suffix == ".xml":
            found -= errors(libsbml.readSBMLFromFile(str(file)))
        good += not found
        for kind in found:
            kinds[kind].append(file.name)

print(f"libSBML {libsbml.getLibSBMLDottedVersion()}")
print(f"{len(files)} files, {written} written, {good} without new errors")
for line in refused[:20]:
    print(f"refused: {line}")
for (code, words), names in sorted(kinds.items()):
    print(f"{code} {words}: {len(names)}, first {names[0]}")
