"""Mutation testing of the check and the rules: mutmut on the unit tests, made affordable and honest; see docs/mutation.md.

What is added to mutmut: properties are mutated too (a verdict is one), sentences for people are not; tests are collected
once and not again for every mutant; each mutant meets the fastest of its tests first, and only as many as a limit allows.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from _pytest.config import _prepareconfig
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation import file_mutation
from mutmut.mutation.mutators import operator_string
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import change_cwd
from mutmut.workers import isolation
from mutmut.workers.isolation import ForkServerRunner, run_in_fork
from mutmut.workers.timeout import register_timeout

MUTANTS = Path("mutants").absolute()
KILLERS = MUTANTS / "killers.txt"
FAILED = MUTANTS / "failed.txt"
SURVIVED = (0, 33)
"""Exit codes: no test failed, or none runs through it."""
KILLED = ("killed", "timeout", "segfault")


# --- which mutants are made -------------------------------------------------------------------------------------------
def _is_property(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.FunctionDef) or len(node.decorators) != 1:
        return False
    decorator = node.decorators[0].decorator
    return isinstance(decorator, cst.Name) and decorator.value in ("property", "cached_property")


def _is_sentence(text: str) -> bool:
    """A text for people has a space or a Chinese character in it; a key, a code or a name has neither."""
    return any(char.isspace() or "一" <= char <= "鿿" for char in text)


def _codes_only(node: cst.BaseString) -> Iterator[cst.BaseString]:
    if not (isinstance(node, cst.SimpleString) and _is_sentence(str(node.evaluated_value))):
        yield from operator_string(node)


def widen() -> None:
    """Have properties mutated, which mutmut leaves out, and sentences left alone, which it would change."""
    skips = file_mutation.MutationVisitor._skip_node_and_children
    arrange = file_mutation.function_trampoline_arrangement

    def skip(self: Any, node: cst.CSTNode) -> bool:
        return not _is_property(node) and skips(self, node)

    def arranged(function: cst.FunctionDef, mutants: Iterable[Any], class_name: str | None) -> tuple[Any, ...]:
        before, methods, after, names = arrange(function, mutants, class_name)
        if _is_property(function):
            methods = [methods[0], *(method.with_changes(decorators=()) for method in methods[1:])]
        return before, methods, after, names

    file_mutation.MutationVisitor._skip_node_and_children = skip
    file_mutation.function_trampoline_arrangement = arranged
    operators = file_mutation.mutation_operators
    file_mutation.mutation_operators = [
        (kind, _codes_only if operator is operator_string else operator) for kind, operator in operators
    ]


# --- how they are run -------------------------------------------------------------------------------------------------
class Kept(PytestRunner):
    """Collects the tests once, before any mutant is born; each mutant's own process then runs those it needs."""

    session: pytest.Session | None = None

    def execute_pytest(self, params: list[str], **kwargs: Any) -> int:
        plugins = [*kwargs.pop("plugins", ()), _Tell()]
        return super().execute_pytest(params, plugins=plugins, **kwargs)

    def warm_up(self) -> None:
        with change_cwd(MUTANTS):
            chosen = [*self._pytest_add_cli_args_test_selection, *self._pytest_add_cli_args]
            # Without capture: what it would put back for each test is the standard output of another process.
            settings = _configured(["--rootdir=.", "-x", "-q", "-s", "--tb=no", *chosen])
            self.session = pytest.Session.from_config(settings)
            settings.hook.pytest_sessionstart(session=self.session)
            settings.hook.pytest_collection(session=self.session)
            self.items = {item.nodeid: item for item in self.session.items}
        gc.collect()
        gc.freeze()  # what is held by now is shared with the processes of the mutants, as long as nobody counts it again

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        if self.session is None:
            return super().run_tests(mutant_name=mutant_name, tests=tests)
        with change_cwd(MUTANTS):
            self.session.items = [self.items[name] for name in tests]
            self.session.config.pluginmanager.register(_Remember(mutant_name or ""))
            try:
                self.session.config.hook.pytest_runtestloop(session=self.session)
            except (pytest.Session.Failed, pytest.Session.Interrupted):
                return 1
            return int(self.session.testsfailed > 0)


class _Tell:
    """Notes which test fails with nothing mutated: mutmut swallows what pytest says and stops without a word of it."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            FAILED.write_text(f"{report.nodeid}\n{report.longreprtext}\n", encoding="utf-8")


class _Remember:
    """Notes which test has killed a mutant: it may kill its neighbours too."""

    def __init__(self, mutant: str) -> None:
        self.module = module_of(mutant)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            with KILLERS.open("a", encoding="utf-8") as notes:
                notes.write(f"{self.module} {report.nodeid}\n")


def module_of(mutant: str) -> str:
    return mutant.rpartition(".")[0].rpartition(".")[2]


def killers(module: str) -> list[str]:
    """Tests that have killed mutants of a module, the most deadly first."""
    notes = KILLERS.read_text(encoding="utf-8").splitlines() if KILLERS.exists() else []
    own = Counter(test for of, _, test in (note.partition(" ") for note in notes) if of == module)
    return [test for test, _ in own.most_common(40)]


def _configured(args: Sequence[str]) -> pytest.Config:
    settings = _prepareconfig(list(args))
    settings._do_configure()
    return settings


class Limited(ForkServerRunner):
    """Runs the tests that killed before first, then the fastest, and no more than `seconds` of them (but always one)."""

    seconds = math.inf

    def submit(self, mutant_name: str, tests: list[str], cpu_time_limit: int, estimated_time: float) -> None:
        chosen = self._fastest(tests, first=killers(module_of(mutant_name)))
        total = sum(state().duration_by_test[name] for name in chosen)
        limit = math.ceil((total + config().timeout_constant) * config().timeout_multiplier * 2)
        super().submit(mutant_name, chosen, limit, total)

    def run_clean_tests(self, tests: Iterable[str]) -> int:
        """With nothing mutated, in the very way that mutants are run: what fails here would kill every mutant."""
        chosen = self._fastest(list(tests) or list(state().duration_by_test))
        return int(run_in_fork(lambda: _run_in_server(chosen)))

    def run_forced_fail(self) -> int:
        """That mutants are really met is known by then: which test meets which was noted by the same switches."""
        return 1

    def _fastest(self, tests: Iterable[str], first: Sequence[str] = ()) -> list[str]:
        lasting = state().duration_by_test
        place = {name: number for number, name in enumerate(first)}
        chosen, total = [], 0.0
        for name in sorted(tests, key=lambda test: (place.get(test, len(place)), lasting[test], test)):
            total += lasting[name]
            if chosen and total > self.seconds:
                break
            chosen.append(name)
        return chosen


def _run_in_server(tests: Sequence[str]) -> int:
    kept = Kept()
    kept.warm_up()
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (as long as the process)
    return kept.run_tests(mutant_name=None, tests=tests)


def patient(pid: int, seconds: float) -> None:
    """A mutant has run away by its own processor time, not because the machine had others to serve: ten times the clock."""
    register_timeout(pid, 10 * seconds)


def runner(max_workers: int = 1) -> Limited:
    return Limited(max_workers, test_runner_class=Kept, test_runner_args={})


def rank(mutant: str) -> float:
    """A place in one fixed random order: whatever was run first, and each sample, is a fair draw, and larger ones hold smaller."""
    return int.from_bytes(hashlib.sha256(f"shanhe {mutant}".encode()).digest()[:6]) / 2**48


# --- what came of it --------------------------------------------------------------------------------------------------
def results() -> dict[str, dict[str, int | None]]:
    """Exit code by mutant, by module."""
    found = {}
    for path in sorted(mutmut.walk_mutatable_files()):
        meta = MUTANTS / f"{path}.meta"
        found[path.stem] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"] if meta.exists() else {}
    return found


def interval(killed: int, run: int, made: int) -> str:
    """Wilson's 95 % interval for the share killed, for a sample drawn without replacement; nothing when all were run."""
    if run in (0, made):
        return ""
    share, z2 = killed / run, 1.96**2 * (made - run) / (made - 1)
    middle, half = share + z2 / (2 * run), math.sqrt(z2 * (share * (1 - share) / run + z2 / (4 * run * run)))
    low, high = ((middle + sign * half) / (1 + z2 / run) for sign in (-1, 1))
    return f"{100 * low:.0f}–{100 * high:.0f}"


def report() -> None:
    print("| module | mutants | run | killed | of them by time | survived | no test | killed % | 95 % interval |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|---|")
    whole: Counter[str] = Counter()
    strata = []
    for module, codes in results().items():
        said = Counter(status_by_exit_code[code] for code in codes.values())
        row = Counter(made=len(codes), run=len(codes) - said["not checked"], killed=sum(said[s] for s in KILLED))
        row += Counter(timeout=said["timeout"], no_test=said["no tests"])
        row["survived"] = row["run"] - row["killed"] - row["no_test"]
        whole += row
        if row["made"]:
            strata.append((row["killed"], row["run"], row["made"]))
            share = f"{100 * row['killed'] / row['run']:.1f}" if row["run"] else ""
            _line(module, row, share, interval(*strata[-1]))
    _line("all, by size", whole, *weighted(strata))


def weighted(strata: Sequence[tuple[int, int, int]]) -> tuple[str, str]:
    """The share of all mutants killed, each module by its size, and its 95 % interval; both empty where one was not run."""
    if not strata or not all(run for _, run, _ in strata):
        return "", ""
    every = sum(made for _, _, made in strata)
    share = sum(made * killed / run for killed, run, made in strata) / every
    variance = 0.0
    for killed, run, made in strata:
        likely = (killed + 1) / (run + 2)  # a module of which all were killed is not sure to have none left
        variance += (made / every) ** 2 * (1 - run / made) * likely * (1 - likely) / run
    half = 1.96 * math.sqrt(variance)
    return f"{100 * share:.1f}", f"{100 * (share - half):.1f}–{100 * (share + half):.1f}"


def _line(module: str, row: Counter[str], share: str, spread: str) -> None:
    counts = (row[k] for k in ("made", "run", "killed", "timeout", "survived", "no_test"))
    print(f"| {' | '.join((module, *map(str, counts), share, spread))} |")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    asked.add_argument("modules", nargs="*", help="modules of zoning; all that are configured when none is named")
    asked.add_argument("--sample", type=int, default=0, help="so many mutants of each module, drawn in a fixed order")
    asked.add_argument(
        "--skip", type=int, default=0, help="leave out so many of that order, which were looked at before"
    )
    asked.add_argument("--whole", nargs="*", default=[], metavar="MODULE", help="modules of which no sample is drawn")
    asked.add_argument("--seconds", type=float, default=math.inf, help="at most so much of tests for each mutant")
    asked.add_argument(
        "--tests", nargs="*", default=[], help="only these test files: quicker, and figures are low rather than high"
    )
    asked.add_argument("--again", action="store_true", help="also those that have survived before")
    asked.add_argument("--children", type=int, default=1, help="processes at a time")
    asked.add_argument("--report", action="store_true", help="only print what is known")
    args = asked.parse_args()
    if not args.report:
        widen()
        Limited.seconds = args.seconds
        if args.tests:
            config().pytest_add_cli_args_test_selection = args.tests
        isolation.register_timeout = patient
        mutmut.get_mutant_runner = runner
        mutmut.estimated_worst_case_time = rank  # what mutants are sorted by
        mutmut.collect_source_file_mutation_data = _chooser(args)
        FAILED.unlink(missing_ok=True)
        try:
            mutmut._run((), args.children)
        except SystemExit:
            if FAILED.exists():
                print(FAILED.read_text(encoding="utf-8"))
            raise
    report()


def _chooser(args: argparse.Namespace) -> Any:
    collect = mutmut.collect_source_file_mutation_data

    def chosen(*, mutant_names: Sequence[str]) -> Any:
        mutants, by_path = collect(mutant_names=mutant_names)
        kept = []
        for path, data in by_path.items():
            if args.modules and Path(path).stem not in args.modules:
                continue
            own = sorted((m for m in mutants if m[0] is data), key=lambda mutant: rank(mutant[1]))[args.skip :]
            if args.sample and Path(path).stem not in args.whole:
                own = own[: args.sample]
            if args.again:
                own = [(d, name, None if code in SURVIVED else code) for d, name, code in own]
            kept += own
        return kept, by_path

    return chosen


if __name__ == "__main__":
    os.environ["PYTHONHASHSEED"] = "0"
    main()
