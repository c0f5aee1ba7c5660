"""Zones and provinces: the real ones, and as many invented ones as a trial of another size asks for."""

import csv
from dataclasses import dataclass, replace
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
    """A province as provinces.csv has it, or an invented one."""

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


def provinces_for(count: int) -> list[ProvinceData]:
    """`count` provinces: real ones first, then invented ones spread over the zones."""
    real = read_provinces()
    invented = [
        replace(
            real[number % len(real)],
            code=f"x{number:04d}",
            name_th=f"จังหวัดสมมติ {number}",
            name_en=f"Invented province {number}",
            zone_number=number % 18 + 1,
            sort=100 + number,
            invented=True,
        )
        for number in range(len(real) + 1, count + 1)
    ]
    return (real + invented)[:count]
