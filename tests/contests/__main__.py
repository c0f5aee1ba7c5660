"""Print every past contest: what was compared, of how many, and what differs. Ends with 1 where anything does."""

import sys

from tests.contests import Compared, ballots, diving, juries, skating, ski_jumping

MODULES = (skating, juries, ballots, diving, ski_jumping)


def all_compared() -> list[Compared]:
    """Every figure of every contest."""
    return [each for module in MODULES for each in module.compared()]


def main() -> int:
    """The table, then every mismatch."""
    found = all_compared()
    for each in found:
        print(f"{each.contest:<22}{each.what:<28}{each.of:>6,}{len(each.wrong):>6}")
    print(f"{'':<22}{'':<28}{sum(each.of for each in found):>6,}{sum(len(each.wrong) for each in found):>6}")
    print("(contest, what was compared, how many, mismatches)")
    print("\nWhat a rule set cannot say of the published ballots:")
    for what, why in ballots.CANNOT_SAY.items():
        print(f"- {what}: {why}")
    wrong = [f"{each.contest}, {each.what}: {one}" for each in found for one in each.wrong]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
