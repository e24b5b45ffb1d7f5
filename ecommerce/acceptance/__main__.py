"""`make accept [STEPS="races starts properties"]`: runs the long proofs and prints their figures as a table."""

import os
import subprocess
import sys
from collections.abc import Iterator

from ecommerce.acceptance.api_races import (
    equal_checkouts,
    last_units_by_api,
    oversell_by_api,
    simultaneous_adds_by_api,
)
from ecommerce.acceptance.crashes import crashes
from ecommerce.acceptance.demo_runs import demo
from ecommerce.acceptance.exports import exports
from ecommerce.acceptance.fuzzing import fuzzing
from ecommerce.acceptance.imports import imports
from ecommerce.acceptance.pictures import hostile_pictures
from ecommerce.acceptance.races import (
    Finding,
    add_during_checkout,
    last_units,
    oversell,
    oversell_control,
    repeated_forms,
    simultaneous_adds,
)
from ecommerce.acceptance.sdk import sdk
from ecommerce.acceptance.starts import first_start
from ecommerce.acceptance.throwaway import ROOT, shop
from ecommerce.acceptance.throwaway import database as new_database
from ecommerce.acceptance.trouble import trouble

VENDORS = ("sqlite", "postgresql")


def races() -> Iterator[Finding]:
    for vendor in VENDORS:
        with shop(vendor, WORKERS="8") as made:
            yield oversell(made, vendor, trials=50)
            yield repeated_forms(made, vendor, forms=50)
            yield simultaneous_adds(made, vendor, trials=20)
            yield add_during_checkout(made, vendor, trials=100)
            yield oversell_by_api(made, vendor, trials=50)
            yield equal_checkouts(made, vendor, trials=50)
            yield simultaneous_adds_by_api(made, vendor, trials=20)
    with shop("postgresql", WORKERS="8") as made:
        yield oversell_control(made, "website", lambda: last_units(made, trials=10)[0])
        yield oversell_control(made, "API", lambda: last_units_by_api(made, trials=10)[0])


def starts() -> Iterator[Finding]:
    yield first_start(cold=True, limit=180)
    yield first_start(cold=False, limit=60)


def properties() -> Iterator[Finding]:
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "accept"}
    yield tests_pass("properties, profile accept", environment, "-m", "hypothesis")
    with new_database("postgresql") as url:
        name = "totals of 1,000 carts, postgresql"
        yield tests_pass(name, environment | {"DATABASE_URL": url}, "ecommerce/tests/test_api_totals.py")


def tests_pass(name: str, environment: dict[str, str], *labels: str) -> Finding:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", *labels]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return Finding(name, done.stdout.strip().splitlines()[-1], done.returncode == 0)


STEPS = {
    "properties": properties,
    "races": races,
    "api": fuzzing,
    "sdk": sdk,
    "starts": starts,
    "demo": demo,
    "crashes": crashes,
    "exports": exports,
    "imports": imports,
    "pictures": hostile_pictures,
    "trouble": trouble,
}


def main() -> int:
    findings = []
    for name in sys.argv[1:] or STEPS:
        for finding in STEPS[name]():
            findings.append(finding)
            print(f"{'ok  ' if finding.holds else 'FAIL'}  {finding.name}: {finding.printed}", flush=True)
    failed = sum(not finding.holds for finding in findings)
    print(f"{len(findings) - failed} hold, {failed} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
