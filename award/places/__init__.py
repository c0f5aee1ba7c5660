"""The zones and provinces of the department, as they are: what a site without a demo round begins with, too."""

import csv
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ZoneData:
    """An inspection zone as zones.csv has it."""

    number: int
    name_th: str
    name_en: str
    centre_th: str  # only where a public source names it


@dataclass(frozen=True, slots=True)
class ProvinceData:
    """A province as provinces.csv has it; a demo invents more of them."""

    code: str
    name_th: str
    name_en: str
    zone_number: int
    region_th: str
    districts: int
    sort: int
    invented: bool = False


def read_zones() -> list[ZoneData]:
    """The 18 inspection zones, by number."""
    with (_HERE / "zones.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [ZoneData(int(row["number"]), row["name_th"], row["name_en"], row["centre_th"]) for row in rows]


def read_provinces() -> list[ProvinceData]:
    """The 76 provinces (Bangkok has no provincial office), in Thai dictionary order."""
    with (_HERE / "provinces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        ProvinceData(
            row["code"], row["name_th"], row["name_en"], int(row["zone"]), row["region_th"],
            int(row["districts"]), int(row["sort"]),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda province: province.sort)
