"""Puts a migration that is not shipped after those of `customers`, as a package of its own in a temporary folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent

import pytest
from django.test import override_settings

from engage_server.customers import migrations as shipped
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.templates import _statements
from engage_server.tenancy.versions import _own

ADD_FIELD = """
    migrations.AddField("account", "shoe_size", models.IntegerField(null=True)),
"""


def write_package(
    folder: Path, *, package: str, operations: str, code: str = "", attributes: str = ""
) -> None:
    """Write ``package`` below ``folder``: the shipped migrations and 9999_fake with these operations."""
    target = folder / package
    shutil.copytree(Path(shipped.__path__[0]), target, ignore=shutil.ignore_patterns("__pycache__"))
    last = max(file.stem for file in target.glob("0*.py"))
    (target / "9999_fake.py").write_text(
        "from django.db import migrations, models\n\n"
        + dedent(code)
        + "\n\nclass Migration(migrations.Migration):\n"
        + f"    {attributes}\n"
        + f'    dependencies = [("customers", "{last}")]\n    operations = [\n'
        + indent(dedent(operations).strip(), "        ")
        + "\n    ]\n"
    )


@contextmanager
def fake_migration(
    folder: Path, *, package: str, operations: str, code: str = "", attributes: str = ""
) -> Iterator[str]:
    """Inside the block the code has one more migration than the tenants; yields its module's setting."""
    write_package(folder, package=package, operations=operations, code=code, attributes=attributes)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        with override_settings(MIGRATION_MODULES={"customers": package}):
            forget_digest()
            try:
                yield package
            finally:
                forget_digest()


def forget_digest() -> None:
    """What processes keep as long as they live: they do not see migrations come and go, tests do."""
    schema_digest.cache_clear()
    _statements.cache_clear()
    _own.cache_clear()
