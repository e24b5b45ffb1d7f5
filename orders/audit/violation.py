from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks a promise."""

    rule: str
    table: str
    row: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.rule}: {self.table} {self.row}: {self.sentence}"


def wrong(rule: str, row, sentence: str) -> Violation:
    return Violation(rule, row._meta.db_table, str(row.pk), sentence)
