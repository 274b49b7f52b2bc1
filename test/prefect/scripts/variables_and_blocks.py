"""
Sets and reads variables, and registers, saves, nests and loads blocks, as flows do. Prints what it found as one line of
JSON after the word FOUND.
"""

import asyncio
import json
from typing import Any, Dict, List, Optional

import prefect
from prefect import get_client
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
from prefect.variables import Variable

if prefect.__version__.startswith("2"):
    from pydantic.v1 import Field, SecretStr
else:
    from pydantic import Field, SecretStr


class Inner(Block):
    """Holds numbers that Python and JavaScript write differently."""

    _block_type_slug = "inner"
    whole: float = 1.0
    large: float = 1e20
    small: float = 1e-7
    text: str = Field(default="é 😀", description="not ASCII: \u007f é 😀")


class Outer(Block):
    _block_type_slug = "outer"
    inner: Inner
    other: Optional[Inner] = None
    password: Optional[SecretStr] = None
    names: List[str] = []
    more: Dict[str, Any] = {}


FOUND = {}


def value_of(variable):
    return getattr(variable, "value", variable)


def refused(save):
    try:
        save()
    except Exception as error:
        return str(error)
    return None


async def checksums():
    """Whether the schema of each block is found by the checksum that the client computes."""
    async with get_client() as client:
        found = {}
        for block in (Inner, Outer, Secret, LocalFileSystem):
            schema = await client.read_block_schema_by_checksum(
                block._calculate_schema_checksum(), version=block.get_block_schema_version()
            )
            found[block.__name__] = schema.id == block._block_schema_id
        return found


async def anonymous():
    saved = [await LocalFileSystem(basepath="/tmp/somewhere")._save(is_anonymous=True) for _ in range(2)]
    return [str(each) for each in saved]


Variable.set("greeting", "hello")
Variable.set("greeting", "hello again", overwrite=True)
FOUND["variable"] = value_of(Variable.get("greeting"))
FOUND["missing variable"] = value_of(Variable.get("missing", default="a default"))

for block in (Inner, Outer, Secret, LocalFileSystem):
    block.register_type_and_schema()
    block.register_type_and_schema()
FOUND["checksums"] = asyncio.run(checksums())

inner = Inner(whole=2.0)
inner.save("my-inner")
outer = Outer(inner=inner, names=["a"], more={"b": [1, None]})
outer.save("my-outer")
outer.names = ["c"]
outer.save("my-outer", overwrite=True)
loaded = Outer.load("my-outer")
FOUND["nested"] = [loaded.inner.whole, loaded.inner._block_document_name, loaded.names, loaded.more]
FOUND["by type and name"] = Block.load("inner/my-inner").whole
FOUND["saved again"] = refused(lambda: inner.save("my-inner"))
FOUND["secret"] = refused(lambda: Secret(value="swordfish").save("my-secret"))
FOUND["nested secret"] = refused(lambda: Outer(inner=inner, password="swordfish").save("my-password"))
Secret(value="{{ $TOKEN }}").save("my-template")
FOUND["template"] = Secret.load("my-template").get()
FOUND["anonymous"] = asyncio.run(anonymous())
print("FOUND" + json.dumps(FOUND))
