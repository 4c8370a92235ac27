"""python3 tools/parity/make_fixtures.py OUT [models] [tokenizers]: see README.md."""

import sys
from pathlib import Path


def main(out, what):
    out.mkdir(parents=True, exist_ok=True)
    if "models" in what:
        from make_models import make_models

        make_models(out / "models")
    if "tokenizers" in what:
        from make_tokenizers import make_tokenizers
        from patterns import make_patterns

        make_tokenizers(out / "tokenizers")
        make_patterns(out / "pre-tokenizers.json")


main(Path(sys.argv[1]), sys.argv[2:] or ["models", "tokenizers"])
