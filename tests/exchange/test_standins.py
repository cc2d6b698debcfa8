"""Stand-ins give way: to the real package when it is wanted, to nothing when they do not fit."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from exchange.standins import GUESSER, empty_package, guess_encodings_later, standing_in


@pytest.fixture
def guesser(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The real one, no longer loaded under its name."""
    # what an earlier test has left there may itself be a stand-in: it gives way when it is used
    assert import_module(GUESSER).detect
    real = sys.modules[GUESSER]
    monkeypatch.delitem(sys.modules, GUESSER)
    return real


def test_whoever_kept_the_stand_in_gets_the_real_thing_from_it(
    guesser: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess_encodings_later()
    kept = sys.modules[GUESSER]
    assert kept is not guesser
    assert kept.__version__ == guesser.__version__
    with pytest.raises(AttributeError):
        kept.__all__  # noqa: B018 - to look at it is not to use it
    monkeypatch.setitem(sys.modules, GUESSER, guesser)  # loaded by somebody else meanwhile
    assert kept.detect is guesser.detect
    assert sys.modules[GUESSER] is guesser


def test_a_guesser_that_looks_different_is_left_to_requests(
    guesser: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"{guesser.__name__}.version", None)
    guess_encodings_later()
    assert GUESSER not in sys.modules


def test_what_is_no_package_is_not_stood_in_for() -> None:
    spec = find_spec("json.decoder")
    assert spec is not None
    with pytest.raises(ImportError, match="no package"):
        empty_package(spec)


def test_of_a_stand_in_that_failed_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "heavy"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('was to be spared')")
    (package / "whole.py").write_text("")
    (package / "broken.py").write_text("import heavy.whole, heavy.gone")
    monkeypatch.syspath_prepend(tmp_path)
    spec = find_spec("heavy")
    assert spec is not None
    with pytest.raises(ModuleNotFoundError, match="gone"), standing_in(spec):
        import_module("heavy.broken")
    assert [name for name in sys.modules if name.partition(".")[0] == "heavy"] == []
