"""Small files and small functions: what does not fit a screen is not read."""

import ast
from statistics import median

from tests.house.sources import MAY_IMPORT, ROOT, files_of, named

FILE_LINES_MAX = 350
FUNCTION_LINES_MAX = 50  # without the docstring
TABLE_LINES_MAX = 60  # tests hold tables
MEDIAN_FILE_LINES_MAX = 120

PRODUCT = [path for room in MAY_IMPORT for path in files_of(room)]
TESTS = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py"]


def test_no_file_is_long() -> None:
    lines = {named(path): len(path.read_text("utf-8").splitlines()) for path in PRODUCT + TESTS}
    assert {path: count for path, count in lines.items() if count > FILE_LINES_MAX} == {}


def test_files_are_short_as_a_rule() -> None:
    lines = [len(path.read_text("utf-8").splitlines()) for path in PRODUCT]
    assert lines
    assert median(lines) <= MEDIAN_FILE_LINES_MAX


def test_no_function_is_long() -> None:
    long = {}
    for path in PRODUCT + TESTS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node, clean=False)
                words = docstring.count("\n") + 1 if docstring else 0
                count = (node.end_lineno or 0) - node.lineno + 1 - words
                if count > (FUNCTION_LINES_MAX if path in PRODUCT else TABLE_LINES_MAX):
                    long[f"{named(path)}:{node.lineno} {node.name}"] = count
    assert long == {}
