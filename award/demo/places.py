"""As many provinces as a trial asks for: the real ones, then invented ones."""

from dataclasses import replace

from award.places import ProvinceData, read_provinces


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
