"""Print every past contest: what was compared, of how many, and what differs. Ends with 1 where anything does."""

import sys

from tests.contests import Compared, ballots, diving, juries, skating, ski_jumping, workbooks

MODULES = (skating, juries, ballots, diving, ski_jumping)


def all_compared() -> list[Compared]:
    """Every published figure of every contest."""
    return [each for module in MODULES for each in module.compared()]


def print_table(found: list[Compared]) -> None:
    """A line for each, and the sum."""
    for each in found:
        print(f"{each.contest:<22}{each.what:<36}{each.of:>8,}{len(each.wrong):>6}")
    print(f"{'':<22}{'together':<36}{sum(each.of for each in found):>8,}{sum(len(each.wrong) for each in found):>6}")


def main() -> int:
    """Published figures, what no rule set can say, formulas of the workbooks, and then every mismatch."""
    figures = all_compared()
    print(f"{'contest':<22}{'published figure':<36}{'of':>8}{'wrong':>6}")
    print_table(figures)
    print("\nWhat a rule set cannot say of the published ballots:")
    for what, why in ballots.CANNOT_SAY.items():
        print(f"- {what}: {why}")
    print(f"\n{'contest':<22}{'calculated again':<36}{'of':>8}{'wrong':>6}", flush=True)
    formulas = workbooks.compared()
    print_table(formulas)
    for each in (*figures, *formulas):
        for one in each.wrong:
            print(f"{each.contest}, {each.what}: {one}", file=sys.stderr)
    return 1 if any(each.wrong for each in (*figures, *formulas)) else 0


if __name__ == "__main__":
    sys.exit(main())
