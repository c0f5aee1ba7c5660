"""A ZIP that says nothing of when it was made: the same input gives the same bytes."""

import shutil
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


class StableArchive(ZipFile):
    """Members carry a fixed date, whatever writes them."""

    def __init__(self, file: Any):
        super().__init__(file, "w", ZIP_DEFLATED, allowZip64=True)

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(self.member(zinfo_or_arcname), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(self.member(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    @staticmethod
    def member(name: Any) -> ZipInfo:
        """What is said of a member: its name, and the same of all else."""
        info = ZipInfo(str(name), (1980, 1, 1, 0, 0, 0))
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info
