"""Time courses of `cases/*.ant` as the reference implementation reads them.

Reads each file with the PyPI package `antimony` (3.3.0), flattens it to SBML and simulates that with `libroadrunner`
(2.10.0) at tight tolerances; writes `cases/<case>.csv`: time and the value of every species, parameter and compartment (species
as formulas mean them). A case that one of the two cannot read or simulate is named and gets no file.

    pip install antimony==3.3.0 libroadrunner==2.10.0
    python validation/antimony/reference.py [FOLDER]
"""

import multiprocessing
import pathlib
import sys
import xml.etree.ElementTree as xml

END, STEPS = 10.0, 20
CORE = "{http://www.sbml.org/sbml/level3/version2/core}"


def selections(sbml):
    """What to record, and under which names."""
    model = xml.fromstring(sbml).find(CORE + "model")
    found = [("time", "time")]
    for species in model.iter(CORE + "species"):
        name = species.get("id")
        is_amount = species.get("hasOnlySubstanceUnits") == "true"
        found.append((name, name if is_amount else f"[{name}]"))
    for kind in ("compartment", "parameter"):
        found += [(e.get("id"), e.get("id")) for e in model.iter(CORE + kind)]
    return found


def course(path, queue):
    """Puts the table of one case, or what went wrong, into the queue."""
    import antimony
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    if antimony.loadAntimonyFile(str(path)) < 0:
        queue.put(("not read", antimony.getLastError()))
        return
    sbml = antimony.getSBMLString(None)
    try:
        runner = roadrunner.RoadRunner(sbml)
        runner.integrator.relative_tolerance = 1e-11
        runner.integrator.absolute_tolerance = 1e-13
        runner.integrator.maximum_num_steps = 100_000
        columns = selections(sbml)
        runner.selections = [selection for _, selection in columns]
        rows = runner.simulate(0, END, STEPS + 1)
    except Exception as reason:  # roadrunner raises plain RuntimeErrors
        queue.put(("not simulated", str(reason)))
        return
    lines = [",".join(name for name, _ in columns)]
    lines += [",".join(f"{value:.12g}" for value in row) for row in rows]
    queue.put(("read", "\n".join(lines) + "\n"))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "cases"
    for path in sorted(folder.glob("*.ant")):
        queue = multiprocessing.Queue()
        process = multiprocessing.Process(target=course, args=(path, queue))
        process.start()
        try:
            verdict, text = queue.get(timeout=30)
        except Exception:
            verdict, text = "not read", "no answer in 30 seconds"
        process.kill()
        if verdict == "read":
            path.with_suffix(".csv").write_text(text)
        else:
            print(f"{path.stem}: {verdict}: {' '.join(text.split())[:300]}")


if __name__ == "__main__":
    main()
