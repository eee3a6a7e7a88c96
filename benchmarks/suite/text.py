"""The Antimony text of a problem. Needs the standard library only."""

import re


def model_text(folder, problem):
    """The model that `problem.toml` names, with what it says to add before the last `end`; what that assigns replaces the model's value."""
    text = (folder / problem["model"]).read_text()
    if "add" not in problem:
        return text
    added = (folder / problem["add"]).read_text()
    for name in re.findall(r"^ *(\w+) :=", added, re.M):
        text = re.sub(rf"^( *){name} = [^;]*;", r"\1", text, count=1, flags=re.M)
    end = text.rindex("\nend")
    return text[:end] + "\n" + added + text[end:]
