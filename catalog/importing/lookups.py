"""Rows by many keys at once."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup


class AmongThem(Lookup):
    """``column IN (…)`` with all values in one parameter, for imports that ask for hundreds at a time.

    Django writes a parameter for each, which takes it longer than the database
    needs to answer.
    """

    lookup_name = "among_them"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        # Without the length of a varchar(100): a cast to that would cut longer values short.
        kind = self.lhs.output_field.rel_db_type(connection).partition("(")[0]
        return f"{column} = ANY(%s::{kind}[])", (*params, list(self.rhs))

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, json.dumps(list(self.rhs)))
