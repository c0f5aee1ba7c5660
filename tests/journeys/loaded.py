"""Whatever `award serve` loads, loaded: what `started` begins its processes from."""

import award.cli
import award.start  # noqa: F401
from award.views import blueprints

blueprints()
