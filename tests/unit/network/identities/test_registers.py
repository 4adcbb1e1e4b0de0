"""Secrets of homes that were made when they were good for any number of enrolments."""

import sqlite3
from contextlib import closing
from pathlib import Path

from medconsent_network.identities.registers import close_used


def test_only_used_secrets_of_the_homes_own_are_closed(tmp_path: Path) -> None:
    database = tmp_path / "fabric-ca-server.db"
    people = [("peer", -1, 1), ("admin", -1, 0), ("kim", -1, 3), ("orderer", 1, 1)]
    with closing(sqlite3.connect(database)) as register, register:
        register.execute("CREATE TABLE users (id TEXT, max_enrollments INTEGER, state INTEGER)")
        register.executemany("INSERT INTO users VALUES (?, ?, ?)", people)
    close_used(database, ["peer", "admin", "orderer"])
    with closing(sqlite3.connect(database)) as register:
        found = dict(register.execute("SELECT id, max_enrollments FROM users"))
    assert found == {"peer": 1, "admin": -1, "kim": -1, "orderer": 1}


def test_without_a_register_there_is_nothing_to_do(tmp_path: Path) -> None:
    close_used(tmp_path / "none.db", ["peer"])
    assert not (tmp_path / "none.db").exists()
